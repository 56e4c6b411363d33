"""`python -m rnnzoo --help` tells what it does."""

import os
import signal
import sys

from rnnzoo import console
from rnnzoo.commands import parser


def main(arguments=None):
    """Runs one command; returns its exit status.

    An error that was raised on purpose ends with its sentence alone.
    """
    values = parser.parse(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        status = parser.COMMANDS[values.command].run(values)
        sys.stdout.flush()
    except ValueError as error:
        if not console.raised_by_us(error):
            raise
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # as by `| head`, which has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
