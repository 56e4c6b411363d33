import sys

import pytest

from rnnzoo.datasets import standard_library


@pytest.fixture
def library(monkeypatch, tmp_path):
    """A standard library of these files."""

    def library(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode("latin-1"))
        monkeypatch.setattr(standard_library, "root", lambda: tmp_path)

    return library


def test_sources_are_modules_and_packages_without_tests(library):
    library(
        {
            "json/decoder.py": "a",
            "json/test/test_decoder.py": "b",
            "csv.py": "c\f",
            "test/test_csv.py": "d",
            "site-packages/numpy.py": "e",
            "turtle.py": "f",
            "csv.txt": "g",
        }
    )
    found = standard_library.sources()
    assert list(found.items()) == [("csv.py", "c"), ("json/decoder.py", "a")]
    assert standard_library.sources(["json"]) == {"json/decoder.py": "a"}


def test_a_file_says_its_encoding(library):
    library({"csv.py": "# -*- coding: latin-1 -*-\n# \xe4\n"})
    assert standard_library.sources()["csv.py"].endswith("# ä\n")


def test_python_without_sources(library):
    library({"csv.pyc": ""})
    with pytest.raises(ValueError, match="no sources of Python's own modules"):
        standard_library.sources()


def test_places_are_fixed_and_fill_the_shares():
    # By sha256sum: the first 16 digits, over 2**64.
    assert standard_library.place("csv.py") == pytest.approx(
        0.7210330545, abs=1e-9
    )
    splits = [standard_library.split_of(f"{i}.py") for i in range(4000)]
    for split, share in standard_library.SHARES.items():
        assert splits.count(split) / 4000 == pytest.approx(share, abs=0.02)


def test_the_version_tells_the_python():
    minor, micro = sys.version_info[1:3]
    assert standard_library.version(1) == f"1.{minor}.{micro}"
    [note] = standard_library.release_notes(2).items()
    assert note[0] == f"2.{minor}.{micro}" and f"Python 3.{minor}." in note[1]
