"""Elements of a cyclic group, and what they compose to after each step.

Importing this registers the TFDS name `cyclic_group`.
"""

from rnnzoo.datasets.cyclic_group.builder import CyclicGroup
from rnnzoo.datasets.cyclic_group.examples import (
    LONGEST,
    ORDERS,
    SIZES,
    TRAINED,
    examples,
)

__all__ = [
    "LONGEST",
    "ORDERS",
    "SIZES",
    "TRAINED",
    "CyclicGroup",
    "examples",
]
