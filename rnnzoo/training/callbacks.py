"""What happens between the steps of a training: checks, samples, tracking."""

import math
import time

import keras

from rnnzoo.training import generation, report, scores


class HeldOutScores(keras.callbacks.Callback):
    """Generates from held-out sources while the model learns, and compares.

    Adds "val_exact_match", "val_bleu", ... to the epoch's numbers, prints
    them, and prints some of the sources with what the model makes of them and
    a mark if it is right. Generates greedily.

    Args:
        source: list of str. The model must have its vocabularies.
        target: list of str, one for each source.
        metrics: names of `scores.NAMES`; what they cost is mostly the
            generating, whatever their number.
        every: int. Checks after every so many epochs, and after the last.
        show: int. How many examples are printed.

    Raises:
        ValueError: no sources, not one target for each, an unknown metric.
    """

    def __init__(
        self, source, target, metrics=("exact_match",), every=1, show=3
    ):
        super().__init__()
        report.check_pairs(source, target)
        self.source = list(source)
        self.target = list(target)
        self.metrics = tuple(scores.check_names(metrics))
        self.every = every
        self.show = show

    def on_epoch_end(self, epoch, logs=None):
        last = epoch + 1 == self.params["epochs"]
        if (epoch + 1) % self.every and not last:
            return
        predictions = generation.generate(self.model, self.source)
        found = scores.score(predictions, self.target, self.metrics)
        if logs is not None:
            logs.update({f"val_{name}": found[name] for name in found})
        words = ", ".join(scores.words(name, found[name]) for name in found)
        print(f"scores of {len(self.source)} held-out examples: {words}")
        shown = zip(
            self.source[: self.show], predictions, self.target, strict=False
        )
        for source, prediction, target in shown:
            mark, rest = "ok   ", ""
            if prediction != target:
                mark, rest = "wrong", f" (not {target})"
            # The source last: right-to-left text would reorder what follows.
            print(f"  {mark}  {prediction or '(nothing)'}{rest}  <-  {source}")


# Until recipes/translation.py says HeldOutScores.
ExactMatch = HeldOutScores


class StopOnNaN(keras.callbacks.Callback):
    """Ends a training whose loss is no number, keeping the last good weights.

    Raises:
        FloatingPointError: naming epoch and step, after the weights of the
            last whole epoch (or the first ones) have been put back.
    """

    def on_train_begin(self, logs=None):
        self.epoch = 0
        # A model that is built by its first step has nothing to put back.
        self.good = self.model.get_weights() if self.model.built else None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        loss = (logs or {}).get("loss", 0.0)
        if math.isfinite(loss):
            return
        done = ""
        if self.good is not None:
            self.model.set_weights(self.good)
            done = "The weights from before that epoch were put back. "
        raise FloatingPointError(
            f"The loss became {float(loss)} in epoch {self.epoch + 1}, at "
            f"step {batch + 1}. {done}Try a lower learning rate, stronger "
            "gradient clipping, or look for wrong values in the data."
        )

    def on_epoch_end(self, epoch, logs=None):
        self.good = self.model.get_weights()


class Track(keras.callbacks.Callback):
    """Logs a training to a `tracking.Run`, under the names all recipes share.

    After each epoch train/..., val/... and train/lr; at the end
    perf/fit_seconds, perf/first_step_seconds (tracing and compiling),
    perf/examples_per_second and model/num_params.

    Args:
        run: a `tracking.Run`.
        examples: int. Training examples in an epoch.
    """

    def __init__(self, run, examples):
        super().__init__()
        self.run = run
        self.examples = examples
        self.seconds = {}

    def on_train_begin(self, logs=None):
        self.started = time.perf_counter()
        self.seen = 0

    def on_train_batch_end(self, batch, logs=None):
        if "first_step" not in self.seconds:
            now = time.perf_counter()
            self.seconds["first_step"] = now - self.started

    def on_epoch_end(self, epoch, logs=None):
        self.seen += self.examples
        metrics = {_shared_name(name): logs[name] for name in logs or {}}
        rate = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        self.run.log_metrics({**metrics, "train/lr": rate}, step=epoch + 1)

    def on_train_end(self, logs=None):
        self.seconds["fit"] = time.perf_counter() - self.started
        self.run.log_metrics(
            {
                "model/num_params": self.model.count_params(),
                "perf/fit_seconds": self.seconds["fit"],
                "perf/first_step_seconds": self.seconds["first_step"],
                "perf/examples_per_second": self.seen / self.seconds["fit"],
            }
        )


def _shared_name(name):
    """Keras's "loss" and "val_loss" as "train/loss" and "val/loss"."""
    if name.startswith("val_"):
        return "val/" + name.removeprefix("val_")
    return f"train/{name}"
