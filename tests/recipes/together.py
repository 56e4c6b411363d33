"""A small training in several processes, one of which kills itself once.

    python -m rnnzoo workers 2 -- python -m tests.recipes.together --kill_at 5

leaves worker-0/left.json with the weights and the numbers of each epoch.
"""

import dataclasses
import json
import os
import pathlib
import signal
import time

from recipes.common import settings, start
from recipes.common.flags import flag

STEPS = 4
EPOCHS = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(settings.Settings):
    kill_at: int | None = flag(None, "step at which worker 1 kills itself")
    stop_at: int | None = flag(None, "step at which worker 1 gets a Ctrl-C")
    rows: int = flag(13, "examples; the last batch has one")
    worker_rows: int | None = flag(None, "those of worker 1")


def build_model(config):
    """Masks, clipping, and an optimizer that remembers."""
    import keras

    import rnnzoo

    model = rnnzoo.build(
        "many_to_one", vocabulary=9, num_outputs=3, units=6, dropout=0.0
    )
    sgd = keras.optimizers.SGD(0.1, momentum=0.9, global_clipnorm=0.1)
    model.compile(sgd)
    return model


def pairs(rows):
    """`small.Pairs` of tokens, some of them padding."""
    import numpy as np

    from tests.training import small

    class Tokens(small.Pairs):
        def __init__(self):
            super().__init__(rows)
            random = np.random.RandomState(0)
            self.x = random.randint(4, 9, size=(rows, 5)).astype("int32")
            self.x[:, 3:] *= random.randint(0, 2, size=(rows, 1))
            self.y = self.x[:, 0] % 3

    return Tokens()


def at(step, number):
    """A callback that sends worker 1 a signal, in one start only."""
    import keras

    from rnnzoo.training import workers

    marker = pathlib.Path("sent")

    class Send(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self.steps += 1
            if self.steps == step and not marker.exists():
                marker.write_text(str(time.time()))
                os.kill(os.getpid(), number)

    # The same callbacks in all workers.
    return Send() if workers.me().index == 1 else keras.callbacks.Callback()


def main(config):
    import keras

    from rnnzoo.training import fit, resume, strategy, workers
    from tests.training import small

    worker = workers.me()
    pathlib.Path(f"worker-{worker.index}").mkdir(exist_ok=True)
    start.set_up(config)
    data = pairs(config.rows if worker.chief else config.worker_rows or 13)
    with strategy.make(config.strategy).scope():
        model = build_model(config)
    callbacks = []
    if config.kill_at is not None:
        callbacks.append(at(config.kill_at, signal.SIGKILL))
    if config.stop_at is not None:
        callbacks.append(at(config.stop_at, signal.SIGINT))
    with resume.Session("together", config, ".", save_minutes=0.0) as session:
        # MLflow's database would take longer than all else.
        run = small.Run(f"worker-{worker.index}")
        fit.fit(
            model,
            data,
            pairs(13).dataset(99),
            run=run,
            epochs=EPOCHS,
            session=session,
            callbacks=callbacks,
        )
    outputs = model.predict(data.x[:7], batch_size=5, verbose=0)
    left = {
        "steps": int(model.optimizer.iterations.numpy()),
        "weights": [w.tolist() for w in model.get_weights()],
        "outputs": keras.ops.convert_to_numpy(outputs).tolist(),
        "metrics": {k: run.metrics[k] for k in run.metrics if k},
    }
    path = pathlib.Path(f"worker-{worker.index}") / "left.json"
    path.write_text(json.dumps(left))
    print(f"worker {worker.index} of {worker.count} is done")


if __name__ == "__main__":
    start.command(main, Config, __doc__)
