"""The flags of `python -m rnnzoo workers`."""

import argparse
import re

from rnnzoo.commands.flags import numbers

# What stands after -- is another command's, flags and all.
TAKES_COMMAND = True

_DESCRIPTION = """\
Starts a command in several processes that train one model together, each on
its rows of every batch, to the weights that one device gives. The first prints
and writes; of the others errors are shown. When one dies, all are started
again and go on from the last checkpoint. Ctrl-C stops all.
"""

_EXAMPLES = """\
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


def add(commands):
    """Adds the command to those that there are."""
    parser = commands.add_parser(
        "workers",
        help="trains one model in several processes",
        usage="%(prog)s COUNT [options] -- COMMAND ...",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "count",
        nargs="?",
        type=numbers.positive,
        metavar="COUNT",
        help="how many processes on this machine",
    )
    add = parser.add_argument
    add(
        "--restarts",
        type=numbers.whole,
        default=3,
        metavar="INTEGER",
        help="how often all are started again when one dies (default: 3)",
    )
    add(
        "--wait",
        type=numbers.positive,
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
        type=numbers.whole,
        metavar="INTEGER",
        help="which of --hosts this machine is, from 0",
    )


def check(parser, values):
    """Refuses what does not go together, and completes it."""
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


def run(values):
    """Runs the command."""
    from rnnzoo.commands.workers import start

    return start(values)


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
