"""Options that several topologies take."""

import numbers

from rnnzoo.cells.checks import positive_integer
from rnnzoo.layers import Stack, make_head
from rnnzoo.text import END

# What the words are that a `Stack` is made of, where nobody says them.
USUAL = {
    "cell": "gru",
    "units": None,
    "num_layers": 1,
    "bidirectional": False,
    "residual": False,
    "pre_norm": False,
    "block": None,
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
}


def chosen_stack(option, stack, words, shared=False, **others):
    """The `Stack` that was passed, or one made of words.

    Args:
        option: str. The option that takes a `Stack`.
        stack: what was passed, or None.
        words: dict. The options of a `Stack` that the topology takes.
        shared: bool. Whether another stack is made of these words.
        **others: options of a `Stack` that is made here.

    Raises:
        ValueError: something else was passed; a `Stack` and words as well.
    """
    if stack is None:
        return Stack(**words, **others)
    if not isinstance(stack, Stack):
        raise ValueError(
            f"`{option}` takes a `rnnzoo.layers.Stack`; a cell's name goes to "
            f"`cell`. Received: {option}={stack!r}"
        )
    for word, value in words.items():
        usual = USUAL[word]
        if not shared and value is not usual and value != usual:
            raise ValueError(
                f"Received {word}={value!r} beside `{option}`, a Stack that "
                "has its own. Give it to the Stack, and leave it out here."
            )
    return stack


def chosen_head(topology, head, num_outputs, dtype, of_sequences=False):
    """The head of a topology, from its kind or from a head that was passed.

    Args:
        topology: str. The name of the topology.
        head, num_outputs: as the topology takes them.
        dtype: dtype policy of a head that was not passed.
        of_sequences: bool. Whether the head may judge whole sequences.

    Raises:
        ValueError: an unknown head; one of sequences that must not be.
    """
    head = make_head(head, num_outputs, dtype=dtype, name="head")
    if head.whole_sequences and not of_sequences:
        raise ValueError(
            f"head={head.kind!r} judges a whole sequence of labels, and "
            f"{topology} gives one output. Take head='softmax', or the "
            "topology 'synced'."
        )
    return head


def vocabulary_size(name, vocabulary, written=False):
    """Number of ids of a vocabulary, or the number itself.

    Args:
        name: str. The option's name.
        vocabulary: int or vocabulary.
        written: bool. Whether the model writes it, and so needs an end token.

    Raises:
        ValueError: neither, or too few ids.
    """
    if vocabulary_object(vocabulary) is not None:
        if not hasattr(vocabulary, "encode") or isinstance(vocabulary, str):
            raise ValueError(
                f"`{name}` takes a number of ids, or a vocabulary such as "
                "`rnnzoo.text.CharacterVocabulary.from_texts(lines)`. "
                f"Received: {name}={vocabulary!r}"
            )
        return len(vocabulary)
    size = positive_integer(name, vocabulary)
    if written and size <= END:
        raise ValueError(
            f"`{name}` must have room for pad, begin and end, the ids 0 to "
            f"{END}. Received: {name}={size}"
        )
    return size


def vocabulary_object(vocabulary):
    """The vocabulary, or None where only a number of ids is known."""
    is_number = vocabulary is None or isinstance(vocabulary, numbers.Number)
    return None if is_number else vocabulary
