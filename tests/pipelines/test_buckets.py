import numpy as np
import pytest

from rnnzoo.pipelines import buckets


def test_rows_lie_one_after_the_other():
    blocks = [np.array([[5, 6, 0], [7, 0, 0]]), np.array([[8, 9, 4, 2]])]
    rows = buckets.Rows(blocks)
    assert len(rows) == 3
    assert rows.lengths.tolist() == [2, 1, 4]
    assert rows.starts.tolist() == [0, 2, 3]
    assert rows.ids.tolist() == [5, 6, 7, 8, 9, 4, 2]


def test_buckets_part_the_rows_by_length():
    lengths = np.random.RandomState(0).randint(3, 40, 10_000)
    groups = buckets.assign(lengths, 64)
    assert len(groups) == 12
    assert sorted(np.concatenate(groups)) == list(range(10_000))
    for shorter, longer in zip(groups[:-1], groups[1:], strict=True):
        assert lengths[shorter].max() < lengths[longer].min()
    ids = [lengths[group].sum() / lengths.sum() for group in groups]
    assert min(ids) > 0.04 and max(ids) < 0.13
    assert len(groups[0]) > 2 * len(groups[-1])


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
    assert lengths.sum() / ids > 0.86
    assert lengths.sum() / (20_000 * lengths.max()) < 0.3


def test_widths_are_rounded_up_by_at_most_an_eighth():
    wanted = np.arange(1, 300)
    found = buckets.widths([[i] for i in range(299)], wanted[:, None])[:, 0]
    assert found[:16].tolist() == wanted[:16].tolist()
    assert found[[16, 30, 31, 32, 63, 64, 98]].tolist() == [
        18, 32, 32, 36, 64, 72, 104,
    ]  # fmt: skip
    assert (found >= wanted).all() and (found <= wanted * 9 / 8).all()
    assert len(set(found[64:127])) == 8


def test_widths_never_shrink_and_each_side_has_its_own():
    lengths = np.array([[3, 9], [4, 2], [5, 7], [40, 1]])
    groups = [np.array([0, 1]), np.array([2]), np.array([3])]
    assert buckets.widths(groups, lengths).tolist() == [[4, 9], [5, 9], [40, 9]]
