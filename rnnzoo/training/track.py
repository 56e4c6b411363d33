"""The numbers of a training, logged and summed up."""

import math
import time

import keras
import tensorflow as tf

from rnnzoo.memory import peak_memory


class Track(keras.callbacks.Callback):
    """Logs a training to a `tracking.Run`, under the names all recipes share.

    After each epoch train/..., val/... and train/lr. At the end, over all
    processes if the training was resumed:

    * best/epoch, that of the lowest val/loss, best/... with all its val/...,
      and perf/seconds_to_best;
    * perf/fit_seconds in all; perf/first_step_seconds, which traces and
      compiles; perf/train_seconds without validation and callbacks, and with
      it perf/steps_per_second and perf/examples_per_second;
    * perf/input_wait_share, the share of perf/train_seconds that steps waited
      for their data, where the model counts `input_seconds`;
    * perf/peak_memory_mb of this process; perf/peak_gpu_memory_mb, of the GPU
      that tensors took the most of, where there are GPUs; and
      model/num_params.

    Args:
        run: a `tracking.Run`.
        examples: int. Training examples in an epoch.
    """

    def __init__(self, run, examples):
        super().__init__()
        self.run = run
        self.examples = examples
        self.seconds = {"fit": 0.0, "train": 0.0, "input": 0.0}
        self.steps = 0
        self.epochs = 0
        self.best = None
        self.metrics = {}  # what was logged last, by name

    def get_state(self):
        self._count()
        return {
            "seconds": dict(self.seconds),
            "steps": self.steps,
            "epochs": self.epochs,
            "best": self.best,
            "metrics": dict(self.metrics),
        }

    def set_state(self, state):
        self.seconds = dict(state["seconds"])
        self.steps = state["steps"]
        self.epochs = state["epochs"]
        self.best = state["best"]
        self.metrics = dict(state["metrics"])

    def on_train_begin(self, logs=None):
        self._started = self._last = time.perf_counter()
        self._waited = self._input_seconds()
        self._in_first_step = True

    def on_epoch_begin(self, epoch, logs=None):
        self._tick("fit")

    def on_train_batch_end(self, batch, logs=None):
        self._tick("fit", "train")
        self._batch = batch
        if self._in_first_step:
            self._in_first_step = False
            self.seconds["first_step"] = self._last - self._started

    def on_epoch_end(self, epoch, logs=None):
        self._tick("fit")
        self.epochs += 1
        self.steps += self._batch + 1
        metrics = {_shared_name(name): logs[name] for name in logs or {}}
        rate = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        metrics = {key: float(metrics[key]) for key in metrics}
        self.metrics = {**metrics, "train/lr": rate}
        self.run.log_metrics(self.metrics, step=epoch + 1)
        loss = metrics.get("val/loss", math.nan)
        if self.best is None or loss < self.best["loss"]:
            if math.isfinite(loss):
                self.best = {
                    name.removeprefix("val/"): value
                    for name, value in metrics.items()
                    if name.startswith("val/")
                }
                self.best["epoch"] = epoch + 1
                self.best["seconds"] = self.seconds["fit"]

    def on_train_end(self, logs=None):
        self._count()
        metrics = self._summary()
        self.metrics |= metrics
        self.run.log_metrics(metrics)
        print(_sentence(metrics, self.epochs))

    def _summary(self):
        train = self.seconds["train"] or math.nan
        metrics = {
            "model/num_params": self.model.count_params(),
            "perf/fit_seconds": self.seconds["fit"],
            "perf/train_seconds": self.seconds["train"],
            "perf/steps_per_second": self.steps / train,
            "perf/examples_per_second": self.epochs * self.examples / train,
        }
        if "first_step" in self.seconds:
            seconds = self.seconds["first_step"]
            metrics["perf/first_step_seconds"] = seconds
        share = self.seconds["input"] / train
        if hasattr(self.model, "input_seconds") and math.isfinite(share):
            metrics["perf/input_wait_share"] = share
        if (most := peak_memory()) is not None:
            metrics["perf/peak_memory_mb"] = most / 1e6
        if (most := _peak_gpu_memory()) is not None:
            metrics["perf/peak_gpu_memory_mb"] = most / 1e6
        if self.best is not None:
            best = dict(self.best)
            metrics["perf/seconds_to_best"] = best.pop("seconds")
            metrics |= {f"best/{name}": best[name] for name in best}
        return metrics

    def _tick(self, *names):
        now = time.perf_counter()
        for name in names:
            self.seconds[name] += now - self._last
        self._last = now

    def _count(self):
        """Brings the numbers up to now that are not counted by step."""
        self._tick("fit")
        waited = self._input_seconds()
        self.seconds["input"] += waited - self._waited
        self._waited = waited

    def _input_seconds(self):
        return float(getattr(self.model, "input_seconds", 0.0))


def _peak_gpu_memory():
    """Bytes that tensors took at most on one GPU; None without any."""
    count = len(tf.config.list_logical_devices("GPU"))
    about = tf.config.experimental.get_memory_info
    return max((about(f"GPU:{n}")["peak"] for n in range(count)), default=None)


def _shared_name(name):
    """Keras's "loss" and "val_loss" as "train/loss" and "val/loss"."""
    if name.startswith("val_"):
        return "val/" + name.removeprefix("val_")
    return f"train/{name}"


def _sentence(metrics, epochs):
    words = [
        f"{epochs} epochs in {metrics['perf/fit_seconds']:.0f} s",
        f"{metrics['perf/steps_per_second']:.1f} steps/s",
    ]
    if "perf/input_wait_share" in metrics:
        share = metrics["perf/input_wait_share"]
        words.append(f"{share:.1%} of it waiting for input")
    if "perf/peak_memory_mb" in metrics:
        words.append(f"{metrics['perf/peak_memory_mb']:,.0f} MB of memory")
    if "best/epoch" in metrics:
        words.append(
            f"lowest val/loss {metrics['best/loss']:.4g} in epoch "
            f"{metrics['best/epoch']:.0f}, after "
            f"{metrics['perf/seconds_to_best']:.0f} s"
        )
    return ", ".join(words)
