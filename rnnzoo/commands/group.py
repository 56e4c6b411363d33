"""Processes that live and die together."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time

# How long the others have once one has failed, in seconds: to notice it, and to
# end when they are told to. Together well below the minute that is promised.
NOTICE = 20.0
END = 15.0
# How long all have when the user stops them, to keep what was learnt.
STOP = 60.0

_PR_SET_PDEATHSIG = 1


class Group:
    """The processes of one start, as a context that leaves none behind.

    The first has the output of this process. Of the others, standard output,
    which would say the same, is dropped, and each line of standard error gets
    the number of its process. They are stopped if this process is killed, on
    Linux.

    Args:
        command: list of str. What each runs.
        settings: dict from the index of a process to environment variables
            that it gets besides those of this one.
        say: function of str. Tells the user what happens.
        notice, end: float. How long the others have, in seconds, once one has
            failed, to notice it and say so; and how long they have to end when
            they are told to.

    Raises:
        ValueError: on entering, the command cannot be started.
    """

    def __init__(self, command, settings, say, notice=NOTICE, end=END):
        self.command = command
        self.settings = settings
        self.failed = None  # (index, status) of the first that did
        self.running = {}
        self._say = say
        self._notice = notice
        self._end = end
        self._ends = None  # when those that are left are told to, or killed
        self._told = False
        self._lines = selectors.DefaultSelector()

    def __enter__(self):
        die_with_parent = _death_signal(signal.SIGTERM)
        try:
            for index, settings in self.settings.items():
                first = index == 0
                process = subprocess.Popen(
                    self.command,
                    env={**os.environ, **settings},
                    stdin=subprocess.DEVNULL,
                    stdout=None if first else subprocess.DEVNULL,
                    stderr=None if first else subprocess.PIPE,
                    # Ctrl-C is sent on by this process, once.
                    start_new_session=True,
                    preexec_fn=die_with_parent,
                )
                self.running[index] = process
                if not first:
                    os.set_blocking(process.stderr.fileno(), False)
                    lines = _Lines(f"[worker {index}] ", process.stderr)
                    self._lines.register(
                        process.stderr, selectors.EVENT_READ, lines
                    )
        except OSError as error:
            self.__exit__(None, None, None)
            raise ValueError(
                f"The command {self.command[0]!r} cannot be started "
                f"({error.strerror}). Give one as after a shell's prompt, such "
                "as: -- python train.py"
            ) from error
        return self

    def __exit__(self, kind, error, trace):
        for process in self.running.values():
            _signal(process, signal.SIGKILL)
            process.wait()
        for key in list(self._lines.get_map().values()):
            key.data.close()
        self._lines.close()

    def look(self, seconds=0.1):
        """Shows what was printed, and sees who has ended."""
        for key, _ in self._lines.select(seconds):
            if not key.data.show():
                self._lines.unregister(key.fileobj)
                key.fileobj.close()
        if not self._lines.get_map():
            time.sleep(seconds)
        for index, process in list(self.running.items()):
            status = process.poll()
            if status is None:
                continue
            del self.running[index]
            # What its children have left.
            _signal(process, signal.SIGKILL)
            if status != 0 and self.failed is None:
                self.failed = (index, status)
                if self.running and self._ends is None:
                    self._say(f"worker {index} {_how(status)}; the others end")
                    self._ends = time.monotonic() + self._notice
                elif self._ends is None:
                    self._say(f"worker {index} {_how(status)}")
        if self._ends is not None and time.monotonic() > self._ends:
            self.stop(signal.SIGTERM, self._end, at_once=self._told)

    def stop(self, number, seconds=STOP, at_once=False):
        """Lets all end that are left.

        Args:
            number: int. The signal that they get.
            seconds: float. Those that have not ended by then are killed.
            at_once: bool. Whether they are killed right away.
        """
        self._told = True
        self._ends = time.monotonic() + seconds
        if at_once:
            number = signal.SIGKILL
            left = ", ".join(map(str, self.running))
            self._say(f"worker {left} does not end, and is killed")
        for process in self.running.values():
            _signal(process, number)


class _Lines:
    """Lines of a pipe, each shown whole with a prefix."""

    def __init__(self, prefix, pipe):
        self._prefix = prefix
        self._pipe = pipe
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
                print(f"{self._prefix}{text}", file=sys.stderr, flush=True)
        return bool(content)

    def close(self):
        self.show()
        self._pipe.close()


def _signal(process, number):
    """To a process and its children."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass  # all of them are gone


def _how(status):
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"has ended with status {status}"


def _death_signal(number):
    """Run in a child, it makes the child get a signal when its parent dies."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, number)
