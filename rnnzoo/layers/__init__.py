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
from rnnzoo.layers.carried_states import CarriedStates
from rnnzoo.layers.character_encoder import CharacterEncoder
from rnnzoo.layers.frame_encoder import FrameEncoder
from rnnzoo.layers.head import Head
from rnnzoo.layers.per_frame import PerFrame
from rnnzoo.layers.pooling import SequencePooling
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.sequence_encoder import SequenceEncoder
from rnnzoo.layers.stack import Stack
from rnnzoo.layers.token_decoder import TokenDecoder
from rnnzoo.layers.word_encoder import WordEncoder

__all__ = [
    "AttentionDecoder",
    "Block",
    "Bridge",
    "CarriedStates",
    "CharacterEncoder",
    "FrameEncoder",
    "Head",
    "MLSTMBlock",
    "MemoryAttention",
    "MinRNNBlock",
    "PerFrame",
    "RWKVBlock",
    "Recurrent",
    "SLSTMBlock",
    "SequenceEncoder",
    "SequencePooling",
    "Stack",
    "TokenDecoder",
    "WordEncoder",
]
