"""The flags of `python -m rnnzoo sweep`."""

import argparse
import re

from rnnzoo.commands.flags import numbers

# What stands after -- is for all runs, as it is.
TAKES_COMMAND = True

_DESCRIPTION = """\
Trains a recipe with each combination of values, one after the other, and ends
with a ranked table, see python -m rnnzoo compare. NAME is any flag of the
recipe; several VALUEs are separated by commas, yes and no are those of flags
without a value. Runs of the first seed come first.

A run that fails is kept with its reason, and the others go on. Stopped, by
Ctrl-C or by anything else, the same command goes on: what has ended is not
trained again, and what was interrupted goes on from its checkpoint. So does a
command with more cells, seeds or other values than before.
"""

_EXAMPLES = """\
python -m rnnzoo sweep digits cell=gru,lstm,min_gru,elman seed=1,2,3 epochs=2
python -m rnnzoo sweep translation units=64,128 attention=additive,none
python -m rnnzoo sweep my/recipe.py cell=gru,lstm -- --dataset folder:texts
"""


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "sweep",
        help="trains a recipe with each combination of settings",
        usage="%(prog)s RECIPE NAME=VALUE,... [options] [-- FLAGS]",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "recipe",
        metavar="RECIPE",
        help="a name of recipes/, or the path of a script that is a recipe",
    )
    parser.add_argument(
        "settings",
        nargs="*",
        type=_setting,
        metavar="NAME=VALUE,...",
        help="a flag of the recipe, and its values",
    )
    parser.add_argument(
        "--jobs",
        type=numbers.positive,
        default=1,
        metavar="INTEGER",
        help="runs at a time (default: 1)",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="trains what has ended before, too, as a new sweep",
    )


def check(parser, values):
    """Refuses what does not go together, and completes it."""
    names = [name for name, _ in values.settings]
    if not names:
        parser.error(
            "give settings, such as cell=gru,lstm seed=1,2,3; FLAGS after -- "
            "are alike in all runs"
        )
    for name in names:
        if names.count(name) > 1:
            parser.error(f"{name} is given twice: separate values by commas")
        for flag in values.command_line:
            if flag.split("=")[0] in (f"--{name}", f"--no-{name}"):
                parser.error(f"{name} is also behind --: leave one of them out")
    if "fresh" in names or "--fresh" in values.command_line:
        parser.error("--fresh is for the whole sweep: give it before --")


def run(values):
    """Runs the command."""
    from rnnzoo.commands.sweep import sweep

    return sweep(values)


def _setting(text):
    name, equals, words = text.partition("=")
    found = words.split(",")
    if not equals or not re.fullmatch(r"[A-Za-z]\w*", name) or "" in found:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no setting such as cell=gru,lstm"
        )
    if len({*found}) < len(found):
        raise argparse.ArgumentTypeError(f"{text!r} gives a value twice")
    return name, found
