"""The flags of `python -m rnnzoo compare`."""

import argparse

_DESCRIPTION = """\
Ranks what was trained: a line for each cell, and each combination of other
settings that differ, with mean and sample standard deviation over the seeds,
parameters, seconds to the best epoch, speed and memory. Data sets are compared
each by itself.
"""

_EXAMPLES = """\
python -m rnnzoo compare digits
python -m rnnzoo compare translation --where dataset=dates --by cell,units
python -m rnnzoo compare --sweep latest --output comparison

Runs are looked for in ./mlruns, or where MLFLOW_TRACKING_URI says. Those of
--smoke are left out unless --where or --sweep asks for them.
"""

KINDS = ("train", "trial", "evaluate")
ORDERS = ("score", "parameters", "seconds", "speed", "memory", "name")


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "compare",
        help="a ranked table of what was trained",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "recipes",
        nargs="*",
        metavar="RECIPE",
        help="whose runs (default: that of the newest run)",
    )
    add = parser.add_argument
    add(
        "--by",
        type=_names,
        metavar="NAME,...",
        help="settings that make a line (default: cell, and all that differ "
        "but the seed)",
    )
    add(
        "--where",
        action="extend",
        nargs="+",
        type=_setting,
        default=[],
        metavar="NAME=VALUE",
        help="only runs with this setting or tag; several values by commas",
    )
    add(
        "--sweep",
        metavar="ID",
        help="only runs of this sweep; latest for the newest",
    )
    add(
        "--search",
        metavar="ID",
        help="only the trials of this search; latest for the newest",
    )
    add(
        "--kind",
        choices=KINDS,
        help="trainings, trials of searches, or runs that only tested "
        "(default: trial with --search, else train)",
    )
    add(
        "--metric",
        metavar="NAME",
        help="such as test/loss (default: the one that the recipe names; of "
        "trials best/loss)",
    )
    add(
        "--best",
        choices=("min", "max"),
        help="of --metric (default: min of losses and errors, else max)",
    )
    add(
        "--sort",
        choices=ORDERS,
        default="score",
        help="what lines are ordered by (default: score)",
    )
    add(
        "--output",
        metavar="FOLDER",
        help="writes the same in Markdown there, with pictures",
    )


def check(parser, values):
    """Refuses what does not go together, and completes it."""
    if values.kind is None:
        values.kind = "train" if values.search is None else "trial"
    elif values.search is not None and values.kind != "trial":
        parser.error(f"--search has trials: leave --kind {values.kind} out")
    if values.best is not None and values.metric is None:
        parser.error("--best is of --metric: give both, or neither")


def run(values):
    """Runs the command."""
    from rnnzoo.commands.compare import compare

    return compare(values)


def _names(text):
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(f"{text!r} names no setting")
    return names


def _setting(text):
    name, equals, values = text.partition("=")
    if not (name and equals and values):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no setting such as cell=gru"
        )
    return name, values.split(",")
