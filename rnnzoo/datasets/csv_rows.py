"""Rows of CSV files, with the lines they are in."""

import csv
import io

# A text may be long: csv stops at 131,072 characters.
_LONGEST_FIELD = 2**30


def csv_rows(path, content, delimiter=",", quoted=True):
    """Yields (line, fields) of each row that is not empty, first the names.

    Args:
        path: Path. Of the file, for errors.
        content: str. What is in it.
        delimiter: str. What stands between fields.
        quoted: bool. Whether a field may be in quotation marks, with commas
            and line breaks in it; they are characters like others otherwise.

    Raises:
        ValueError: broken quotation marks; a row of more or fewer fields than
            the first.
    """
    quotation = {"strict": True} if quoted else {"quoting": csv.QUOTE_NONE}
    # Not splitlines: U+2028 and others inside a field would end its row.
    lines = io.StringIO(content, newline="")
    reader = csv.reader(lines, delimiter=delimiter, **quotation)
    before = csv.field_size_limit(_LONGEST_FIELD)
    names, last = None, 0
    try:
        for fields in reader:
            line, last = last + 1, reader.line_num
            if not any(field.strip() for field in fields):
                continue
            names = names or [name.strip() for name in fields]
            if len(fields) != len(names):
                hint = ""
                if quoted and len(fields) > len(names):
                    hint = (
                        f" A field with {delimiter!r} in it must be in "
                        "quotation marks."
                    )
                raise ValueError(
                    f"Line {line} of {str(path)!r} has {len(fields)} columns, "
                    f"where {len(names)} are expected: "
                    f"{', '.join(names)}.{hint}"
                )
            yield line, fields
    except csv.Error as error:
        raise ValueError(
            f"{str(path)!r} is broken in line {reader.line_num}: {error}. "
            "A field with a comma, a quotation mark or a line break must "
            "be in quotation marks, and those in it doubled."
        ) from error
    finally:
        csv.field_size_limit(before)
