"""Reads the command line of `python -m rnnzoo`.

Only the standard library is imported here, so that `--help` and mistakes
answer at once.
"""

import argparse
import sys

from rnnzoo.commands.flags import (
    compare,
    draw,
    generate,
    list,
    predict,
    sweep,
    ui,
    workers,
)

# Each has `add(commands)`; `check(parser, values)`, where options depend on
# each other; and `run(values)`, which imports what the command needs.
COMMANDS = {
    "generate": generate,
    "predict": predict,
    "list": list,
    "compare": compare,
    "sweep": sweep,
    "ui": ui,
    "draw": draw,
    "workers": workers,
}


def parse(arguments=None):
    """Reads the command line.

    Args:
        arguments: sequence of str. Default: those of this process.

    Returns:
        `argparse.Namespace` with `command`, one of `COMMANDS`, and its
        options; of one that starts another command, this as `command_line`.
        Help ends the process with status 0, a mistake with 2.
    """
    parser = _Parser(
        prog="python -m rnnzoo",
        description="Uses what recipes have trained, and helps to train.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for module in COMMANDS.values():
        module.add(commands)
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    takes = hasattr(COMMANDS.get(words[0] if words else ""), "TAKES_COMMAND")
    line = []
    if takes and "--" in words:
        place = words.index("--")
        words, line = words[:place], words[place + 1 :]
    values = parser.parse_args(words)
    if values.command is None:
        parser.print_help()
        parser.exit(2)
    if takes:
        values.command_line = line
    module = COMMANDS[values.command]
    if hasattr(module, "check"):
        module.check(commands.choices[values.command], values)
    return values


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """Exits with one sentence, without the usage text above it."""
        self.exit(2, f"{self.prog}: {message}; --help tells more\n")
