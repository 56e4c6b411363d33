"""Vocabularies as files: readable JSON, without any code inside."""

import json
import pathlib

from rnnzoo.text.characters import CharacterVocabulary
from rnnzoo.text.subwords import SubwordVocabulary
from rnnzoo.text.words import WordVocabulary

KINDS = {
    "characters": CharacterVocabulary,
    "subwords": SubwordVocabulary,
    "words": WordVocabulary,
}


def save(vocabulary, path):
    """Writes `vocabulary` to the file `path`, which `load` reads."""
    kinds = {kind for kind, cls in KINDS.items() if type(vocabulary) is cls}
    if not kinds:
        raise ValueError(
            f"Received {vocabulary!r}, which is none of the vocabularies that "
            f"can be saved: {_known_classes()}."
        )
    content = {"kind": kinds.pop(), "config": vocabulary.get_config()}
    # Escapes, so that the file is ASCII whatever the characters are.
    pathlib.Path(path).write_text(
        json.dumps(content, indent=1) + "\n", encoding="ascii"
    )


def load(path):
    """Returns the vocabulary that `save` wrote to the file `path`."""
    try:
        content = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"Cannot read a vocabulary from {str(path)!r}: {error}. A file "
            "written by `rnnzoo.text.save` is expected."
        ) from error
    kind = content.get("kind") if isinstance(content, dict) else None
    if kind not in KINDS:
        raise ValueError(
            f"{str(path)!r} holds a vocabulary of kind {kind!r}, but known "
            f"kinds are {sorted(KINDS)}. A file written by `rnnzoo.text.save` "
            "is expected."
        )
    try:
        return KINDS[kind].from_config(content["config"])
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{str(path)!r} names the kind {kind!r}, but its config is not one "
            f"of that kind: {error}. The file may be cut off or edited."
        ) from error


def _known_classes():
    return ", ".join(sorted(cls.__name__ for cls in KINDS.values()))
