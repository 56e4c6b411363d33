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
from rnnzoo.layers.copying import Copying
from rnnzoo.layers.crf_head import CRFHead
from rnnzoo.layers.ctc_head import CTCHead
from rnnzoo.layers.embedding import TiedEmbedding
from rnnzoo.layers.frame_encoder import FrameEncoder
from rnnzoo.layers.head import Head
from rnnzoo.layers.heads import make_head
from rnnzoo.layers.item_encoder import ItemEncoder, small_cnn, small_crnn
from rnnzoo.layers.per_frame import PerFrame
from rnnzoo.layers.pooling import SequencePooling
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.scheduled_sampling import ScheduledSampling
from rnnzoo.layers.segment_forecaster import SegmentForecaster
from rnnzoo.layers.sequence_encoder import SequenceEncoder
from rnnzoo.layers.stack import Stack
from rnnzoo.layers.tag_schemes import forbidden_transitions
from rnnzoo.layers.token_decoder import TokenDecoder
from rnnzoo.layers.word_encoder import WordEncoder

__all__ = [
    "AttentionDecoder",
    "Block",
    "Bridge",
    "CRFHead",
    "CTCHead",
    "CarriedStates",
    "CharacterEncoder",
    "Copying",
    "FrameEncoder",
    "Head",
    "ItemEncoder",
    "MLSTMBlock",
    "MemoryAttention",
    "MinRNNBlock",
    "PerFrame",
    "RWKVBlock",
    "Recurrent",
    "SLSTMBlock",
    "ScheduledSampling",
    "SegmentForecaster",
    "SequenceEncoder",
    "SequencePooling",
    "Stack",
    "TiedEmbedding",
    "TokenDecoder",
    "WordEncoder",
    "forbidden_transitions",
    "make_head",
    "small_cnn",
    "small_crnn",
]
