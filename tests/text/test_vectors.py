import gzip
import tracemalloc

import numpy as np
import pytest

from rnnzoo.text import UNKNOWN, WordVocabulary
from rnnzoo.text.vectors import read_vectors

VOCABULARY = WordVocabulary(["the", "Cat", "zebra", "naïve"])
GLOVE = "the 0.5 -1 2e-1\ndog 9 9 9\ncat 1 2 3\nnaïve 4 5 6\n"


def read(path, content, vocabulary=VOCABULARY, **options):
    if isinstance(content, str):
        content = content.encode()
    path.write_bytes(content)
    return read_vectors(path, vocabulary, **options)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.txt"


@pytest.mark.parametrize(
    "content",
    [
        GLOVE.encode(),
        GLOVE.removesuffix("\n").encode(),
        ("4 3\n" + GLOVE).encode(),
        GLOVE.replace("\n", " \r\n").encode(),
        gzip.compress(("4 3\n" + GLOVE).encode()),
        b"\xff\xfe 1 2 3\n" + GLOVE.encode(),
    ],
    ids=["GloVe", "no end", "word2vec", "fastText", "gzip", "broken word"],
)
def test_words_get_their_vectors(path, content):
    vectors, found = read(path, content)
    assert vectors.shape == (8, 3) and vectors.dtype == "float32"
    assert found.tolist() == [False] * 4 + [True, True, False, True]
    np.testing.assert_allclose(
        vectors[[4, 5, 7]], [[0.5, -1, 0.2], [1, 2, 3], [4, 5, 6]], rtol=1e-6
    )


def test_words_with_spaces_in_them(path):
    content = ". . . 1 2\nat name@domain.com 3 4\nthe 5 6\n"
    vectors, found = read(path, content)
    assert vectors[4].tolist() == [5, 6] and found.sum() == 1


def test_a_word_s_own_vector_comes_before_that_of_its_lower_case(path):
    vocabulary = WordVocabulary(["US", "Us"])
    for content in ("us 1 1\nUS 2 2\nUS 3 3\n", "US 2 2\nus 1 1\nus 3 3\n"):
        vectors, found = read(path, content, vocabulary)
        assert vectors[4:].tolist() == [[2, 2], [1, 1]] and found[4:].all()


def test_unknown_words_have_a_vector_in_some_files(path):
    vectors, found = read(path, GLOVE + "<unk> 7 8 9\n")
    assert vectors[UNKNOWN].tolist() == [7, 8, 9] and found[UNKNOWN]


def test_the_others_are_drawn_as_the_found_ones_are_spread(path):
    words = [f"w{n}" for n in range(4000)]
    random = np.random.RandomState(1)
    rows = random.normal([3.0, -1.0], [0.1, 2.0], (2000, 2))
    lines = [f"{w} {a} {b}\n" for w, (a, b) in zip(words, rows, strict=False)]
    vectors, found = read(path, "".join(lines), WordVocabulary(words))
    assert found.sum() == 2000
    drawn = vectors[~found]
    np.testing.assert_allclose(drawn.mean(axis=0), [3, -1], atol=0.1)
    np.testing.assert_allclose(drawn.std(axis=0), [0.1, 2.0], rtol=0.05)
    again, _ = read_vectors(path, WordVocabulary(words))
    np.testing.assert_array_equal(again, vectors)
    other, _ = read_vectors(path, WordVocabulary(words), seed=1)
    assert (other[found] == vectors[found]).all()
    assert (other[~found] != vectors[~found]).all()


def test_only_words_of_the_vocabulary_are_kept_in_memory(path):
    line = " ".join(["0.125"] * 50)
    path.write_text("the " + line + "\n" + f"w {line}\n" * 20_000)
    tracemalloc.start()
    read_vectors(path, VOCABULARY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 6e6 and peak < 4e5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "vectors.txt is empty; lines of a word"),
        ("5 3\n", r"None of the 4 words of the vocabulary \('the', 'Cat'"),
        ("dog 1 2\n", "Give a file of the same language"),
        ("<unk> 1 2\n", "None of the 4 words"),
        ("the 1 2\ncat 1\n", "Line 2 of .* has 1 values, where 2 values are"),
        ("the 1 2\ncat 1 2 3\n", "Line 2 of .* has 3 values, where 2 values"),
        ("1 2\nthe 1 2 3\n", "Line 2 of .* has 3 values, where 2 values are"),
        ("the 1 2\n\ncat 1 2\n", "Line 2 of .* has 0 values"),
        ("the 1 2\ncat 1 x\n", "Line 2 of .* has the value 'x', which is no"),
        ("the 1 2\ncat 1 nan\n", "Line 2 of .* has the value 'nan'"),
        ("hello world\n", "Line 1 of .* where a word and its values are exp"),
        (b"a" * (1 << 20) + b"b", "longer than a megabyte"),
        (gzip.compress(GLOVE.encode())[:-12], "vectors.txt cannot be read: C"),
    ],
)
def test_a_file_that_is_none_is_told_by_its_line(path, content, words):
    with pytest.raises(ValueError, match=words):
        read(path, content)


def test_a_file_that_is_not_there(path):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        read_vectors(path, VOCABULARY)
