"""The flags of `python -m rnnzoo`.

Only the standard library is imported here, so that `--help` and mistakes
answer at once.
"""

import argparse
import re
import sys

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


_WORKERS = """\
Starts a command in several processes that train one model together, each on
its rows of every batch, to the weights that one device gives. The first prints
and writes; of the others errors are shown. When one dies, all are started
again and go on from the last checkpoint. Ctrl-C stops all.
"""

_WORKERS_EXAMPLES = """\
On one machine:
  python -m rnnzoo workers 2 -- python -m recipes.translation

On two machines, which must reach each other and have the same files; the first
command on the one, the second on the other:
  python -m rnnzoo workers --hosts a:7000,b:7000 --index 0 -- python train.py
  python -m rnnzoo workers --hosts a:7000,b:7000 --index 1 -- python train.py

The command makes its model under the strategy "multiworker", or "auto", which
is the same here. TensorFlow neither encrypts nor asks who connects: let the
ports be reached from machines that you trust only.
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
        `argparse.Namespace` with `command`, "generate", "predict", "list" or
        "workers", and its options. Help ends the process with status 0, a
        mistake with 2.
    """
    parser = _Parser(
        prog="python -m rnnzoo",
        description="Uses what recipes have trained, and helps to train.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_generate(commands)
    _add_predict(commands)
    _add_list(commands)
    _add_workers(commands)
    # What stands after -- is another command's, flags and all.
    words = sys.argv[1:] if arguments is None else list(arguments)
    line = []
    if words[:1] == ["workers"] and "--" in words:
        place = words.index("--")
        words, line = words[:place], words[place + 1 :]
    values = parser.parse_args(words)
    if values.command is None:
        parser.print_help()
        parser.exit(2)
    if values.command in ("generate", "predict"):
        _check_texts(commands.choices[values.command], values)
    if values.command == "generate":
        _check_generate(commands.choices["generate"], values)
    if values.command == "workers":
        values.command_line = line
        _check_workers(commands.choices["workers"], values)
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


def _add_workers(commands):
    parser = commands.add_parser(
        "workers",
        help="trains one model in several processes",
        usage="%(prog)s COUNT [options] -- COMMAND ...",
        description=_WORKERS,
        epilog=_WORKERS_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "count",
        nargs="?",
        type=_positive,
        metavar="COUNT",
        help="how many processes on this machine",
    )
    add = parser.add_argument
    add(
        "--restarts",
        type=_whole,
        default=3,
        metavar="INTEGER",
        help="how often all are started again when one dies (default: 3)",
    )
    add(
        "--wait",
        type=_positive,
        default=600,
        metavar="SECONDS",
        help="how long workers wait for each other at a start (default: 600)",
    )
    add(
        "--hosts",
        type=_addresses,
        metavar="HOST:PORT,...",
        help="one process on each of these machines instead; the first writes",
    )
    add(
        "--index",
        type=_whole,
        metavar="INTEGER",
        help="which of --hosts this machine is, from 0",
    )


def _check_workers(parser, values):
    if not values.command_line:
        parser.error(
            "give the command that each worker runs, after --: workers 2 -- "
            "python -m recipes.translation"
        )
    if values.hosts is None:
        if values.count is None:
            parser.error("give the number of workers, or --hosts")
        if values.index is not None:
            parser.error("--index says which of --hosts this is: give both")
        return
    hosts = len(values.hosts)
    if values.count not in (None, hosts):
        parser.error(
            f"{values.count} workers and {hosts} --hosts were given: there is "
            "one on each, so leave the number out"
        )
    if values.index is None or values.index >= hosts:
        parser.error(f"give --index, from 0 to {hosts - 1}: which this one is")
    values.count = hosts


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
    return _whole(text, 1)


def _whole(text, least=0):
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number of at least {least}"
        )
    return value


def _addresses(text):
    addresses = text.split(",")
    for address in addresses:
        if not re.fullmatch(r"[^:\s/]+:[0-9]{1,5}", address):
            raise argparse.ArgumentTypeError(
                f"{address!r} is no address such as gpu-1:7000"
            )
    if len({*addresses}) < len(addresses):
        raise argparse.ArgumentTypeError("an address is given twice")
    return addresses
