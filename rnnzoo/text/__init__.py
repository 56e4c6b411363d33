"""Vocabularies: strings to ids and back, saved with the model.

Every vocabulary keeps the first four ids for itself: `PAD`, `BEGIN`, `END` and
`UNKNOWN`. Source rows carry neither begin nor end; target rows finish with
`END`, and the model does the shifting. NumPy is all that is needed
until a vocabulary of subwords asks for SentencePiece.
"""

from rnnzoo.text.characters import CharacterVocabulary
from rnnzoo.text.special import BEGIN, END, PAD, UNKNOWN
from rnnzoo.text.storage import load, save
from rnnzoo.text.subwords import SubwordVocabulary
from rnnzoo.text.vectors import read_vectors
from rnnzoo.text.words import WordVocabulary

__all__ = [
    "BEGIN",
    "END",
    "PAD",
    "UNKNOWN",
    "CharacterVocabulary",
    "SubwordVocabulary",
    "WordVocabulary",
    "load",
    "read_vectors",
    "save",
]
