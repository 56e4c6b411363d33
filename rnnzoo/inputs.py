"""Checks of what a model is fed: which array, what is wrong, what to do."""

import numpy as np

from rnnzoo.text import BEGIN, END, PAD


def is_array(value):
    """Whether a value is at hand, not a data set or a symbolic tensor."""
    if isinstance(value, np.ndarray | list | tuple):
        return True
    if not (hasattr(value, "__array__") and hasattr(value, "shape")):
        return False
    try:
        np.asarray(value)
    except (NotImplementedError, TypeError, ValueError):
        return False  # What TensorFlow, JAX and Keras say of symbolic tensors.
    return True


def as_arrays(tree):
    """Lists as arrays, where NumPy finds one; `check_...` tells of others."""
    if isinstance(tree, dict):
        return {name: as_arrays(value) for name, value in tree.items()}
    if not isinstance(tree, list | tuple):
        return tree
    try:
        return np.asarray(tree)
    except ValueError:
        return tree


def as_array(name, values):
    """`(array, description)` of values at hand, of which there must be some.

    Raises:
        ValueError: no rows, or rows of different lengths.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:  # What NumPy says of lists of other lengths.
        raise ValueError(
            f"`{name}` has rows of different lengths. Pad the short ones, "
            "token ids with 0, so that they make one array."
        ) from error
    if array.ndim and not len(array):
        raise ValueError(f"`{name}` is empty. Pass at least one row.")
    if array.dtype == object:
        return array, f"objects of type {type(values).__name__}"
    return array, f"{array.dtype} of the shape {array.shape}"


def is_strings(lines):
    """Whether `lines` are text; a single string is, and is refused later."""
    if isinstance(lines, np.ndarray):
        return lines.dtype.kind in "OU"
    return isinstance(lines, str) or (
        isinstance(lines, list | tuple)
        and any(isinstance(line, str) for line in lines)
    )


def as_list(lines):
    """Lines of text as a list, where they are an array."""
    return lines.tolist() if isinstance(lines, np.ndarray) else lines


def check_tokens(name, ids, vocabulary_size, max_length=None, empty_rows=False):
    """Ids `(batch, timesteps)` in [0, vocabulary_size), no empty rows.

    Raises:
        ValueError: otherwise, or where a row is longer than `max_length`. With
            `empty_rows` a row may be empty.
    """
    ids, received = as_array(name, ids)
    if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(
            f"`{name}` must hold integer token ids of the shape (batch, "
            f"timesteps). Received: {received}."
        )
    if ids.size and not 0 <= ids.min() <= ids.max() < vocabulary_size:
        bad = ids.min() if ids.min() < 0 else ids.max()
        row, step = np.argwhere(ids == bad)[0]
        raise ValueError(
            f"`{name}` holds the token id {bad} (row {row}, step {step}), "
            f"outside the vocabulary of {vocabulary_size} ids. Encode with the "
            "model's vocabulary, or build the model with a larger one."
        )
    lengths = (ids != PAD).sum(axis=1)
    if not empty_rows and not lengths.all():
        raise ValueError(
            f"`{name}` has an empty row, row {lengths.argmin()}: every row "
            "needs at least one token that is not pad (0). Leave it out."
        )
    if max_length is not None and lengths.max() > max_length:
        raise ValueError(
            f"`{name}` has a row of {lengths.max()} tokens (row "
            f"{lengths.argmax()}), longer than max_length={max_length}. "
            "Shorten it, or build the model with a larger max_length."
        )


def check_characters(name, ids, vocabulary_size, shape):
    """Ids `(*shape, characters)` of words, in [0, vocabulary_size).

    Raises:
        ValueError: otherwise.
    """
    ids, received = as_array(name, ids)
    fits = ids.ndim == 3 and ids.shape[:2] == tuple(shape) and ids.shape[2]
    if not fits or not np.issubdtype(ids.dtype, np.integer):
        commas = ", ".join(map(str, shape))
        raise ValueError(
            f"`{name}` must hold the integer ids of the characters of every "
            f"word, at least one, of the shape ({commas}, characters). "
            f"Received: {received}."
        )
    outside = (ids < 0) | (ids >= vocabulary_size)
    if outside.any():
        row, word, place = np.argwhere(outside)[0]
        raise ValueError(
            f"`{name}` holds the id {ids[row, word, place]} (row {row}, word "
            f"{word}), outside the vocabulary of {vocabulary_size} ids. Encode "
            "with the model's vocabulary, or build the model with a larger one."
        )


def check_values(name, values, shape):
    """Values `(batch, *shape)`, `None` in `shape` standing for any size.

    Raises:
        ValueError: otherwise.
    """
    values, received = as_array(name, values)
    expected = ("batch", *("timesteps" if n is None else n for n in shape))
    fits = values.ndim == len(expected) and all(
        n in (None, m) for n, m in zip(shape, values.shape[1:], strict=True)
    )
    if not fits or values.dtype.kind in "OSU":
        commas = ", ".join(map(str, expected)) + "," * (len(expected) == 1)
        raise ValueError(
            f"`{name}` must hold numbers of the shape ({commas}). "
            f"Received: {received}."
        )


def check_labels(name, labels, num_classes, shape, valid=None):
    """Class ids of the shape `shape`, in [0, num_classes) where `valid`.

    Raises:
        ValueError: otherwise.
    """
    labels, received = as_array(name, labels)
    if labels.shape != tuple(shape) or labels.dtype.kind in "OSU":
        raise ValueError(
            f"`{name}` must hold one class id per output, integers of the "
            f"shape {tuple(shape)}. Received: {received}."
        )
    found = labels if valid is None else labels[np.asarray(valid, bool)]
    if found.dtype.kind == "f" and (found != np.round(found)).any():
        raise ValueError(
            f"`{name}` must hold class ids. Received: the value "
            f"{found[found != np.round(found)][0]}. For values, build the "
            "model with head='regression'."
        )
    if found.size and not 0 <= found.min() <= found.max() < num_classes:
        bad = found.min() if found.min() < 0 else found.max()
        raise ValueError(
            f"`{name}` holds the class id {bad}; the model has "
            f"num_outputs={num_classes} classes, numbered from 0."
        )


def check_padding(name, ids, what="token"):
    """Raises `ValueError` for ids of which some stand behind padding."""
    valid = np.asarray(ids) != PAD
    inside = (~valid[:, :-1] & valid[:, 1:]).any(axis=1)
    if inside.any():
        raise ValueError(
            f"`{name}` has pad ({PAD}) before the last {what} of row "
            f"{inside.argmax()}. Pad on the right only."
        )


def check_targets(name, ids, vocabulary_size, max_length):
    """Target ids as `check_tokens`, that end with END and do not begin.

    Raises:
        ValueError: otherwise.
    """
    check_tokens(name, ids, vocabulary_size, max_length)
    ids = np.asarray(ids)
    if (ids[:, 0] == BEGIN).all():
        raise ValueError(
            f"`{name}` starts with begin ({BEGIN}). The model shifts targets "
            "itself: leave begin out, and finish each row with end "
            f"({END})."
        )
    check_padding(name, ids)
    if not (ids == END).any():
        raise ValueError(
            f"No row of `{name}` holds end ({END}), so the model could not "
            "learn to stop. Finish each row with end, for example with "
            "`vocabulary.encode(lines, add_end=True)`."
        )


def check_rows(arrays):
    """A dict of arrays that must have the same number of rows.

    Raises:
        ValueError: otherwise.
    """
    rows = {name: len(array) for name, array in arrays.items()}
    if len(set(rows.values())) > 1:
        raise ValueError(
            "All inputs must have the same number of rows. Received: "
            + ", ".join(f"{n} rows of `{name}`" for name, n in rows.items())
            + "."
        )


def check_outputs(name, y, head, shape, valid=None):
    """Targets of a `rnnzoo.layers.Head`, one per output of the shape `shape`.

    A head that judges whole sequences knows itself what can be meant.

    Raises:
        ValueError: otherwise.
    """
    if head.whole_sequences:
        head.check(name, y, shape, valid)
        return
    if head.kind == "softmax":
        check_labels(name, y, head.units, shape, valid)
        return
    y, received = as_array(name, y)
    expected = (*shape, head.units)
    if y.shape != expected or y.dtype.kind in "OSU":
        raise ValueError(
            f"`{name}` must hold {head.units} values per output, numbers of "
            f"the shape {expected}. Received: {received}."
        )
    if head.kind == "sigmoid":
        found = y if valid is None else y[np.asarray(valid, bool)]
        if not ((found >= 0) & (found <= 1)).all():
            raise ValueError(
                f"`{name}` must hold 0 or 1 for each label. Received: values "
                f"from {found.min()} to {found.max()}."
            )


def check_mask(name, mask, shape):
    """A bool mask of the shape `shape`, or None.

    Raises:
        ValueError: otherwise.
    """
    if mask is not None and np.shape(mask) != tuple(shape):
        raise ValueError(
            f"`{name}` must have the shape {tuple(shape)}, one bool per step. "
            f"Received: the shape {np.shape(mask)}."
        )


def check_begins(name, begins, rows, carried_rows):
    """A bool `(rows,)`, for batches of `carried_rows` rows.

    Raises:
        ValueError: otherwise.
    """
    if np.shape(begins) != (rows,):
        raise ValueError(
            f"`{name}` must have the shape {(rows,)}, one bool per row. "
            f"Received: the shape {np.shape(begins)}."
        )
    if rows % carried_rows:
        raise ValueError(
            f"The states of {carried_rows} rows are carried from batch to "
            f"batch, so that all batches must have as many. Received: {rows} "
            f"rows. Fill the last batch up with rows of padding, or leave "
            f"`{name}` out, for rows that stand for themselves."
        )
