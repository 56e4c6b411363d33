import pytest

from rnnzoo.datasets.folder import Folder


def fill(folder, files):
    for name, content in files.items():
        if isinstance(content, str):
            content = content.encode()
        (folder / name).write_bytes(content)
    return Folder(str(folder))


def pair(stem, lines="a\nb\n"):
    return {f"{stem}.en": lines, f"{stem}.de": lines.upper()}


def test_the_usual_files(tmp_path):
    folder = fill(
        tmp_path, {**pair("train"), **pair("val"), **pair("test", "c\n")}
    )
    assert folder.texts == ["de", "en"]
    parts, notes = folder.parts(("en", "de"))
    assert parts == {"train": "train", "validation": "val", "test": "test"}
    assert notes == []
    assert folder.read("train", ("en", "de")) == ([["a", "b"], ["A", "B"]], [])
    assert folder.read("train", ("de", "en"), 1) == ([["A"], ["a"]], [])


@pytest.mark.parametrize(
    "stem, split",
    [
        ("train", "train"),
        ("training", "train"),
        ("train.clean", "train"),
        ("valid", "validation"),
        ("validation-1", "validation"),
        ("dev", "validation"),
        ("val_2016", "validation"),
        ("test2014", "test"),
        ("test_2016_flickr", "test"),
    ],
)
def test_names_of_splits(tmp_path, stem, split):
    folder = fill(tmp_path, {**pair(stem), **pair("other"), "README.md": "x"})
    assert folder.parts(("de", "en")) == ({split: stem}, [])
    assert folder.texts == ["de", "en"]


@pytest.mark.parametrize("stem", ["talks", "trainer", "testing", "value"])
def test_one_pair_of_any_name_is_for_training(tmp_path, stem):
    folder = fill(tmp_path, {**pair(stem), "README.md": "x", ".x.en": "y"})
    (tmp_path / "more.de").mkdir()
    assert folder.parts(("de", "en")) == ({"train": stem}, [])


def test_the_plain_name_comes_first_then_the_alphabet(tmp_path):
    files = {**pair("test_2017"), **pair("test_2016"), **pair("train")}
    files["test_2015.en"] = "only one side"
    folder = fill(tmp_path, files)
    assert folder.parts(("en", "de")) == (
        {"train": "train", "test": "test_2016"},
        ["test: test_2016; not read: test_2017"],
    )
    folder = fill(tmp_path, pair("test"))
    parts, notes = folder.parts(("en", "de"))
    assert parts["test"] == "test"
    assert notes == ["test: test; not read: test_2016, test_2017"]


def test_white_space_around_lines_is_dropped(tmp_path):
    text = "\ufeffa b \r\n\tc\u2028d\r\ne\x85f"
    folder = fill(tmp_path, {"x.en": text, "x.de": "1\n2\n3\n"})
    lines, _ = folder.read("x", ("en", "de"))
    assert lines == [["a b", "c\u2028d", "e\x85f"], ["1", "2", "3"]]


def test_a_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    fill(tmp_path, pair("train"))
    assert Folder("~").texts == ["de", "en"]


@pytest.mark.parametrize(
    "files, message",
    [
        ({"x.de": "a\nb\n"}, "x.en' has 1 lines but x.de has 2, where line"),
        ({"x.en": ""}, "x.en' is empty, where one example per line"),
        ({"x.en": "\n\n"}, "x.en' is empty"),
        (
            {"x.en": "a\n \n\nd\n", "x.de": "a\nb\nc\nd\n"},
            "x.en' has 2 empty lines: 2, 3. Remove .* same lines of x.de",
        ),
        (
            {"x.en": "a\n" * 9, "x.de": "a\n" + "\n" * 7 + "b\n"},
            r"x.de' has 7 empty lines: 2, 3, 4, 5, 6, \.\.\.\. Remove",
        ),
        ({"x.en": "a\n\n", "x.de": "b\n\n"}, "x.en' has 1 empty lines: 2"),
        (
            {"x.de": b"a\nb\xe4h\n"},
            "x.de' is not UTF-8: line 2 has the byte 0xe4. Convert",
        ),
        ({"x.en": "a".encode("utf-16")}, "x.en' is not UTF-8: line 1"),
    ],
)
def test_faulty_files(tmp_path, files, message):
    folder = fill(tmp_path, {**pair("x", "a\n"), **files})
    with pytest.raises(ValueError, match=message):
        folder.read("x", ("en", "de"))


def test_a_file_that_cannot_be_read(tmp_path):
    folder = fill(tmp_path, pair("x"))
    (tmp_path / "x.en").unlink()
    with pytest.raises(ValueError, match="read .*x.en': No such file"):
        folder.read("x", ("en", "de"))


def test_half_a_split(tmp_path):
    folder = fill(tmp_path, {**pair("train"), "val.en": "a\n"})
    with pytest.raises(ValueError, match="has no file val.de, but the other"):
        folder.parts(("en", "de"))


@pytest.mark.parametrize(
    "files, message",
    [
        ({}, "no pair of files .* It holds: nothing"),
        ({"train.en": "a"}, "no pair of files .* It holds: train.en"),
        (
            {"train.en.gz": "", "train.de.gz": ""},
            "It holds: train.de.gz, train.en.gz",
        ),
        (
            {**pair("b"), **pair("a")},
            "several pairs of files, a, b, and none is called train",
        ),
    ],
)
def test_folders_without_a_pair(tmp_path, files, message):
    with pytest.raises(ValueError, match=message):
        fill(tmp_path, files)


def test_unknown_folders(tmp_path):
    (tmp_path / "multi30k").mkdir()
    with pytest.raises(ValueError, match="did you mean '.*/multi30k'\\?$"):
        Folder(tmp_path / "multi3k")
    with pytest.raises(ValueError, match="no folder .*/zzz'\\.$"):
        Folder(f"{tmp_path}/zzz")
    with pytest.raises(ValueError, match="/a/b', nor '.*/a'\\.$"):
        Folder(f"{tmp_path}/a/b")
