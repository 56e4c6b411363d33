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
    "spread",
]
