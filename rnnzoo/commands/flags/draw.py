"""The flags of `python -m rnnzoo draw`."""

import argparse

from rnnzoo.commands.flags import numbers, texts

_MODEL = """\
MODEL is a topology, one_to_one, one_to_many, many_to_one, synced or seq2seq,
with the options of `rnnzoo.build`; or a RUN.
"""

# Options of topologies, as far as they change what is drawn.
_OPTIONS = {
    "cell": (str, "cell by name, such as lstm"),
    "units": (numbers.positive, "size of the recurrent state"),
    "num_layers": (numbers.positive, "recurrent layers"),
    "block": (str, "what a paper puts around its cell, such as xlstm"),
    "attention": (str, "such as additive; none for none"),
    "condition": (str, "how one_to_many learns of its input"),
    "encoder": (str, "what reads an image of one_to_many: cnn or crnn"),
    "pooling": (str, "what many_to_one makes of all steps, such as mean"),
    "head": (str, "such as softmax, crf or ctc"),
}
_SWITCHES = {
    "bidirectional": "each layer reads backwards as well",
    "residual": "shortcuts around the layers",
    "pre_norm": "layer norms before them",
    "input_feeding": "a decoder reads what its attention found",
}


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "draw",
        help="a network as a picture, folded or unrolled",
        description="Draws a network as textbooks do, into a PNG, SVG or PDF.",
        epilog=f"{_MODEL}\n{texts.RUN}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL", help="see below")
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="the picture (default: drawing.png)",
        default="drawing.png",
    )
    parser.add_argument(
        "--folded",
        action="store_true",
        help="one column, and arrows that lead back",
    )
    parser.add_argument(
        "--steps",
        type=numbers.positive,
        metavar="INTEGER",
        help="time steps drawn (default: 4; 3 for two sequences)",
    )
    parser.add_argument(
        "--dpi",
        type=numbers.positive,
        default=150,
        metavar="INTEGER",
        help="pixels per inch of a PNG (default: 150)",
    )
    group = parser.add_argument_group("options of a topology")
    for name, (kind, text) in _OPTIONS.items():
        metavar = "TEXT" if kind is str else "INTEGER"
        group.add_argument(f"--{name}", type=kind, metavar=metavar, help=text)
    for name, text in _SWITCHES.items():
        group.add_argument(f"--{name}", action="store_true", help=text)


def check(parser, values):
    """Refuses what does not go together, and collects the options."""
    suffix = values.output.rpartition(".")[2].lower()
    if suffix not in ("png", "svg", "pdf"):
        parser.error(
            f"{values.output!r} is no name of a picture: end it with .png, "
            ".svg or .pdf"
        )
    if values.steps == 1:
        parser.error("--steps is 2 or more; --folded draws one column")
    if values.folded and values.steps is not None:
        parser.error("--steps is for a drawing over time: leave --folded out")
    values.options = {
        name: getattr(values, name)
        for name in (*_OPTIONS, *_SWITCHES)
        if getattr(values, name) not in (None, False)
    }
    if values.attention == "none":
        values.options["attention"] = None


def run(values):
    """Runs the command."""
    from rnnzoo.commands.draw import draw

    return draw(values)
