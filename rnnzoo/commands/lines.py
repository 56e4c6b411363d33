"""Lines of text in and out, with mistakes told by their lines."""

import os
import pathlib
import sys

# How many of the wrong lines a message names.
_SHOWN = 5


def read(values):
    """The texts that a command line gives.

    Args:
        values: what `parser.parse` returns for "generate" or "predict".

    Returns:
        list of str, none of them empty.

    Raises:
        ValueError: a file that cannot be read or is not UTF-8; no lines, or
            empty ones.
    """
    if values.file is None and values.text != ["-"]:
        return _checked(values.text, "the command line", "text")
    if values.file is None:
        where, content = "standard input", sys.stdin.buffer.read()
    else:
        where = values.file
        try:
            content = pathlib.Path(where).read_bytes()
        except OSError as error:
            raise ValueError(
                f"{where} cannot be read: {error.strerror}."
            ) from error
    return _checked(_decoded(content, where), where, "line")


def _decoded(content, where):
    # Some editors begin a file with a mark of its byte order.
    content = content.removeprefix(b"\xef\xbb\xbf")
    lines = []
    # By bytes, since a str knows line breaks that a file means as text.
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            lines.append(line.removesuffix(b"\r").decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"Line {number} of {where} is not UTF-8: {error.reason} at "
                f"byte {error.start + 1}. Save it as UTF-8."
            ) from error
    return lines[:-1] if lines[-1] == "" else lines


def _checked(lines, where, what):
    if not lines:
        raise ValueError(f"There is no {what} in {where}: give at least one.")
    empty = [n for n, line in enumerate(lines, start=1) if not line.strip()]
    if empty:
        numbers = ", ".join(map(str, empty[:_SHOWN]))
        more = ", ..." * (len(empty) > _SHOWN)
        raise ValueError(
            f"{len(empty)} of the {what}s in {where} are empty (number "
            f"{numbers}{more}), and nothing comes of nothing: leave them "
            "out."
        )
    return lines


def check_output(path):
    """Tells before the work that its result could not be written.

    Raises:
        ValueError: no such folder, or something else than a file.
    """
    path = pathlib.Path(path)
    if not path.parent.is_dir() or path.exists() and not path.is_file():
        raise ValueError(
            f"--output {path} cannot be written: give a file, in a folder "
            "that is there."
        )


def put(text, path, what):
    """Writes to a file, which is told then; or to standard output.

    Args:
        text: str.
        path: str or None.
        what: str. What was done, such as "3 texts".
    """
    if path is None:
        print(text, end="")
    else:
        write(text, path)
        print(f"{what} -> {path}", file=sys.stderr)


def write(text, path):
    """Writes a file whole or not at all.

    Raises:
        ValueError: it cannot be written, such as to a full disk.
    """
    path = os.path.realpath(path)
    unfinished = f"{path}.unfinished"
    try:
        with open(unfinished, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(unfinished, path)
    except OSError as error:
        pathlib.Path(unfinished).unlink(missing_ok=True)
        raise ValueError(
            f"{path} cannot be written: {error.strerror}."
        ) from error
