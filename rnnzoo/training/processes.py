"""Processes that end with the one that started them."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1


def start(command, settings, *, output=None, errors=None):
    """Starts a command in a group of its own.

    On Linux it gets SIGTERM when this process dies. Ctrl-C does not reach it:
    it is sent on by this process, once, with `send`.

    Args:
        command: list of str.
        settings: dict of environment variables besides those of this process.
        output, errors: what becomes of its standard output and errors, as for
            `subprocess.Popen`.

    Returns:
        `subprocess.Popen`.

    Raises:
        ValueError: it cannot be started.
    """
    try:
        return subprocess.Popen(
            command,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            preexec_fn=_death_signal(signal.SIGTERM),
        )
    except OSError as error:
        raise ValueError(
            f"The command {command[0]!r} cannot be started "
            f"({error.strerror}). Give one as after a shell's prompt, such "
            "as: -- python train.py"
        ) from error


def send(process, number):
    """Sends a signal to a process that `start` started, and its children."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass  # all of them are gone


def how(status):
    """How a process has ended, in words."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"has ended with status {status}"


class Lines:
    """Shows what processes print, line by line, each with a prefix."""

    def __init__(self):
        self._pipes = selectors.DefaultSelector()

    def add(self, pipe, prefix, stream=None):
        """Shows the lines of one more pipe.

        Args:
            pipe: the standard output or error of a process.
            prefix: str. What each line begins with.
            stream: where they are shown; default: standard error.
        """
        os.set_blocking(pipe.fileno(), False)
        rest = _Rest(prefix, pipe, stream or sys.stderr)
        self._pipes.register(pipe, selectors.EVENT_READ, rest)

    def show(self, seconds):
        """Waits so long for lines, and shows those that came.

        Returns:
            Whether there is a pipe that more can come from.
        """
        for key, _ in self._pipes.select(seconds):
            if not key.data.show():
                self._pipes.unregister(key.fileobj)
                key.fileobj.close()
        return bool(self._pipes.get_map())

    def close(self):
        for key in list(self._pipes.get_map().values()):
            key.data.show()
            key.fileobj.close()
        self._pipes.close()


class _Rest:
    """A pipe, and of its last line what has come of it."""

    def __init__(self, prefix, pipe, stream):
        self._prefix = prefix
        self._pipe = pipe
        self._stream = stream
        self._rest = b""

    def show(self):
        """Prints what has come; returns whether more can come."""
        content = self._pipe.read()
        if content is None:
            return True
        *lines, self._rest = (self._rest + content).split(b"\n")
        if not content and self._rest:
            lines, self._rest = [self._rest], b""
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if text:
                print(f"{self._prefix}{text}", file=self._stream, flush=True)
        return bool(content)


def _death_signal(number):
    """Run in a child, it makes the child get a signal when its parent dies."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, number)
