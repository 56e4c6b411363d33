"""The flags of `python -m rnnzoo ui`."""

import argparse

from rnnzoo.commands.flags import numbers

_DESCRIPTION = """\
Shows the runs under mlruns/ in a browser, by MLflow's own pages, and prints
links to them: for each recipe the list of its runs, the newest data set by
cell with means over seeds, and each run on parallel coordinates. Only this
machine can reach them. Ctrl-C ends it.
"""


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "ui",
        help="shows the runs in a browser",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port",
        type=numbers.positive,
        default=5000,
        metavar="INTEGER",
        help="where it listens (default: 5000)",
    )


def run(values):
    """Runs the command."""
    from rnnzoo.commands.ui import ui

    return ui(values)
