"""The flags of `python -m rnnzoo`.

Only the standard library is imported here, so that `--help` and mistakes
answer at once.
"""

import argparse

_RUN = """\
RUN is what was trained:
  latest                  the newest run that has a model
  latest:translation      the same, of one recipe
  3f2a9c41                a run in MLflow: its id, or the beginning of it
  gru-u128-l1-s1          a run in MLflow: its name
  mlruns/untracked/...    a folder with a model.keras
  model.keras             a file

The run is looked for in ./mlruns, or where MLFLOW_TRACKING_URI says.
"""


def parse(arguments=None):
    """Reads the command line.

    Args:
        arguments: list of str. Default: those of this process.

    Returns:
        `argparse.Namespace` with `command`, "generate" or "list", and its
        options. Help ends the process with status 0, a mistake with 2.
    """
    parser = _Parser(
        prog="python -m rnnzoo",
        description="Uses what recipes have trained.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_generate(commands)
    _add_list(commands)
    values = parser.parse_args(arguments)
    if values.command is None:
        parser.print_help()
        parser.exit(2)
    if values.command == "generate":
        _check_generate(commands.choices["generate"], values)
    return values


def _add_generate(commands):
    parser = commands.add_parser(
        "generate",
        help="texts from texts, with a trained run",
        description="Generates a text for each text, with a trained run.",
        epilog=_RUN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("run", metavar="RUN", help="see below")
    parser.add_argument(
        "text", nargs="*", help="texts to read; - for lines of standard input"
    )
    add = parser.add_argument
    add("--file", metavar="PATH", help="reads this file, a text in each line")
    add(
        "--output",
        metavar="PATH",
        help="writes to this file (default: to standard output)",
    )
    add(
        "--beam_width",
        type=_positive,
        metavar="INTEGER",
        help="1 for greedy search (default: 1, or n_best)",
    )
    add(
        "--length_penalty",
        type=float,
        default=1.0,
        metavar="NUMBER",
        help="of beam search; above 0 favours longer texts (default: 1.0)",
    )
    add(
        "--n_best",
        type=_positive,
        metavar="INTEGER",
        help="so many texts for each, as a table: source, rank, score, text",
    )
    add(
        "--max_length",
        type=_positive,
        metavar="INTEGER",
        help="longest text, in tokens (default: what it was trained for)",
    )
    add(
        "--batch_size",
        type=_positive,
        default=128,
        metavar="INTEGER",
        help="texts at a time, which bound the memory (default: 128)",
    )


def _add_list(commands):
    parser = commands.add_parser(
        "list",
        help="the runs that there are",
        description="Lists runs, the newest first.",
        allow_abbrev=False,
    )
    parser.add_argument("recipe", nargs="?", help="of this recipe only")
    parser.add_argument(
        "--count",
        type=_positive,
        default=20,
        metavar="INTEGER",
        help="how many (default: 20)",
    )


def _check_generate(parser, values):
    if bool(values.text) == bool(values.file):
        parser.error(
            "give texts, or --file PATH, or - for standard input, and only "
            "one of them"
        )
    if "-" in values.text and len(values.text) > 1:
        parser.error("- stands for all of standard input: give no other text")
    if values.beam_width is None:
        values.beam_width = values.n_best or 1
    if values.n_best is not None and values.n_best > values.beam_width:
        parser.error(
            f"--n_best {values.n_best} needs a --beam_width of "
            f"{values.n_best} or more, and {values.beam_width} was given"
        )


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """Exits with one sentence, without the usage text above it."""
        self.exit(2, f"{self.prog}: {message}; --help tells more\n")


def _positive(text):
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number of at least 1"
        )
    return value
