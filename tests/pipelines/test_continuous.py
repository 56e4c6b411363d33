import re

import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.pipelines.continuous import ContinuousText
from rnnzoo.text import BEGIN, END, PAD


def make_documents(random, count, longest):
    """Documents of 1 to `longest` ids, no two of the same."""
    found = set()
    while len(found) < count:
        ids = random.randint(3, 50, random.randint(1, longest + 1))
        found.add((*map(int, ids),))
    return sorted(found, key=lambda ids: random.rand())


def read(dataset):
    """Checks each batch; the stretches of each row, `(begin batch, ids)`."""
    stretches = {}
    for number, (x, y) in enumerate(dataset.as_numpy_iterator()):
        assert set(x) == {"inputs", "begins"}
        valid = y != PAD
        np.testing.assert_array_equal(valid, x["inputs"] != PAD)
        # No padding before a token.
        assert (np.diff(valid.astype(int), axis=1) <= 0).all()
        for row, begins in enumerate(x["begins"]):
            ids = y[row][valid[row]].tolist()
            own = stretches.setdefault(row, [])
            if begins:
                own.append((number, x["inputs"][row, 0], []))
            elif ids:
                # It goes on where the batch before has stopped.
                assert x["inputs"][row, 0] == own[-1][-1][-1]
            if ids:
                assert x["inputs"][row][valid[row]][1:].tolist() == ids[:-1]
                own[-1][-1].extend(ids)
    return stretches


def documents_of(stretches):
    return sorted(tuple(ids) for row in stretches.values() for _, _, ids in row)


def test_rows_that_stand_for_themselves_need_no_begins():
    documents = [[5, 6, 7, END], [8, END]]
    told = ContinuousText(documents, 2, 3).dataset()
    alone = ContinuousText(documents, 2, 3, begins=False).dataset()
    for (x, y), (inputs, targets) in zip(told, alone, strict=True):
        np.testing.assert_array_equal(inputs, x["inputs"])
        np.testing.assert_array_equal(targets, y)


def test_what_a_batch_holds():
    text = ContinuousText([[5, 6, 7, END], [8, END]], 2, 3)
    batches = list(text.dataset().as_numpy_iterator())
    assert len(text) == len(batches) == 2
    (x, y), (rest, targets) = batches
    assert x["inputs"].dtype == y.dtype == "int32"
    assert x["inputs"].tolist() == [[BEGIN, 5, 6], [BEGIN, 8, PAD]]
    assert y.tolist() == [[5, 6, 7], [8, END, PAD]]
    assert x["begins"].tolist() == [True, True]
    assert rest["inputs"].tolist() == [[7, PAD, PAD], [PAD] * 3]
    assert targets.tolist() == [[END, PAD, PAD], [PAD] * 3]
    assert rest["begins"].tolist() == [False, False]
    ids = tf.TensorSpec((2, 3), "int32")
    begins = tf.TensorSpec((2,), "bool")
    expected = ({"inputs": ids, "begins": begins}, ids)
    assert text.dataset().element_spec == expected


@pytest.mark.parametrize("shuffle_seed", [None, 0])
def test_every_token_is_a_target_once(shuffle_seed):
    random = np.random.RandomState(0)
    for _ in range(3):
        documents = make_documents(random, random.randint(1, 40), 20)
        rows, length = random.randint(1, 6), random.randint(1, 9)
        text = ContinuousText(
            documents, rows, length, shuffle_seed=shuffle_seed
        )
        stretches = read(text.dataset())
        assert documents_of(stretches) == sorted(documents)
        assert text.examples == len(documents)
        starts = {first for row in stretches.values() for _, first, _ in row}
        assert starts == {BEGIN}
        # Balanced: no stream could end a whole document earlier.
        pieces = [-(-len(ids) // length) for ids in documents]
        assert len(text) <= sum(pieces) / rows + max(pieces)
        if shuffle_seed is None:
            for row in stretches.values():
                order = [documents.index(tuple(ids)) for _, _, ids in row]
                assert order == sorted(order)


def test_streams_are_balanced():
    # Longest first: 5 + 1, 3 + 3; in the order given it would be 1 + 3, 3 + 5.
    documents = [[4] * n for n in (1, 3, 3, 5)]
    assert len(ContinuousText(documents, 2, 1)) == 6


def test_epochs_have_orders_of_their_own():
    documents = make_documents(np.random.RandomState(1), 40, 20)
    text = ContinuousText(documents, 3, 4, shuffle_seed=5)
    epochs = [read(text.dataset(number)) for number in range(2)]
    assert epochs[0] != epochs[1]
    dataset = text.dataset()
    assert [read(dataset), read(dataset)] == epochs
    again = ContinuousText(documents, 3, 4, shuffle_seed=5)
    assert read(again.dataset(1)) == epochs[1]
    other = ContinuousText(documents, 3, 4, shuffle_seed=6)
    assert read(other.dataset()) not in epochs


def test_going_on_from_any_batch():
    documents = make_documents(np.random.RandomState(2), 20, 20)
    text = ContinuousText(documents, 3, 4, shuffle_seed=1)

    def listed(dataset):
        return [
            (x["inputs"].tolist(), x["begins"].tolist(), y.tolist())
            for x, y in dataset.as_numpy_iterator()
        ]

    whole = [b for number in range(2) for b in listed(text.dataset(number))]
    steps = len(text)
    for number, batch in ((0, steps - 1), (1, 3)):
        rest = listed(text.dataset(number, batch))
        assert rest == whole[steps * number + batch : steps * (number + 1)]
        assert len(text.dataset(number, batch)) == steps - batch


def test_one_text_is_split_over_the_streams():
    ids = list(range(4, 104))
    whole = ContinuousText([ids], 4, 7)
    assert len(whole) == 15
    parts = ContinuousText([ids], 4, 7, split=True)
    assert len(parts) == 4
    stretches = read(parts.dataset())
    found = [row for row in stretches.values() if row]
    assert all(len(row) == 1 and row[0][0] == 0 for row in found)
    joined = sum((row[0][2] for row in found), [])
    assert joined == ids
    # After the token before it, and begin for the first.
    firsts = [(row[0][1], row[0][2][0]) for row in found]
    assert firsts[0] == (BEGIN, 4)
    assert all(before == token - 1 for before, token in firsts[1:])


def test_only_long_documents_are_split():
    documents = [[4] * 30, [5], [6, 7]]
    parts = ContinuousText(documents, 2, 5, split=True)
    ids = documents_of(read(parts.dataset()))
    assert ids == [(4,) * 15, (4,) * 15, (5,), (6, 7)]
    assert len(parts) == 4


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "no documents at all.*is the split empty"),
        ([[5], []], "Document 2 must be a list of ids, with at least one"),
        (["ab"], "Document 1 must be .*: 'ab'. Encode texts with a vocabulary"),
        ([[1.5]], "Document 1 must be a list of ids"),
        ([np.array([[5]])], "Document 1 must be a list of ids"),
        ([[5], [6, 0, 7]], r"Document 2 holds padding \(0\) at place 1"),
        ([[5, -6]], "Document 1 holds -6 to 5, which no ids are"),
        ([[2**33]], "which no ids are. Encode it with"),
    ],
)
def test_documents_that_are_none(documents, message):
    with pytest.raises(ValueError, match=message):
        ContinuousText(documents, 2, 3)


@pytest.mark.parametrize(
    "sizes", [(0, 3), (2, -1), (2.0, 3), (2, None), (True, 3)]
)
def test_sizes_that_are_none(sizes):
    with pytest.raises(ValueError, match="where a positive integer is expec"):
        ContinuousText([[5]], *sizes)


@pytest.mark.parametrize(
    "options", [{"shuffle_seed": -1}, {"shuffle_seed": "a"}, {"split": "no"}]
)
def test_options_that_are_none(options):
    with pytest.raises(ValueError, match=r"Received \w+=.*is expected"):
        ContinuousText([[5]], 1, 3, **options)


@pytest.mark.parametrize("place", [(0, 2), (0, -1), (-1, 0)])
def test_places_that_are_none(place):
    text = ContinuousText([[5] * 6], 1, 3)
    message = re.escape("a batch from 0 to 1 are expected")
    with pytest.raises(ValueError, match=message):
        text.dataset(*place)
