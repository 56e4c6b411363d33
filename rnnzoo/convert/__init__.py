"""Weights of LSTM, GRU and Elman networks from and to other libraries."""

from rnnzoo.convert.keras_layers import from_keras, to_keras
from rnnzoo.convert.torch_weights import from_torch, to_torch

__all__ = ["from_keras", "from_torch", "to_keras", "to_torch"]
