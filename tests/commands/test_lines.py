import io
import types

import pytest

from rnnzoo.commands import lines, parser


def read(*arguments):
    return lines.read(parser.parse(["generate", "latest", *arguments]))


def given(tmp_path, content):
    path = tmp_path / "in.txt"
    path.write_bytes(content)
    return read("--file", str(path))


def test_texts_of_the_command_line():
    assert read("ä b", "c") == ["ä b", "c"]


@pytest.mark.parametrize(
    "content",
    [b"a\nb c\n", b"a\nb c", b"a\r\nb c\r\n", b"\xef\xbb\xbfa\nb c\n"],
    ids=["unix", "no last break", "windows", "byte order mark"],
)
def test_a_line_is_a_text(tmp_path, content):
    assert given(tmp_path, content) == ["a", "b c"]


def test_a_line_ends_where_an_editor_ends_it(tmp_path):
    """A line separator of Unicode is part of a text."""
    content = "a\u2028b\x0cc\n".encode()
    assert given(tmp_path, content) == ["a\u2028b\x0cc"]


def test_standard_input(monkeypatch):
    stdin = types.SimpleNamespace(buffer=io.BytesIO("é\nb\n".encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert read("-") == ["é", "b"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "There is no line in .*in.txt: give at least one"),
        (b"a\n\nb\n \t\n", r"2 of the lines in .*\(number 2, 4\), and nothing"),
        (b"\n" * 9, r"\(number 1, 2, 3, 4, 5, \.\.\.\)"),
        (b"a\nb\xff\n", "Line 2 of .*in.txt is not UTF-8: .* at byte 2. Save"),
        ("ä\n".encode("utf-16"), "Line 1 of .* is not UTF-8"),
    ],
    ids=["nothing", "empty lines", "many", "latin", "utf-16"],
)
def test_what_is_no_text_is_told_by_its_line(tmp_path, content, words):
    with pytest.raises(ValueError, match=words):
        given(tmp_path, content)


def test_an_empty_text_is_told_by_its_number():
    with pytest.raises(ValueError, match="1 of the texts in the command line"):
        read("a", "")


def test_a_file_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(ValueError, match=f"{path} cannot be read: [NI]"):
            read("--file", str(path))


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "out.txt"
    path.write_text("before")

    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    def full(name, *rest, **options):
        open(name, "w").close()
        return Full()

    monkeypatch.setattr(lines, "open", full, raising=False)
    with pytest.raises(ValueError, match="out.txt cannot be written: No space"):
        lines.write("after\n", str(path))
    assert path.read_text() == "before"
    assert [item.name for item in tmp_path.iterdir()] == ["out.txt"]
    monkeypatch.undo()
    lines.write("ä\u2028\n", str(path))
    assert path.read_bytes() == "ä\u2028\n".encode()
    assert [item.name for item in tmp_path.iterdir()] == ["out.txt"]


def test_an_output_is_looked_at_before_the_work(tmp_path):
    lines.check_output(str(tmp_path / "new.txt"))
    for path in (tmp_path, tmp_path / "none" / "out.txt", "/dev/null"):
        with pytest.raises(ValueError, match="cannot be written: give a file"):
            lines.check_output(str(path))
