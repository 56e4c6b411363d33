"""Dates written as people write them in 30 locales, and ISO 8601.

Importing this registers the TFDS name `dates`.
"""

from rnnzoo.datasets.dates.builder import Dates
from rnnzoo.datasets.dates.forms import LOCALES, forms, write
from rnnzoo.datasets.dates.readings import readings

__all__ = ["LOCALES", "Dates", "forms", "readings", "write"]
