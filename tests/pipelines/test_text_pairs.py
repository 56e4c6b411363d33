import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.pipelines.text import TextPairs
from rnnzoo.text import END, PAD, CharacterVocabulary, SubwordVocabulary

LETTERS = CharacterVocabulary("abcdefgh")


def make_pairs(count, seed=0):
    """Distinct sources of 1 to 20 letters; targets are sources reversed."""
    random = np.random.RandomState(seed)
    source = set()
    while len(source) < count:
        letters = random.choice(list("abcdefgh"), random.randint(1, 21))
        source.add("".join(letters))
    source = sorted(source)
    return {"source": source, "target": [text[::-1] for text in source]}


def batches(pairs, batch_size=16, *, initial_epoch=0, **options):
    pairs = TextPairs(pairs, LETTERS, LETTERS, batch_size, **options)
    return pairs.dataset(initial_epoch)


def epoch(dataset):
    """The pairs of one iteration, in their order."""
    pairs = []
    for batch in dataset.as_numpy_iterator():
        source = LETTERS.decode(batch["source"])
        target = LETTERS.decode(batch["target"])
        pairs += zip(source, target, strict=True)
    return pairs


def test_what_a_batch_holds():
    pairs = {"source": ["ab", "h"], "target": ["c", "def"]}
    (batch,) = batches(pairs).as_numpy_iterator()
    assert set(batch) == {"source", "target"}
    assert batch["source"].dtype == batch["target"].dtype == np.int32
    assert batch["source"].tolist() == [[4, 5], [11, PAD]]
    assert batch["target"].tolist() == [[6, END, 0, 0], [7, 8, 9, END]]


def test_specification_and_length():
    dataset = batches(make_pairs(100))
    ids = tf.TensorSpec((None, None), "int32")
    assert dataset.element_spec == {"source": ids, "target": ids}
    assert len(dataset) == 7 == len(list(dataset))


@pytest.mark.parametrize("seed", [None, 3])
def test_each_pair_once_per_epoch(seed):
    pairs = make_pairs(1001)
    expected = sorted(zip(pairs["source"], pairs["target"], strict=True))
    dataset = batches(pairs, shuffle_seed=seed)
    assert sorted(epoch(dataset)) == expected
    assert sorted(epoch(dataset)) == expected


def test_the_seed_determines_every_epoch():
    pairs = make_pairs(300)
    one, two = (batches(pairs, shuffle_seed=7) for _ in range(2))
    first, second, third = epoch(one), epoch(one), epoch(one)
    assert [first, second, third] == [epoch(two) for _ in range(3)]
    assert first != second != third != first
    assert epoch(batches(pairs, shuffle_seed=8)) != first
    resumed = batches(pairs, shuffle_seed=7, initial_epoch=2)
    assert epoch(resumed) == third


def test_repeat_goes_on_with_the_next_epoch():
    pairs = make_pairs(300)
    dataset = batches(pairs, shuffle_seed=7)
    repeated = epoch(batches(pairs, shuffle_seed=7).repeat(2))
    assert repeated == epoch(dataset) + epoch(dataset)


def test_without_a_seed_short_pairs_come_first_each_time():
    dataset = batches(make_pairs(3000))
    first = epoch(dataset)
    assert first == epoch(dataset)
    lengths = [len(source) for source, _ in first]
    assert max(lengths[:300]) < 8 and min(lengths[-300:]) > 15


def test_shapes_are_few_and_tight():
    pairs = make_pairs(3000)
    shapes, ids, present = set(), 0, 0
    for batch in batches(pairs, 16, shuffle_seed=0).as_numpy_iterator():
        shapes.add((batch["source"].shape, batch["target"].shape))
        ids += batch["source"].size + batch["target"].size
        present += sum((ids != PAD).sum() for ids in batch.values())
    assert len(shapes) <= 13
    assert len({source[0] for source, _ in shapes}) == 2
    assert present / ids > 0.85


def test_batches_are_mixed_within_and_among_buckets():
    dataset = batches(make_pairs(3000), 16, shuffle_seed=0)
    widths = [batch["source"].shape[1] for batch in dataset]
    changes = sum(a != b for a, b in zip(widths, widths[1:], strict=False))
    assert changes > len(widths) / 2


def test_an_epoch_takes_no_time():
    dataset = batches(make_pairs(20_000), 64, shuffle_seed=0)
    start = time.perf_counter()
    assert sum(1 for _ in dataset) == 313
    # 0.2 s on two quiet cores.
    assert time.perf_counter() - start < 4


@pytest.mark.parametrize(
    "source, target, message",
    [
        (["a", ""], ["b", "c"], "source line 2 is empty.*remove it"),
        (["a", "b"], ["", "c"], "target line 1 is empty"),
        (["a"], ["b", "c"], "1 source lines but 2 target lines"),
        ([], [], "no pairs at all.*is the split empty"),
        ("ab", "cd", r"one source line, 'ab'.*wrap it in a list"),
        (["a"], [7], "target line 1 is 7, of type int"),
    ],
)
def test_bad_lines(source, target, message):
    with pytest.raises(ValueError, match=message):
        batches({"source": source, "target": target})


def test_a_target_too_long():
    pairs = {"source": ["a", "b", "c"], "target": ["a", "bb", "ccc"]}
    assert len(batches(pairs, max_target_length=4)) == 1
    with pytest.raises(
        ValueError,
        match="target line 2 has 3 ids with its end, but at most 2 are allowed"
        ", and 2 such pairs",
    ):
        batches(pairs, max_target_length=2)


def test_a_source_too_long():
    pairs = {"source": ["a", "b", "ccc"], "target": ["a", "bb", "c"]}
    with pytest.raises(
        ValueError, match="source line 3 has 3 ids, but .* max_source_length"
    ):
        batches(pairs, max_source_length=2)


def test_longer_pairs_are_left_out():
    pairs = make_pairs(300)
    kept = [
        (source, target)
        for source, target in zip(*pairs.values(), strict=True)
        if len(source) <= 15 and len(target) + 1 <= 11
    ]
    made = TextPairs(
        pairs,
        LETTERS,
        LETTERS,
        16,
        max_source_length=15,
        max_target_length=11,
        drop_longer=True,
    )
    assert (made.examples, made.dropped) == (len(kept), 300 - len(kept))
    assert len(made) == -(-len(kept) // 16) == len(made.dataset())
    assert sorted(epoch(made.dataset())) == sorted(kept)
    assert TextPairs(pairs, LETTERS, LETTERS, 16, drop_longer=True).dropped == 0
    with pytest.raises(ValueError, match="All 2 pairs .*max_source_length=1 "):
        batches(
            {"source": ["aa", "bb"], "target": ["a", "b"]},
            max_source_length=1,
            drop_longer=True,
        )


@pytest.mark.parametrize("seed", [None, 7])
def test_going_on_from_any_batch(seed):
    pairs = TextPairs(make_pairs(100), LETTERS, LETTERS, 8, shuffle_seed=seed)
    assert (len(pairs), pairs.examples) == (13, 100)
    whole = [
        {name: ids.tolist() for name, ids in batch.items()}
        for number in range(3)
        for batch in pairs.dataset(number).as_numpy_iterator()
    ]
    for number, batch in [(0, 0), (0, 12), (1, 5), (2, 0), (2, 12)]:
        dataset = pairs.dataset(number, batch)
        assert len(dataset) == 13 - batch
        rest = [
            {name: ids.tolist() for name, ids in b.items()}
            for b in dataset.as_numpy_iterator()
        ]
        assert rest == whole[13 * number + batch : 13 * (number + 1)]


def test_what_leaves_batches_out_is_good_for_one_iteration():
    pairs = TextPairs(make_pairs(20), LETTERS, LETTERS, 8, shuffle_seed=1)
    dataset = pairs.dataset(0, 1)
    assert len(epoch(dataset)) < 20
    with pytest.raises(tf.errors.FailedPreconditionError, match="contain 2 el"):
        epoch(dataset)


def test_data_sets_of_one_object_do_not_disturb_each_other():
    pairs = TextPairs(make_pairs(100), LETTERS, LETTERS, 8, shuffle_seed=1)
    first, second = pairs.dataset(), pairs.dataset()
    expected = epoch(first)
    assert epoch(second) == expected != epoch(first)


@pytest.mark.parametrize("place", [(0, 13), (0, -1), (-1, 0)])
def test_places_that_are_none(place):
    pairs = TextPairs(make_pairs(100), LETTERS, LETTERS, 8)
    with pytest.raises(ValueError, match="batch from 0 to 12 are expected"):
        pairs.dataset(*place)


def test_shapes_are_those_of_another_split():
    shapes = [
        {
            (batch["source"].shape[1], batch["target"].shape[1])
            for batch in batches(make_long_pairs(seed)).as_numpy_iterator()
        }
        for seed in (0, 1)
    ]
    assert len(shapes[0] | shapes[1]) <= 17


def make_long_pairs(seed):
    random = np.random.RandomState(seed)
    lengths = np.clip(random.gamma(4, 8, 2000), 4, 120).astype(int)
    return {"source": ["a" * n for n in lengths], "target": ["b"] * 2000}


def test_subwords():
    lines = ["two men stand", "men", "two men stand there"] * 3
    vocabulary = SubwordVocabulary.from_texts(lines, 24)
    pairs = {"source": lines, "target": lines}
    texts = TextPairs(pairs, vocabulary, vocabulary, 9)
    (batch,) = texts.dataset().as_numpy_iterator()
    assert vocabulary.decode(batch["source"]) == lines
    assert vocabulary.decode(batch["target"]) == lines


@pytest.mark.slow
def test_replicas_share_each_batch_and_python_may_end_in_an_epoch():
    # Two logical CPUs must be made before TensorFlow starts.
    code = (
        "import tensorflow as tf\n"
        "cpu = tf.config.list_physical_devices('CPU')[0]\n"
        "two = [tf.config.LogicalDeviceConfiguration()] * 2\n"
        "tf.config.set_logical_device_configuration(cpu, two)\n"
        "strategy = tf.distribute.MirroredStrategy(['CPU:0', 'CPU:1'])\n"
        "from rnnzoo.pipelines.text import TextPairs\n"
        "from rnnzoo.text import CharacterVocabulary\n"
        "v = CharacterVocabulary('abc')\n"
        "lines = ['abc'[i % 3] * (i % 7 + 1) for i in range(33)]\n"
        "pairs = {'source': lines, 'target': lines}\n"
        "pairs = TextPairs(pairs, v, v, 8, shuffle_seed=1)\n"
        "split = strategy.experimental_distribute_dataset(pairs.dataset())\n"
        "for number in range(2):\n"
        "    one = iter(pairs.dataset(number))\n"
        "    for batch, parts in zip(one, split, strict=True):\n"
        "        for name, ids in batch.items():\n"
        "            both = strategy.experimental_local_results(parts[name])\n"
        "            assert abs(len(both[0]) - len(both[1])) <= 1\n"
        "            same = tf.concat(both, 0) == ids\n"
        "            assert tf.reduce_all(same).numpy()\n"
        "    print('same')\n"
        "alive = [iter(pairs.dataset().repeat()) for _ in range(5)]\n"
        "for iterator in [*alive, iter(split)]:\n"
        "    next(iterator)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "same\nsame\n"), done.stderr


@pytest.mark.parametrize(
    "pairs, kind",
    [
        ((["a"], ["b"]), "tuple"),
        ({"source": ["a"]}, "dict"),
        (None, "NoneType"),
    ],
)
def test_pairs_of_a_wrong_kind(pairs, kind):
    with pytest.raises(ValueError, match=f"{kind}, where .*'source' and 'targ"):
        batches(pairs)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, None])
def test_bad_batch_size(batch_size):
    with pytest.raises(ValueError, match=f"batch_size={batch_size}, where a"):
        batches(make_pairs(3), batch_size)
