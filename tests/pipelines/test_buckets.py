import numpy as np
import pytest

from rnnzoo.pipelines import buckets


def test_rows_come_back_padded():
    blocks = [np.array([[5, 6, 0], [7, 0, 0]]), np.array([[8, 9, 4, 2]])]
    rows = buckets.Rows(blocks)
    assert len(rows) == 3
    assert rows.lengths.tolist() == [2, 1, 4]
    batch = rows.batch(np.array([2, 0, 2]), 5)
    assert batch.dtype == np.int32
    assert batch.tolist() == [
        [8, 9, 4, 2, 0],
        [5, 6, 0, 0, 0],
        [8, 9, 4, 2, 0],
    ]


def test_buckets_part_the_rows_by_length():
    lengths = np.random.RandomState(0).randint(3, 40, 10_000)
    groups = buckets.assign(lengths, 64)
    assert len(groups) == 8
    assert sorted(np.concatenate(groups)) == list(range(10_000))
    for shorter, longer in zip(groups[:-1], groups[1:], strict=True):
        assert lengths[shorter].max() < lengths[longer].min()
    assert all(600 < len(group) < 1900 for group in groups)


def test_few_rows_share_one_bucket():
    assert [g.tolist() for g in buckets.assign(np.array([9, 1, 5]), 2)] == [
        [0, 1, 2]
    ]


def test_equal_lengths_share_one_bucket():
    groups = buckets.assign(np.full(1000, 7), 4)
    assert [len(group) for group in groups] == [1000]


@pytest.mark.parametrize("seed", [None, 0, 1])
@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_an_epoch_has_each_row_once(seed, batch_size):
    lengths = np.random.RandomState(0).randint(3, 40, 901)
    groups = buckets.assign(lengths, batch_size)
    random = None if seed is None else np.random.RandomState(seed)
    batches = buckets.epoch(groups, batch_size, random)
    sizes = sorted(len(rows) for _, rows in batches)
    assert len(batches) == -(-901 // batch_size)
    assert sizes[1:] == [batch_size] * (len(batches) - 1)
    seen = np.concatenate([rows for _, rows in batches])
    assert sorted(seen) == list(range(901))
    for number, rows in batches:
        # The rest of a bucket moves on to a longer one, never to a shorter.
        assert lengths[rows].max() <= lengths[groups[number]].max()


def test_without_a_seed_the_order_stays():
    batches = buckets.epoch([np.array([1, 4, 6]), np.array([0, 2])], 2)
    assert [(n, rows.tolist()) for n, rows in batches] == [
        (0, [1, 4]),
        (1, [6, 0]),
        (1, [2]),
    ]


def test_little_is_padding():
    random = np.random.RandomState(0)
    lengths = np.clip(random.gamma(4, 5, 20_000), 4, 80).astype(int)
    groups = buckets.assign(lengths, 64)
    ids = sum(len(group) * lengths[group].max() for group in groups)
    assert lengths.sum() / ids > 0.75
    assert lengths.sum() / (20_000 * lengths.max()) < 0.3
