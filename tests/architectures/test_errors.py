"""What a newcomer gets wrong with `fit`, and the one sentence that says so."""

import keras
import numpy as np
import pytest

from tests.architectures import rows

SOURCE, TARGET = rows.SOURCE, rows.TARGET
IMAGES, VALUES = np.ones((3, 2, 2)), np.ones((3, 5, 4))
PAIR = {"source": SOURCE, "target": TARGET}
BY_STEP = np.zeros((3, 5), int)


def compiled(architecture, **options):
    model = rows.build(architecture, num_layers=1, **options)
    model.compile(run_eagerly=True)
    return model


def refused(model, x, y, message):
    """By `fit`, by `evaluate`, and as `validation_data`."""
    for method in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=message) as caught:
            method(x, y, verbose=0)
        assert "\n" not in str(caught.value)


# === Pairs of source and target ===


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ((SOURCE, TARGET), "takes a dict with 'source' and 'target'.*: tuple"),
        ([SOURCE, TARGET], "takes a dict with 'source' and 'target'.*: list"),
        (SOURCE, "takes a dict .* Received: ndarray. Pass {'source': ..., "),
        ({"source": SOURCE}, r"takes a dict .* Received: \['source'\]"),
        ({"src": SOURCE, "tgt": TARGET}, r"takes a dict .* \['src', 'tgt'\]"),
        ({**PAIR, "locale": SOURCE}, "takes a dict .* there are no decoder in"),
        ({**PAIR, "source": SOURCE + 5}, r"id 15 \(row 1, step 1\), outside"),
        ({**PAIR, "target": TARGET - 1}, r"`target` holds the token id -1"),
        ({**PAIR, "source": SOURCE * 1.0}, "integer token ids.*: float64"),
        ({**PAIR, "source": SOURCE[0]}, r"shape \(batch, timesteps\)"),
        ({**PAIR, "source": SOURCE * 0}, "`source` has an empty row, row 0"),
        ({**PAIR, "target": TARGET * 0}, "`target` has an empty row, row 0"),
        ({**PAIR, "source": SOURCE[:0]}, "`source` is empty. Pass at least"),
        ({**PAIR, "source": SOURCE[:, :0]}, "`source` has an empty row"),
        ({**PAIR, "source": SOURCE[:2]}, "2 rows of `source`, 3 rows of `tar"),
        (
            {**PAIR, "target": np.full((3, 7), 5)},
            r"row of 7 tokens \(row 0\), longer than max_length=6. Shorten it",
        ),
        ({**PAIR, "target": [[1, 5, 2]] * 3}, r"starts with begin \(1\)"),
        ({**PAIR, "target": [[5, 0, 2]] * 3}, r"pad \(0\) before the last"),
        ({**PAIR, "target": [[5, 6, 7]] * 3}, r"No row of `target` holds end"),
        ({**PAIR, "source": [[4, 5], [6], [7]]}, "rows of different lengths"),
        ({**PAIR, "source": ["ab", "c", "d"]}, "integer token ids .*: <U2"),
    ],
)
def test_seq2seq(x, message):
    refused(compiled("seq2seq"), x, None, message)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (IMAGES, "OneToMany takes a dict with 'source' and 'target'"),
        ({"source": np.ones((3, 4)), "target": TARGET}, r"\(batch, 2, 2\)"),
        ({"source": IMAGES, "target": TARGET + 9}, "`target` holds the token"),
        ({"source": IMAGES[:2], "target": TARGET}, "2 rows of `source`, 3 ro"),
        ({"source": IMAGES, "target": [[1, 2]] * 3}, "starts with begin"),
    ],
)
def test_one_to_many(x, message):
    refused(compiled("one_to_many"), x, None, message)


# === Sequences and labels ===


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (SOURCE + 5, [0, 1, 2], "`x` holds the token id 15"),
        (SOURCE[0], [0, 1, 2], "integer token ids of the shape"),
        (SOURCE * 1.0, [0, 1, 2], "integer token ids .* Received: float64"),
        ({"inputs": SOURCE}, [0, 1, 2], "integer token ids .*of type dict"),
        (SOURCE[:0], [], "`x` is empty"),
        (SOURCE, [0, 1, 3], "class id 3; the model has num_outputs=3 classes"),
        (SOURCE, [0, 1, -1], "class id -1"),
        (SOURCE, [0, 1], r"one class id per output.*\(3,\).*\(2,\)"),
        (SOURCE, [[0], [1], [2]], r"one class id per output.*\(3, 1\)"),
        (SOURCE, np.eye(3), r"one class id per output.*\(3, 3\)"),
        (SOURCE, ["a", "b", "c"], "one class id per output.*: <U1"),
        (SOURCE, None, "ManyToOne needs targets: pass y, or a data set of"),
    ],
)
def test_many_to_one(x, y, message):
    y = y if y is None else np.array(y)
    refused(compiled("many_to_one", head="softmax"), x, y, message)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 2], r"3 values per output.*\(3, 3\).*\(3,\)"),
        ([[0, 1, 2]] * 3, "0 or 1 for each label.* from 0 to 2"),
        ([[0, 1]] * 3, r"3 values per output.*\(3, 2\)"),
    ],
)
def test_labels(y, message):
    refused(compiled("many_to_one"), SOURCE, np.array(y), message)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (SOURCE + 5, BY_STEP, "`x` holds the token id 15"),
        (SOURCE, BY_STEP[:, 0], r"per output.*\(3, 5\).*\(3,\)"),
        (SOURCE, BY_STEP[..., None], r"per output.*\(3, 5, 1\)"),
        (SOURCE, BY_STEP + 3, "class id 3"),
        (SOURCE, BY_STEP - 1, "class id -1"),
        (SOURCE, None, "Synced needs targets"),
    ],
)
def test_synced(x, y, message):
    refused(compiled("synced"), x, y, message)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (VALUES[0], r"`inputs` must hold .*\(batch, timesteps, 4\).*\(5, 4\)"),
        (VALUES[..., :3], r"\(batch, timesteps, 4\).*\(3, 5, 3\)"),
        (np.full((3, 5, 4), "a"), "must hold numbers .* <U1"),
        ({"input": VALUES}, r"'inputs' and.*'mask'.*dict with \['input'\]"),
        ({"inputs": VALUES, "masks": BY_STEP}, "'inputs' and.*'mask'"),
        (
            {"inputs": VALUES, "mask": np.ones((3, 4))},
            r"`mask` must have the shape \(3, 5\), one bool per step",
        ),
    ],
)
@pytest.mark.parametrize("architecture", ["many_to_one", "synced"])
def test_values(architecture, x, message):
    model = compiled(architecture, input_dim=4, head="regression")
    y = np.zeros((3, 3) if architecture == "many_to_one" else (3, 5, 3))
    refused(model, x, y, message)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones((3, 4)), [0, 1, 2], r"\(batch, 2, 2\)\. .*\(3, 4\)"),
        (IMAGES[0], [0, 1], r"\(batch, 2, 2\)\. .*\(2, 2\)"),
        ({"inputs": IMAGES}, [0, 1, 2], r"\(batch, 2, 2\)\. .*type dict"),
        (IMAGES, [0, 1, 3], "class id 3; the model has num_outputs=3"),
        (IMAGES, [0, 1], r"one class id per output.*\(3,\).*\(2,\)"),
        (IMAGES, None, "OneToOne needs targets: pass y"),
    ],
)
def test_one_to_one(x, y, message):
    y = y if y is None else np.array(y)
    refused(compiled("one_to_one", head="softmax"), x, y, message)


# === Elsewhere than in the arrays of fit ===


def test_validation_data_is_checked():
    model = compiled("seq2seq")
    bad = {**PAIR, "source": SOURCE + 5}
    with pytest.raises(ValueError, match="`source` holds the token id 15"):
        model.fit(PAIR, validation_data=(bad,), verbose=0)


def test_predict_checks():
    with pytest.raises(ValueError, match="`x` holds the token id 15"):
        rows.build("synced").predict(SOURCE + 5, verbose=0)
    with pytest.raises(ValueError, match="takes a dict with 'source' and"):
        rows.build("seq2seq").predict(SOURCE, verbose=0)
    with pytest.raises(ValueError, match="`x` is empty"):
        rows.build("synced").predict(SOURCE[:0], verbose=0)


def test_before_compile():
    with pytest.raises(ValueError, match=r"You must call `compile\(\)` before"):
        rows.build("seq2seq").fit(PAIR, verbose=0)


# === What looks odd and works ===


def listed(each):
    return keras.tree.map_structure(
        lambda a: a.tolist() if isinstance(a, np.ndarray) else a, each
    )


def tensors(each):
    return keras.tree.map_structure(
        lambda a: None if a is None else keras.ops.convert_to_tensor(a), each
    )


@pytest.mark.parametrize("form", [listed, tensors])
@pytest.mark.parametrize("architecture", sorted(rows.OPTIONS))
def test_lists_and_tensors_are_arrays(architecture, form):
    model = compiled(architecture)
    x, y, _ = rows.feed(architecture)
    expected = model.evaluate(x, y, verbose=0)
    found = model.evaluate(form(x), form(y), verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("architecture", sorted(rows.OPTIONS))
def test_a_batch_of_one(architecture):
    model = compiled(architecture)
    x, y, _ = keras.tree.map_structure(
        lambda a: None if a is None else a[:1], rows.feed(architecture)
    )
    history = model.fit(x, y, verbose=0).history
    assert np.isfinite(history["loss"]).all()


def test_a_sequence_of_one_step():
    model = compiled("seq2seq")
    x = {"source": np.array([[4]]), "target": np.array([[2]])}
    assert np.isfinite(model.fit(x, verbose=0).history["loss"]).all()
