"""The flags of `python -m rnnzoo generate`."""

import argparse

from rnnzoo.commands.flags import numbers, texts


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "generate",
        help="texts from texts, with a trained run",
        description="Generates a text for each text, with a trained run: "
        "a translation, or what a language model goes on with.",
        epilog=texts.RUN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("run", metavar="RUN", help="see below")
    parser.add_argument(
        "text", nargs="*", help="texts to read; - for lines of standard input"
    )
    add = parser.add_argument
    add("--file", metavar="PATH", help="reads this file, a text in each line")
    texts.add_output(parser)
    add(
        "--beam_width",
        type=numbers.positive,
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
        type=numbers.positive,
        metavar="INTEGER",
        help="so many texts for each, as a table: source, rank, score, text",
    )
    add(
        "--max_length",
        type=numbers.positive,
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
        type=numbers.positive,
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
    texts.add_batch_size(parser, "texts")


def check(parser, values):
    """Refuses what does not go together, and completes it."""
    texts.check(parser, values, "text")
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


def run(values):
    """Runs the command."""
    from rnnzoo.commands.generate import generate

    return generate(values)
