"""How a recurrence runs over a sequence."""

from rnnzoo.kernels.delta_scan import delta_scan
from rnnzoo.kernels.linear_scan import linear_scan, running_maximum
from rnnzoo.kernels.loop import loop
from rnnzoo.kernels.matrix_scan import matrix_scan

__all__ = [
    "delta_scan",
    "linear_scan",
    "loop",
    "matrix_scan",
    "running_maximum",
]
