import collections
import random
import socket
import subprocess
import sys
import time

import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.core.download import downloader

from rnnzoo import datasets
from rnnzoo.datasets import loading
from rnnzoo.datasets.dates import Dates
from rnnzoo.datasets.dates import builder as dates_builder
from rnnzoo.datasets.dates.examples import SIZES, examples


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A data_dir with all dates, and the seconds it took to fill it."""
    folder = tmp_path_factory.mktemp("data")
    start = time.perf_counter()
    datasets.load("dates", "train", folder)
    return folder, time.perf_counter() - start


@pytest.fixture
def few(monkeypatch):
    for split in SIZES:
        monkeypatch.setitem(SIZES, split, 1)


def folders(data_dir):
    return sorted(p.name for p in data_dir.glob("dates/cldr_*/*"))


def read(dataset):
    keys = ("source", "target", "locale")
    return [
        tuple(example[key].decode() for key in keys)
        for example in dataset.as_numpy_iterator()
    ]


@pytest.mark.parametrize("split", ["validation", "test"])
def test_round_trip(prepared, split):
    dataset = datasets.load("dates", split, prepared[0])
    assert len(dataset) == 30 * SIZES[split]
    found = read(dataset)
    expected = [tuple(example.values()) for example in examples(split)]
    # Shuffled on disk, so that a part of a split is a fair sample.
    assert collections.Counter(found) == collections.Counter(expected)
    assert len({locale for _, _, locale in found[:100]}) >= 20


def test_prepared_in_seconds(prepared):
    # Twice what is promised, for a busy machine.
    assert prepared[1] < 30
    assert len(datasets.load("dates", "train", prepared[0])) == 48_000


def test_the_order_is_the_same_twice(prepared, few, tmp_path):
    first = read(datasets.load("dates", "test", prepared[0]))
    assert first == read(datasets.load("dates", "test", prepared[0]))
    one, two = (
        read(datasets.load("dates", "train", tmp_path / folder))
        for folder in ("one", "two")
    )
    assert len(one) == 30
    assert one == two


def test_parts_of_splits(prepared):
    part = read(datasets.load("dates", "test[10:15]", prepared[0]))
    assert part == read(datasets.load("dates", "test", prepared[0]))[10:15]


def test_tfds_knows_the_name_config_and_version(prepared):
    name = f"dates/{Dates.BUILDER_CONFIGS[0].name}:1.0.0"
    dataset, info = tfds.load(
        name, split="test", data_dir=prepared[0], with_info=True
    )
    assert set(dataset.element_spec) == {"source", "target", "locale"}
    assert info.splits["train"].num_examples == 48_000
    pairs = tfds.load(
        "dates", split="test", data_dir=prepared[0], as_supervised=True
    )
    source, target = next(pairs.as_numpy_iterator())
    assert len(source) >= 8 and len(target) == 10


def test_quiet(tmp_path, few, capfd):
    datasets.load("dates", "test", tmp_path)
    datasets.load("dates", "test", tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_new_version_is_prepared_anew(tmp_path, few, monkeypatch):
    datasets.load("dates", "test", tmp_path)
    monkeypatch.setattr(Dates, "VERSION", tfds.core.Version("1.0.1"))
    monkeypatch.setitem(SIZES, "test", 2)
    assert len(datasets.load("dates", "test", tmp_path)) == 60
    assert folders(tmp_path) == ["1.0.0", "1.0.1"]


def test_an_interrupted_preparation_leaves_nothing(tmp_path, few, monkeypatch):
    def interrupted(split):
        yield from list(examples(split))[:7]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(dates_builder, "examples", interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.load("dates", "test", tmp_path)
    assert folders(tmp_path) == []
    assert len(datasets.load("dates", "test", tmp_path)) == 30


def test_random_numbers_are_its_own(tmp_path, few, monkeypatch):
    """It uses up none of the caller's, and shares no folder with a twin."""
    unfinished = set()

    def watched(split):
        unfinished.update(p.name for p in tmp_path.glob("*/dates/*/incomp*"))
        return examples(split)

    monkeypatch.setattr(dates_builder, "examples", watched)
    for process in ("one", "twin"):
        random.seed(1)
        before = random.getstate()
        datasets.load("dates", "train", tmp_path / process)
        assert random.getstate() == before
    assert len(unfinished) == 2


def test_another_process_may_be_faster(tmp_path, few, monkeypatch):
    prepare = Dates.download_and_prepare

    def late(self):
        prepare(self)
        raise FileExistsError("Destination already exists.")

    monkeypatch.setattr(Dates, "download_and_prepare", late)
    assert len(datasets.load("dates", "train", tmp_path)) == 30


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    def full(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Dates, "download_and_prepare", full)
    with pytest.raises(OSError, match="prepare .* 'dates' in .*No space left"):
        datasets.load("dates", "train", tmp_path)


@pytest.mark.parametrize(
    "name, message",
    [
        (
            "date",
            "Unknown data set 'date'.*download are 'adding'.*mean 'dates'",
        ),
        ("imdb_review", "mean 'imdb_reviews'"),
        ("qqqqqqq", "every name of the TFDS catalogue is taken$"),
        ("dates/short", "'dates/short' names no config or version"),
        ("dates:9.9.9", "give 'dates' alone for the newest"),
        ("scan/sample", "'scan' .* 15 configs: simple, "),
    ],
)
def test_unknown_names_fail_at_once(tmp_path, name, message):
    start = time.perf_counter()
    with pytest.raises(ValueError, match=message):
        datasets.load(name, "train", tmp_path)
    assert time.perf_counter() - start < 5
    assert list(tmp_path.iterdir()) == []


def test_unknown_split(prepared):
    with pytest.raises(ValueError, match="'trian'.*'train', 'validation'"):
        datasets.load("dates", "trian", prepared[0])


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(
        ModuleNotFoundError,
        match=r"'tensorflow_datasets', .*pip install 'rnnzoo\[recipes\]'",
    ):
        datasets.load("dates", "train")


def test_what_shortens_downloads_is_given_back(monkeypatch, tmp_path):
    seen = []

    def note(self):
        seen.append((downloader.MAX_RETRIES, downloader._open_url.keywords))
        raise ConnectionError("no network")

    before = downloader.MAX_RETRIES, downloader._open_url
    monkeypatch.setattr(Dates, "download_and_prepare", note)
    with pytest.raises(
        ValueError,
        match="'dates' is not in .*downloaded: no network.*TFDS_DATA_DIR",
    ):
        datasets.load("dates", "train", tmp_path)
    assert seen == [(1, {"timeout": (5, 60)})]
    assert (downloader.MAX_RETRIES, downloader._open_url) == before


@pytest.fixture
def silent_server():
    """The address of a server that takes a connection and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/data.zip"


@pytest.mark.parametrize("url", ["http://name.invalid/data.zip", "silent"])
def test_without_a_network_it_takes_seconds(
    tmp_path, monkeypatch, silent_server, url
):
    url = silent_server if url == "silent" else url

    def split_generators(self, dl_manager):
        return {"train": dl_manager.download(url)}

    monkeypatch.setattr(Dates, "_split_generators", split_generators)
    monkeypatch.setattr(loading, "_TIMEOUT", (0.2, 0.2))
    start = time.perf_counter()
    with pytest.raises(ValueError, match=f"'dates' .*no answer from {url}. Go"):
        datasets.load("dates", "train", tmp_path)
    assert time.perf_counter() - start < 5
    # What TFDS notes about the name; no data that could be taken for some.
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert set(left) <= {"metadata.json"}


def test_data_that_must_be_fetched_by_hand(tmp_path, monkeypatch):
    def split_generators(self, dl_manager):
        return {"train": dl_manager.manual_dir / "data.zip"}

    monkeypatch.setattr(Dates, "_split_generators", split_generators)
    monkeypatch.setattr(Dates, "MANUAL_DOWNLOAD_INSTRUCTIONS", "Ask Ada.")
    with pytest.raises(
        ValueError, match="(?s)'dates' cannot be prepared: .*Ask Ada"
    ):
        datasets.load("dates", "train", tmp_path)


def test_a_path_that_lacks_its_prefix(tmp_path):
    with pytest.raises(
        ValueError, match=f"in that folder, give 'folder:{tmp_path}'"
    ):
        datasets.load(str(tmp_path), "train")


def test_importing_the_room_loads_nothing_heavy():
    # With an empty parent, since `rnnzoo` itself loads Keras.
    code = (
        "import sys, types\n"
        "package = types.ModuleType('rnnzoo')\n"
        "package.__path__ = [sys.argv[1]]\n"
        "sys.modules['rnnzoo'] = package\n"
        "import rnnzoo.datasets\n"
        "heavy = {'tensorflow_datasets', 'tensorflow', 'babel', 'numpy'}\n"
        "print(heavy & set(sys.modules))\n"
    )
    folder = datasets.__path__[0].removesuffix("/datasets")
    done = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"
