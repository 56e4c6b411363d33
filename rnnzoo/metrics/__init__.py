"""Metrics of sequence models, as Keras metrics."""

from rnnzoo.metrics.edit_distance import EditDistance, edit_distances
from rnnzoo.metrics.steps import (
    StepAbsoluteError,
    StepAccuracy,
    StepBinaryAccuracy,
    StepMean,
    spread,
)

__all__ = [
    "EditDistance",
    "StepAbsoluteError",
    "StepAccuracy",
    "StepBinaryAccuracy",
    "StepMean",
    "edit_distances",
    "spread",
]
