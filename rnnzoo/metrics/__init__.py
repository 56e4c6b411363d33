"""Metrics of sequence models, as Keras metrics."""

from rnnzoo.metrics.steps import (
    StepAbsoluteError,
    StepAccuracy,
    StepBinaryAccuracy,
    StepMean,
    spread,
)

__all__ = [
    "StepAbsoluteError",
    "StepAccuracy",
    "StepBinaryAccuracy",
    "StepMean",
    "spread",
]
