"""A training killed with SIGKILL again and again, and one that is not.

Run as `python -m tests.training.killed FOLDER MOMENT...`: ends with status 0
if both end with the same weights, bit for bit, and the same numbers. Each
MOMENT kills one process: "step 5" at the fifth step that it trains, "writing
3" half way through its third checkpoint, "seconds 1.5" so long after its first
step.

One process imports TensorFlow, and each training is a fork of it.
"""

import json
import os
import pathlib
import signal
import sys
import time
import traceback

import keras
import tensorflow as tf

import rnnzoo
from rnnzoo import text
from rnnzoo.pipelines.text import TextPairs
from rnnzoo.training import fit, resume
from tests.training import small

EPOCHS = 3
CONFIG = {"epochs": EPOCHS}


class KillAt(keras.callbacks.Callback):
    """Kills this process at its `count`th step."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    def on_train_batch_end(self, batch, logs=None):
        self.count -= 1
        if self.count == 0:
            kill()


class FirstStep(keras.callbacks.Callback):
    """Tells the parent process that training has begun."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_train_batch_end(self, batch, logs=None):
        self.path.touch()


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def kill_writing(count):
    """Replaces `fsync`: then a file is written, and not yet in its place."""

    def fsync(number):
        nonlocal count
        count -= 1
        if count == 0:
            os.ftruncate(number, os.fstat(number).st_size // 2)
            kill()

    os.fsync = fsync


def train(folder, moment):
    """One process of a training: to its end, or until it is killed."""
    keras.utils.set_random_seed(1)
    tf.config.experimental.enable_op_determinism()
    what, number = moment.split() if moment else (None, 0)
    callbacks = [FirstStep(folder / "begun")]
    if what == "step":
        callbacks.append(KillAt(int(number)))
    if what == "writing":
        kill_writing(int(number))
    # All of one length: a second shape costs seconds of tracing.
    source = [f"{number:07b}" for number in range(96)]
    target = [f"{number:03o}" for number in range(96)]
    vocabularies = [
        text.CharacterVocabulary.from_texts(texts) for texts in (source, target)
    ]
    pairs = {"source": source, "target": target}
    training = TextPairs(pairs, *vocabularies, 8, shuffle_seed=1)
    checking = TextPairs(pairs, *vocabularies, 64)
    model = rnnzoo.build(
        "seq2seq",
        source_vocabulary=vocabularies[0],
        target_vocabulary=vocabularies[1],
        units=8,
        dropout=0.3,
        max_length=4,
    )
    model.compile()
    run = small.Run()
    # A checkpoint after every step.
    with resume.Session("killed", CONFIG, folder, save_minutes=0.0) as session:
        fit.fit(
            model,
            training,
            checking.dataset(),
            run=run,
            epochs=EPOCHS,
            session=session,
            callbacks=callbacks,
        )
    left = {
        "weights": [weight.hex() for weight in small.state(model)],
        "metrics": run.metrics[EPOCHS],
    }
    (folder / "left.json").write_text(json.dumps(left))


def process(folder, moment=None):
    """Forks `train`, and returns whether it was killed."""
    folder.mkdir(exist_ok=True)
    (folder / "begun").unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            train(folder, moment)
            status = 0
        except BaseException:
            traceback.print_exc()
        # Not `sys.exit`: that would end the parent's own `main` twice.
        sys.stdout.flush()
        os._exit(status)
    if moment and moment.startswith("seconds"):
        while not (folder / "begun").exists():
            time.sleep(0.01)
        time.sleep(float(moment.split()[1]))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if status not in (0, signal.SIGKILL):
        sys.exit(f"a process that was to end with {moment} failed: {status}")
    return status == signal.SIGKILL


def main(folder, *moments):
    folder = pathlib.Path(folder)
    process(folder / "unkilled")
    for moment in moments:
        killed = process(folder / "killed", moment)
        print(f"{moment}: {'killed' if killed else 'had finished'}", flush=True)
        if not killed:
            break
    else:
        process(folder / "killed")
    same = (folder / "unkilled" / "left.json").read_bytes() == (
        folder / "killed" / "left.json"
    ).read_bytes()
    sys.exit(0 if same else "the weights or the numbers differ")


if __name__ == "__main__":
    main(*sys.argv[1:])
