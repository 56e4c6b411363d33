"""Command-line flags made from one flat frozen dataclass.

Nothing here imports Keras or TensorFlow, so `--help` answers at once.
"""

import argparse
import dataclasses
import difflib
import enum
import types
import typing

_KINDS = {str: "TEXT", int: "INTEGER", float: "NUMBER"}


class Unset(enum.Enum):
    """The default of a flag whose value depends on others: None is a value."""

    UNSET = "unset"


def flag(default, help, choices=(), none="none"):
    """A field of a Config, with the help that `--help` prints.

    Args:
        default: str, int, float, bool or None. The value without the flag.
        help: str. One line: what it does, in which unit.
        choices: tuple. The only values allowed; empty: any of the type.
        none: str. What `--help` prints for a default of None.

    Example:

    ```python
    import dataclasses
    from recipes.common import flags

    @dataclasses.dataclass(frozen=True)
    class Config:
        units: int = flags.flag(128, "size of the recurrent state")

    flags.parse(Config, ["--units", "64"])  # Config(units=64)
    ```
    """
    metadata = {"help": help, "choices": tuple(choices), "none": none}
    return dataclasses.field(default=default, metadata=metadata)


def parse(config_class, arguments=None, description=None):
    """Reads a Config from command-line arguments.

    Each field becomes `--name`; a bool becomes `--name` and `--no-name`; a
    field of type `X | None` takes the word `none`.

    Args:
        config_class: a dataclass whose fields are str, int, float or bool,
            or one of these `| None`, all with defaults.
        arguments: list of str. Default: those of this process.
        description: str. What `--help` prints above the flags.

    Returns:
        An instance of `config_class`, see `given`. A wrong flag or value, or
        some that do not go together, for which `config_class` raises
        `ValueError`, ends the process with exit status 2 and one sentence;
        `--help` with status 0.

    Raises:
        ValueError: a field's type cannot be a flag.
    """
    parser = _Parser(
        usage="%(prog)s [--flag value ...]",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    group = parser.add_argument_group("flags")
    hints = typing.get_type_hints(config_class)
    for field in dataclasses.fields(config_class):
        _add(group, field, hints[field.name])
    values, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error(_explain(unknown[0], config_class))
    try:
        config = config_class(**vars(values))
    except ValueError as error:  # flags that do not go together
        parser.error(str(error))
    object.__setattr__(config, "_given", frozenset(vars(values)))
    return config


def given(config):
    """The names of the flags that a Config was given.

    Args:
        config: a Config. If `parse` has read it, those on the command line,
            also with the values of their defaults; else all that are off
            theirs.

    Returns:
        frozenset of str.
    """
    off = (
        field.name
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != field.default
    )
    return getattr(config, "_given", None) or frozenset(off)


def value(field, hint, text):
    """The value of a field of a Config that was written as text.

    Args:
        field: `dataclasses.Field`, made by `flag`.
        hint: the field's type.
        text: str, as on a command line; of a bool "True" or "False".

    Raises:
        ValueError: no value of this field.
    """
    kind, optional = _kind(field.name, hint)
    if kind is bool:
        return text == "True"
    try:
        return _converter(kind, optional, ())(text)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"The setting {field.name} of the run: {error}") from (
            error
        )


def _add(group, field, hint):
    kind, optional = _kind(field.name, hint)
    choices = field.metadata.get("choices", ())
    text = field.metadata.get("help", "")
    if choices:
        text += "; one of " + ", ".join(map(_word, choices))
    default = _word(field.default)
    if field.default in (None, Unset.UNSET):
        default = field.metadata.get("none", default)
    elif kind is bool:
        default = "yes" if field.default else "no"
    common = {
        # So that what was given is told from what was not.
        "default": argparse.SUPPRESS,
        "help": f"{text} (default: {default})".replace("%", "%%"),
    }
    if kind is bool:
        group.add_argument(f"--{field.name}", action=_YesNo, nargs=0, **common)
        return
    group.add_argument(
        f"--{field.name}",
        type=_converter(kind, optional, choices),
        metavar=_KINDS[kind],
        **common,
    )


def _kind(name, hint):
    """The plain type behind a hint, and whether None is allowed too."""
    members = typing.get_args(hint) or (hint,)
    plain = [member for member in members if member is not types.NoneType]
    if len(plain) == 1 and plain[0] in (*_KINDS, bool):
        return plain[0], len(plain) < len(members)
    raise ValueError(
        f"The field {name!r} has the type {hint}; a flag can be str, int, "
        "float or bool, or one of these `| None`. Give it one of these types."
    )


def _converter(kind, optional, choices):
    def convert(text):
        if optional and text.lower() == "none":
            return None
        try:
            value = kind(text)
        except ValueError:
            noun = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(
                f"{text!r} is not {noun}"
            ) from None
        if choices and value not in choices:
            known = [_word(choice) for choice in choices]
            raise argparse.ArgumentTypeError(
                f"{text!r} is none of {', '.join(known)}{_near(text, known)}"
            )
        return value

    return convert


def _explain(word, config_class):
    """What to say about an argument that no flag takes."""
    if not word.startswith("--"):
        return (
            f"{word!r} follows no flag; a value comes after its flag's name, "
            "as in --seed 1"
        )
    name = word.split("=")[0]
    known = [f"--{field.name}" for field in dataclasses.fields(config_class)]
    return f"unknown flag {name}{_near(name, known)}; --help lists all flags"


def _near(word, known):
    match = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {match[0]}?" if match else ""


def _word(value):
    return "none" if value is None else str(value)


class _YesNo(argparse.Action):
    """`--name` and `--no-name`."""

    def __init__(self, option_strings, **options):
        name = option_strings[0].removeprefix("--")
        super().__init__([f"--{name}", f"--no-{name}"], **options)

    def __call__(self, parser, values, value, option_string=None):
        setattr(values, self.dest, not option_string.startswith("--no-"))


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """Exits with one sentence, without the usage text above it."""
        self.exit(2, f"{self.prog}: {message}\n")
