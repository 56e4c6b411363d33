import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo import inputs

GOOD = np.array([[4, 5, 6], [7, 0, 0]])


# === What counts as an array ===


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (GOOD, True),
        (GOOD.tolist(), True),
        ((1, 2), True),
        (keras.ops.ones((2, 3)), True),
        (keras.KerasTensor((2, 3)), False),
        (iter([GOOD]), False),
        (None, False),
    ],
)
def test_is_array(value, expected):
    assert inputs.is_array(value) is expected


# === Token ids ===


@pytest.mark.parametrize(
    "ids",
    [
        GOOD,
        GOOD.tolist(),
        GOOD.astype("int8"),
        GOOD.astype("uint64"),
        keras.ops.convert_to_tensor(GOOD),
        np.array([[8]]),
        np.array([[0, 4, 0, 5]]),
    ],
)
def test_token_ids_that_fit(ids):
    inputs.check_tokens("source", ids, 9, max_length=3)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (GOOD.astype("float32"), "integer token ids .* Received: float32 of"),
        (GOOD[0], r"shape \(batch, timesteps\)\. Received: int64 .* \(3,\)"),
        (GOOD[None], r"Received: int64 of the shape \(1, 2, 3\)"),
        (GOOD > 0, "integer token ids .* Received: bool"),
        (["ab", "c"], "integer token ids .* Received: <U2"),
        (
            {"inputs": GOOD},
            "integer token ids .*Received: objects of type dict",
        ),
        (None, "integer token ids .*Received: objects of type NoneType"),
        (
            [[4, 5], [6]],
            "`source` has rows of different lengths. Pad the short",
        ),
        ([], "`source` is empty. Pass at least one row"),
        (GOOD[:0], "`source` is empty. Pass at least one row"),
        (GOOD[:, :0], "`source` has an empty row, row 0"),
        (GOOD * [[1], [0]], "an empty row, row 1: every row needs at least"),
        (
            GOOD - 5,
            r"token id -5 \(row 1, step 1\), outside the vocabulary of 9",
        ),
        (
            GOOD + [[0], [2]],
            r"token id 9 \(row 1, step 0\), outside .* of 9 ids",
        ),
        (
            np.full((2, 4), 5),
            r"row of 4 tokens \(row 0\), longer than max_length=3\. Shorten",
        ),
    ],
)
def test_token_ids_that_do_not(ids, message):
    with pytest.raises(ValueError, match=message):
        inputs.check_tokens("source", ids, 9, max_length=3)


def test_padding_does_not_count_as_length():
    inputs.check_tokens("target", np.pad(GOOD, ((0, 0), (0, 9))), 9, 3)


# === Values ===


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (np.ones((2, 5, 3)), (None, 3)),
        (np.ones((2, 5, 3)).tolist(), (5, 3)),
        (np.ones((2, 0, 3)), (None, 3)),
        (np.ones(2), ()),
        (np.ones((2, 4), "bool"), (4,)),
        (keras.ops.ones((2, 4)), (4,)),
    ],
)
def test_values_that_fit(values, shape):
    inputs.check_values("x", values, shape)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ones((5, 3)), r"shape \(batch, timesteps, 3\)\. .* \(5, 3\)"),
        (np.ones((2, 5, 4)), r"numbers .* Received: float64 .* \(2, 5, 4\)"),
        (np.full((2, 5, 3), "a"), "must hold numbers .* Received: <U1"),
        (
            {"inputs": np.ones((2, 5, 3))},
            "numbers .* Received: objects of type dict",
        ),
        ([[[1.0, 2.0, 3.0]], []], "rows of different lengths"),
        (np.ones((0, 5, 3)), "`x` is empty"),
        (3.0, r"Received: float64 of the shape \(\)"),
    ],
)
def test_values_that_do_not(values, message):
    with pytest.raises(ValueError, match=message):
        inputs.check_values("x", values, (None, 3))


# === Labels ===


def test_labels_that_fit():
    inputs.check_labels("y", [0, 2, 1], 3, (3,))
    inputs.check_labels("y", np.array([0.0, 2.0]), 3, (2,))
    inputs.check_labels("y", [[0, -1]], 3, (1, 2), valid=[[True, False]])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3], "class id 3; the model has num_outputs=3 classes, numbered"),
        ([0, -1], "class id -1; the model"),
        (
            [0, 1, 2],
            r"integers of the shape \(2,\)\. Received: int64 .* \(3,\)",
        ),
        ([[0], [1]], r"Received: int64 of the shape \(2, 1\)"),
        (["a", "b"], "integers .* Received: <U1"),
        ([[0, 1], [2]], "`y` has rows of different lengths"),
    ],
)
def test_labels_that_do_not(labels, message):
    with pytest.raises(ValueError, match=message):
        inputs.check_labels("y", labels, 3, (2,))


# === Targets, rows, masks ===


def targets(ids):
    inputs.check_targets("target", ids, vocabulary_size=9, max_length=4)


def test_targets_that_fit():
    targets([[4, 5, 2], [2, 0, 0]])
    targets([[4, 5, 6, 7], [2, 0, 0, 0]])
    targets([[1, 5, 2, 0], [5, 1, 2, 0]])


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([[1, 5, 2], [1, 2, 0]], r"starts with begin \(1\).* leave begin out"),
        ([[4, 5, 2], [4, 0, 2]], r"pad \(0\) before the last token of row 1"),
        ([[4, 5, 6], [7, 0, 0]], r"No row of `target` holds end \(2\)"),
        ([[4, 5, 9], [2, 0, 0]], "outside the vocabulary of 9 ids"),
        ([[4, 5, 6, 7, 2]], r"5 tokens \(row 0\), longer than max_length=4"),
    ],
)
def test_targets_that_do_not(ids, message):
    with pytest.raises(ValueError, match=message):
        targets(ids)


def test_rows():
    inputs.check_rows({"source": np.ones((2, 3)), "target": [[1], [2]]})
    message = "Received: 2 rows of `source`, 1 rows of `target`"
    with pytest.raises(ValueError, match=message):
        inputs.check_rows({"source": np.ones((2, 3)), "target": [[1]]})


def test_mask():
    inputs.check_mask("mask", None, (2, 3))
    inputs.check_mask("mask", np.ones((2, 3)), (2, 3))
    message = r"shape \(2, 3\), one bool per step. Received: the shape \(2, 4\)"
    with pytest.raises(ValueError, match=message):
        inputs.check_mask("mask", np.ones((2, 4)), (2, 3))


# === Targets of a head ===


@pytest.mark.parametrize(
    ("kind", "y"),
    [
        ("softmax", [0, 2]),
        ("sigmoid", [[0, 1, 1], [0, 0, 0]]),
        ("sigmoid", [[0.5, 0.9, 1.0], [0, 0, 0]]),
        ("regression", [[0.5, -9, 1.0], [0, 0, 0]]),
    ],
)
def test_outputs_that_fit(kind, y):
    inputs.check_outputs("y", y, rnnzoo.layers.Head(3, kind), (2,))


@pytest.mark.parametrize(
    ("kind", "y", "message"),
    [
        ("softmax", [0, 3], "class id 3"),
        ("sigmoid", [0, 1], r"3 values per output.* \(2, 3\)\. .* \(2,\)"),
        ("sigmoid", [[0, 1, 2], [0, 0, 0]], "0 or 1 .* from 0 to 2"),
        ("sigmoid", [[0, 1], [0, 0]], r"shape \(2, 3\)\. .* \(2, 2\)"),
        ("regression", [0.5, 1.5], r"3 values per output.* \(2, 3\)"),
        ("regression", [["a"] * 3] * 2, "numbers .* Received: <U1"),
    ],
)
def test_outputs_that_do_not(kind, y, message):
    with pytest.raises(ValueError, match=message):
        inputs.check_outputs("y", y, rnnzoo.layers.Head(3, kind), (2,))


# === Lists ===


def test_lists_become_arrays_where_numpy_finds_one():
    tree = {"source": [[4, 5], [6, 0]], "target": [[4], [5, 2]]}
    arrays = inputs.as_arrays(tree)
    np.testing.assert_array_equal(arrays["source"], tree["source"])
    assert arrays["source"].dtype == "int64"
    assert arrays["target"] is tree["target"]
    assert inputs.as_arrays(GOOD) is GOOD
