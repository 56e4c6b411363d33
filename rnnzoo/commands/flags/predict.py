"""The flags of `python -m rnnzoo predict`."""

import argparse

from rnnzoo.commands.flags import numbers, texts

_INPUT = """\
INPUT is what the run was trained on:
  a text                  where it reads texts; --file texts.txt for a file
  a.png                   an image, a wav file or a CSV with a series
  frames/                 a folder of images, in the order of their names
"""


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "predict",
        help="classes, tags or values, with a trained run",
        description="Tells what a trained run makes of texts or files: the "
        "class with its probability; labels; a tag for each word, character "
        "or frame; the values ahead.",
        epilog=f"{_INPUT}\n{texts.RUN}",
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
    texts.add_output(parser)
    parser.add_argument(
        "--n_best",
        type=numbers.positive,
        metavar="INTEGER",
        help="so many classes for each, the likeliest first (default: 1)",
    )
    texts.add_batch_size(parser, "inputs")


def check(parser, values):
    """Refuses what does not go together."""
    texts.check(parser, values, "input")


def run(values):
    """Runs the command."""
    from rnnzoo.commands.predict import predict

    return predict(values)
