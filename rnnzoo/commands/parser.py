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


_INPUT = """\
INPUT is what the run was trained on:
  a text                  where it reads texts; --file texts.txt for a file
  a.png                   an image, a wav file or a CSV with a series
  frames/                 a folder of images, in the order of their names
"""


def parse(arguments=None):
    """Reads the command line.

    Args:
        arguments: list of str. Default: those of this process.

    Returns:
        `argparse.Namespace` with `command`, "generate", "predict" or "list",
        and its options. Help ends the process with status 0, a mistake with 2.
    """
    parser = _Parser(
        prog="python -m rnnzoo",
        description="Uses what recipes have trained.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_generate(commands)
    _add_predict(commands)
    _add_list(commands)
    values = parser.parse_args(arguments)
    if values.command is None:
        parser.print_help()
        parser.exit(2)
    if values.command in ("generate", "predict"):
        _check_texts(commands.choices[values.command], values)
    if values.command == "generate":
        _check_generate(commands.choices["generate"], values)
    return values


def _add_generate(commands):
    parser = commands.add_parser(
        "generate",
        help="texts from texts, with a trained run",
        description="Generates a text for each text, with a trained run: "
        "a translation, or what a language model goes on with.",
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
    _add_output(parser)
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
        "--temperature",
        type=float,
        metavar="NUMBER",
        help="draws tokens at random; below 1 likelier ones, above 1 rarer",
    )
    add(
        "--top_k",
        type=_positive,
        metavar="INTEGER",
        help="draws tokens at random, among so many of the likeliest",
    )
    add(
        "--top_p",
        type=float,
        metavar="NUMBER",
        help="draws tokens at random, among the likeliest of this share",
    )
    add(
        "--seed",
        type=int,
        metavar="INTEGER",
        help="draws the same each time (default: others each time)",
    )
    _add_batch_size(parser, "texts")


def _add_predict(commands):
    parser = commands.add_parser(
        "predict",
        help="classes, tags or values, with a trained run",
        description="Tells what a trained run makes of texts or files: the "
        "class with its probability; labels; a tag for each word, character "
        "or frame; the values ahead.",
        epilog=f"{_INPUT}\n{_RUN}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("run", metavar="RUN", help="see below")
    parser.add_argument(
        "text",
        nargs="*",
        metavar="INPUT",
        help="see below; - for lines of standard input",
    )
    parser.add_argument(
        "--file",
        metavar="PATH",
        help="reads this file, an INPUT in each line",
    )
    _add_output(parser)
    parser.add_argument(
        "--n_best",
        type=_positive,
        metavar="INTEGER",
        help="so many classes for each, the likeliest first (default: 1)",
    )
    _add_batch_size(parser, "inputs")


def _add_output(parser):
    parser.add_argument(
        "--output",
        metavar="PATH",
        help="writes to this file (default: to standard output)",
    )


def _add_batch_size(parser, what):
    parser.add_argument(
        "--batch_size",
        type=_positive,
        default=128,
        metavar="INTEGER",
        help=f"{what} at a time, which bound the memory (default: 128)",
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


def _check_texts(parser, values):
    what = "text" if values.command == "generate" else "input"
    if bool(values.text) == bool(values.file):
        parser.error(
            f"give {what}s, or --file PATH, or - for standard input, and only "
            "one of them"
        )
    if "-" in values.text and len(values.text) > 1:
        parser.error(
            f"- stands for all of standard input: give no other {what}"
        )


def _check_generate(parser, values):
    draws = (values.temperature, values.top_k, values.top_p) != (None,) * 3
    if draws and values.beam_width is not None:
        parser.error(
            "--beam_width is of a search, and --temperature, --top_k and "
            "--top_p draw at random: leave one side out"
        )
    if values.seed is not None and not draws:
        parser.error(
            "--seed needs --temperature, --top_k or --top_p: without them "
            "nothing is drawn at random"
        )
    if draws:
        values.beam_width = 1
    elif values.beam_width is None:
        values.beam_width = values.n_best or 1
    elif values.n_best is not None and values.n_best > values.beam_width:
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
