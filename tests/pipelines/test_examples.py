import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.pipelines import columns
from rnnzoo.pipelines.examples import Examples

RANDOM = np.random.RandomState(3)
LENGTHS = RANDOM.randint(1, 30, size=57)
FRAMES = [RANDOM.normal(size=(n, 2)).astype("float32") for n in LENGTHS]
COLUMNS = {
    "frames": columns.sequences(FRAMES),
    "number": columns.fixed(np.arange(57)),
}


def make(batch):
    present = tf.sequence_mask(
        batch["frames_lengths"], tf.shape(batch["frames"])[1]
    )
    return {"frames": batch["frames"], "present": present}, batch["number"]


@pytest.fixture
def batches():
    """Function that returns Examples of the columns above."""

    def examples(**options):
        return Examples(COLUMNS, 5, make, **options)

    return examples


def test_each_example_occurs_once_and_whole(batches):
    examples = batches(shuffle_seed=1)
    seen = []
    for inputs, numbers in examples.dataset():
        for frames, present, number in zip(
            inputs["frames"], inputs["present"], numbers, strict=True
        ):
            np.testing.assert_array_equal(frames[present], FRAMES[number])
            assert not np.any(frames[~present])
            seen.append(int(number))
    assert sorted(seen) == list(range(57))
    assert (examples.examples, len(examples)) == (57, 12)


def numbers(dataset):
    return np.concatenate(by_batch(dataset))


def by_batch(dataset):
    return [numbers for _, numbers in dataset.as_numpy_iterator()]


def test_seed_and_epoch_determine_the_order(batches):
    first = batches(shuffle_seed=1)
    orders = [numbers(first.dataset(epoch)) for epoch in (0, 1)]
    assert (orders[0] != orders[1]).any()
    again = batches(shuffle_seed=1)
    np.testing.assert_array_equal(numbers(again.dataset(1)), orders[1])
    other = numbers(batches(shuffle_seed=2).dataset())
    assert (orders[0] != other).any()


@pytest.mark.parametrize("batch", [1, 11])
def test_an_epoch_can_be_entered_at_any_batch(batches, batch):
    examples = batches(shuffle_seed=1)
    whole = by_batch(examples.dataset(3))
    rest = by_batch(examples.dataset(3, batch))
    assert len(rest) == 12 - batch
    for these, those in zip(rest, whole[batch:], strict=True):
        np.testing.assert_array_equal(these, those)


def test_an_epoch_of_several_passes(batches):
    examples = batches(shuffle_seed=1, passes=3)
    assert (examples.examples, examples.distinct, len(examples)) == (
        171,
        57,
        36,
    )
    epoch = by_batch(examples.dataset(2))
    once = batches(shuffle_seed=1)
    for number in range(3):
        expected = by_batch(once.dataset(6 + number))
        for these, those in zip(
            epoch[12 * number : 12 * (number + 1)], expected, strict=True
        ):
            np.testing.assert_array_equal(these, those)
    rest = by_batch(examples.dataset(2, 35))
    np.testing.assert_array_equal(rest[0], epoch[35])


def test_sequences_of_a_batch_are_of_similar_length():
    lengths = np.repeat(np.arange(1, 101), 10)
    column = columns.sequences([np.ones(n, "int32") for n in lengths])
    examples = Examples({"ids": column}, 10, shuffle_seed=0)
    widths = [batch["ids"].shape[1] for batch in examples.dataset()]
    assert len(set(widths)) <= 12
    padding = sum(10 * width for width in widths) / lengths.sum() - 1
    assert padding < 0.2  # in one bucket it would be 1


def test_rows_tell_which_example_is_where(batches):
    examples = batches()
    np.testing.assert_array_equal(numbers(examples.dataset()), examples.rows())
    kept = Examples(COLUMNS, 5, make, by=())
    np.testing.assert_array_equal(kept.rows(), np.arange(57))


def test_what_has_one_shape_needs_no_sequences():
    examples = Examples({"image": columns.fixed(np.eye(4))}, 3)
    first, last = (batch["image"] for batch in examples.dataset())
    np.testing.assert_array_equal(np.concatenate([first, last]), np.eye(4))


def test_columns_of_blocks_and_parts_of_them():
    column = columns.of_blocks(
        [np.array([[5, 6, 0], [7, 0, 0]]), np.array([[8, 9]])]
    )
    part = column.take(np.array([2, 1]))
    (batch,) = Examples({"ids": part}, 2, by=()).dataset().as_numpy_iterator()
    np.testing.assert_array_equal(batch["ids"], [[8, 9], [7, 0]])


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: columns.sequences([]), "no sequences"),
        (lambda: columns.sequences([[1], []]), "Sequence 2 of 2 is empty"),
        (
            lambda: columns.sequences([np.ones((2, 3)), np.ones((2, 4))]),
            r"timesteps of shape \(4,\), where the first has \(3,\)",
        ),
        (lambda: columns.fixed([[1], [1, 2]]), "one shape"),
        (lambda: Examples(COLUMNS, 0), "batch_size=0"),
        (lambda: Examples(COLUMNS, 2, passes=0), "passes=0"),
        (lambda: Examples(COLUMNS, 2, by=["number"]), "frames"),
        (lambda: Examples({"a": columns.fixed([])}, 2), "no examples"),
        (
            lambda: Examples(COLUMNS | {"a": columns.fixed([1])}, 2),
            "'number': 57, 'a': 1",
        ),
    ],
)
def test_what_cannot_be(build, words):
    with pytest.raises(ValueError, match=words):
        build()
