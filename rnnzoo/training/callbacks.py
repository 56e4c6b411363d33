"""What a model that is learning already makes of held-out examples."""

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
        words = [
            f"{scores.LABELS[name]} {scores.number(name, found[name])}"
            for name in found
        ]
        print(
            f"scores of {len(self.source)} held-out examples: "
            + ", ".join(words)
        )
        shown = zip(
            self.source[: self.show], predictions, self.target, strict=False
        )
        for source, prediction, target in shown:
            mark, rest = "ok   ", ""
            if prediction != target:
                mark, rest = "wrong", f" (not {target})"
            # The source last: right-to-left text would reorder what follows.
            print(f"  {mark}  {prediction or '(nothing)'}{rest}  <-  {source}")
