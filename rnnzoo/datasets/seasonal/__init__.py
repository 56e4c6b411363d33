"""Weather of a town and what it uses, hour by hour: a series to forecast.

Importing this registers the TFDS name `seasonal`.
"""

from rnnzoo.datasets.seasonal.builder import Seasonal
from rnnzoo.datasets.seasonal.examples import COLUMNS, DAYS, series

__all__ = ["COLUMNS", "DAYS", "Seasonal", "series"]
