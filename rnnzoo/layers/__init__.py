"""What consumes sequences `(batch, timesteps, features)`."""

from rnnzoo.layers.attention import MemoryAttention
from rnnzoo.layers.attention_decoder import AttentionDecoder
from rnnzoo.layers.block import Block
from rnnzoo.layers.blocks import (
    MinRNNBlock,
    MLSTMBlock,
    RWKVBlock,
    SLSTMBlock,
)
from rnnzoo.layers.bridge import Bridge
from rnnzoo.layers.ctc_head import CTCHead
from rnnzoo.layers.head import Head
from rnnzoo.layers.pooling import SequencePooling
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.sequence_encoder import SequenceEncoder
from rnnzoo.layers.stack import Stack
from rnnzoo.layers.token_decoder import TokenDecoder

__all__ = [
    "AttentionDecoder",
    "Block",
    "Bridge",
    "CTCHead",
    "Head",
    "MLSTMBlock",
    "MemoryAttention",
    "MinRNNBlock",
    "RWKVBlock",
    "Recurrent",
    "SLSTMBlock",
    "SequenceEncoder",
    "SequencePooling",
    "Stack",
    "TokenDecoder",
]
