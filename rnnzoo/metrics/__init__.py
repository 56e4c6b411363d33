"""Metrics of sequence models, as Keras metrics."""

from rnnzoo.metrics.bleu import Bleu
from rnnzoo.metrics.edit_distance import EditDistance, edit_distances
from rnnzoo.metrics.likelihood import BitsPerCharacter, Perplexity
from rnnzoo.metrics.sequences import SequenceAccuracy
from rnnzoo.metrics.spans import SpanF1
from rnnzoo.metrics.steps import (
    StepAbsoluteError,
    StepAccuracy,
    StepBinaryAccuracy,
    StepMean,
    spread,
)

# What `compile` knows by its name, where Keras knows nothing by that name.
NAMED = {
    "bits_per_character": BitsPerCharacter,
    "edit_distance": EditDistance,
    "perplexity": Perplexity,
    "sequence_accuracy": SequenceAccuracy,
}


def named_metrics(metrics):
    """A list of metrics, with those of rnnzoo in place of their names.

    Args:
        metrics: a metric, its name, a list of these, or None.

    Raises:
        ValueError: something else.
    """
    if metrics is None:
        return []
    if isinstance(metrics, dict):
        raise ValueError(
            "A model of rnnzoo has one output: pass metrics as a list. "
            f"Received: metrics={metrics!r}"
        )
    if not isinstance(metrics, list | tuple):
        metrics = [metrics]
    return [
        NAMED[metric]()
        if isinstance(metric, str) and metric in NAMED
        else metric
        for metric in metrics
    ]


__all__ = [
    "BitsPerCharacter",
    "Bleu",
    "EditDistance",
    "Perplexity",
    "SequenceAccuracy",
    "SpanF1",
    "StepAbsoluteError",
    "StepAccuracy",
    "StepBinaryAccuracy",
    "StepMean",
    "edit_distances",
    "named_metrics",
    "spread",
]
