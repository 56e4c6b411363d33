import functools

import numpy as np
import pytest
import tensorflow_datasets as tfds

from rnnzoo import datasets
from rnnzoo.datasets import load_pairs


class RnnzooTinyPairs(tfds.core.GeneratorBasedBuilder):
    """A set as TFDS has many, with the contents that a test gives it."""

    VERSION = tfds.core.Version("1.0.0")
    FEATURES = tfds.features.Translation(("pt", "en"))
    KEYS = ("pt", "en")
    SPLITS = {}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self, features=self.FEATURES, supervised_keys=self.KEYS
        )

    def _split_generators(self, dl_manager):
        return {s: self._generate_examples(e) for s, e in self.SPLITS.items()}

    def _generate_examples(self, examples):
        yield from enumerate(examples)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """The pairs of a TFDS set of these splits and features."""

    def tiny(splits, features=None, keys=("pt", "en")):
        monkeypatch.setattr(RnnzooTinyPairs, "SPLITS", splits)
        monkeypatch.setattr(RnnzooTinyPairs, "KEYS", keys)
        if features is not None:
            monkeypatch.setattr(
                RnnzooTinyPairs,
                "FEATURES",
                tfds.features.FeaturesDict(features),
            )
        return functools.partial(
            load_pairs, "rnnzoo_tiny_pairs", data_dir=tmp_path
        )

    return tiny


def translations(count, start=0):
    return [
        {"pt": f"p{number}", "en": f"e{number}"}
        for number in range(start, start + count)
    ]


def folder(path, count=100, stem="talks"):
    for name in ("en", "de"):
        lines = [f"{name}{number}\n" for number in range(count)]
        (path / f"{stem}.{name}").write_text("".join(lines))
    return f"folder:{path}"


def sizes(pairs):
    return [len(split["source"]) for split in pairs.splits.values()]


def test_embedded(tmp_path, monkeypatch):
    from rnnzoo.datasets.dates.examples import SIZES

    for split in SIZES:
        monkeypatch.setitem(SIZES, split, 2)
    load = functools.partial(load_pairs, "dates", data_dir=tmp_path)
    pairs = load(also=("locale",))
    assert list(pairs.splits) == ["train", "validation", "test"]
    assert sizes(pairs) == [60, 60, 60]
    assert (pairs.source, pairs.target, pairs.notes) == ("source", "target", ())
    test = pairs.splits["test"]
    assert set(test) == {"source", "target", "locale"}
    expected = {
        tuple(text.decode() for text in example.values())
        for example in datasets.load(
            "dates", "test", tmp_path
        ).as_numpy_iterator()
    }
    columns = (test["locale"], test["source"], test["target"])
    assert set(zip(*columns, strict=True)) == expected
    assert sizes(load(limit=7)) == [7, 7, 7]
    assert sizes(load(limit=61)) == [60, 60, 60]
    turned = load(source="target", target="source", limit=7)
    assert turned.splits["test"]["target"] == test["source"][:7]


def test_a_translation_set_of_tfds(tiny):
    load = tiny(
        {
            "train": translations(30) + [{"pt": " ", "en": "x"}],
            "dev": translations(4, 30),
            "test": translations(5, 40) + [{"pt": "p2 \n", "en": "e2"}],
        }
    )
    pairs = load()
    assert (pairs.source, pairs.target) == ("pt", "en")
    assert sizes(pairs) == [30, 4, 6]
    for split in pairs.splits.values():
        assert [s[1:] for s in split["source"]] == [
            t[1:] for t in split["target"]
        ]
    assert pairs.notes == (
        "train: 1 examples with an empty text left out",
        "test: 1 of 6 sources also occur in train",
    )
    assert load(source="en").target == "pt"
    assert load(target="pt").source == "en"


def test_a_split_of_tfds_is_cut_off(tiny):
    load = tiny({"train": translations(50), "test": translations(9, 60)})
    pairs = load()
    assert sizes(pairs) == [45, 5, 9]
    assert pairs.notes == ("cut off the training examples: 5 for validation",)
    assert sizes(load(limit=7)) == [7, 5, 7]


def test_the_only_split_may_have_any_name(tiny):
    pairs = tiny({"data": translations(20)})()
    assert sizes(pairs) == [16, 2, 2]


def test_texts_without_names_of_their_own(tiny):
    features = {
        "id": tfds.features.Scalar(np.int32),
        "question": tfds.features.Text(),
        "answer": tfds.features.Text(),
        "words": tfds.features.Sequence(tfds.features.Text()),
    }
    example = {"id": 1, "question": "q", "answer": "a", "words": ["w"]}
    splits = {s: [example] for s in ("train", "validation", "test")}
    load = tiny(splits, features, keys=None)
    pairs = load(also=())
    assert {pairs.source, pairs.target} == {"question", "answer"}
    assert "turn it round" in pairs.notes[0]
    with pytest.raises(ValueError, match="no texts called 'id', which also as"):
        load(also=("id",))


def test_files_without_splits_are_cut(tmp_path):
    pairs = load_pairs(folder(tmp_path))
    assert (pairs.source, pairs.target) == ("de", "en")
    assert sizes(pairs) == [80, 10, 10]
    assert pairs.notes == (
        "source: de, target: en (in alphabetical order; name source and target "
        "to turn it round)",
        "cut off the training examples: 10 for validation, 10 for test",
    )
    seen = [t for split in pairs.splits.values() for t in split["source"]]
    assert sorted(seen) == sorted(f"de{number}" for number in range(100))
    for split in pairs.splits.values():
        assert [s[2:] for s in split["source"]] == [
            t[2:] for t in split["target"]
        ]
        numbers = [int(text[2:]) for text in split["source"]]
        assert numbers == sorted(numbers)


def test_the_seed_draws_the_cut(tmp_path):
    name = folder(tmp_path)
    one, same, other = (load_pairs(name, seed=s).splits for s in (0, 0, 1))
    assert one == same
    assert one["test"] != other["test"]
    # Written down: a resumed or repeated run must find the same split.
    assert one["validation"]["source"][:2] == ["de4", "de13"]


def test_a_cut_is_at_most_a_thousand(tmp_path):
    assert sizes(load_pairs(folder(tmp_path, 12_000))) == [10_000, 1000, 1000]


def test_what_is_repeated_stays_on_one_side_of_a_cut(tmp_path):
    (tmp_path / "x.en").write_text("".join(f"{n % 40}\n" for n in range(200)))
    (tmp_path / "x.de").write_text("".join(f"{n}\n" for n in range(200)))
    pairs = load_pairs(f"folder:{tmp_path}", source="en")
    assert sizes(pairs) == [160, 20, 20]
    sides = [set(split["source"]) for split in pairs.splits.values()]
    assert [len(side) for side in sides] == [32, 4, 4]
    assert len(set.union(*sides)) == 40


def test_too_few_to_cut(tmp_path):
    assert sizes(load_pairs(folder(tmp_path, 3))) == [1, 1, 1]
    with pytest.raises(
        ValueError, match="2 different source texts, too few to "
    ):
        load_pairs(folder(tmp_path, 2))


def test_three_languages(tmp_path):
    name = folder(tmp_path)
    (tmp_path / "talks.fr").write_text("".join(f"fr{n}\n" for n in range(100)))
    with pytest.raises(ValueError, match="texts de, en, fr: name two of them"):
        load_pairs(name)
    with pytest.raises(ValueError, match="name two of them"):
        load_pairs(name, source="fr")
    pairs = load_pairs(name, source="fr", target="de", also=("en",))
    (source, target, also) = pairs.splits["test"].values()
    assert len({text[2:] for text in (source[0], target[0], also[0])}) == 1
    assert (source[0][:2], target[0][:2], also[0][:2]) == ("fr", "de", "en")


@pytest.mark.parametrize(
    "options, message",
    [
        ({"source": "fr"}, "no texts called 'fr', which source .* de, en"),
        ({"target": "EN"}, "called 'EN', which target asks"),
        ({"source": "en", "target": "en"}, "'en' as source and as target"),
        ({"also": ["it"]}, "called 'it', which also asks"),
        ({"limit": 0}, "limit=0, where a positive integer"),
        ({"limit": 1.5}, "limit=1.5, where"),
    ],
)
def test_wrong_options(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load_pairs(folder(tmp_path), **options)


def test_a_folder_without_training_files(tmp_path):
    with pytest.raises(ValueError, match="train.de and train.en are expected"):
        load_pairs(folder(tmp_path, stem="test"))


@pytest.mark.parametrize(
    "name, message",
    [
        ("folder:/nowhere/at/all", "There is no folder '/nowhere/at/all'"),
        ("imdb_reviews", "no two texts, to translate one .*, but text: choose"),
        ("scam/simple", "Unknown data set 'scam/simple'.*'scan'"),
    ],
)
def test_sets_that_are_none(name, message):
    with pytest.raises(ValueError, match=message):
        load_pairs(name)


def test_an_empty_split_of_tfds(tiny):
    splits = {"train": translations(9), "validation": translations(1, 20)}
    load = tiny({**splits, "test": [{"pt": "", "en": "e"}]})
    with pytest.raises(ValueError, match="split 'test' of .* has no examples"):
        load()


def test_a_set_of_tfds_without_training_split(tiny):
    load = tiny({"a": translations(3), "b": translations(3)})
    with pytest.raises(ValueError, match=r"no split 'train', but \['a', 'b'\]"):
        load()


def test_texts_of_tfds_that_are_not_utf8(tiny):
    bad = [{"pt": b"ma\xe7a", "en": b"apple"}]
    load = tiny({s: bad for s in ("train", "validation", "test")})
    with pytest.raises(ValueError, match="'train' of .* not UTF-8, b'ma"):
        load()
