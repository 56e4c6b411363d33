"""The flags of `python -m rnnzoo list`."""

from rnnzoo.commands.flags import numbers


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "list",
        help="the runs that there are",
        description="Lists runs, the newest first.",
        allow_abbrev=False,
    )
    parser.add_argument("recipe", nargs="?", help="of this recipe only")
    parser.add_argument(
        "--count",
        type=numbers.positive,
        default=20,
        metavar="INTEGER",
        help="how many (default: 20)",
    )


def run(values):
    """Runs the command."""
    from rnnzoo.commands.runs import show

    return show(values)
