"""One run of a sweep, as a process that writes to a file."""

import contextlib
import fcntl
import re
import signal
import time

from rnnzoo.training import processes, sweeps

# How long runs have to keep what was learnt when they are stopped, in seconds.
_STOP = 60.0


class Attempt:
    """A run that can be started and looked at.

    The file is locked as long as the process or a child of it lives, whatever
    becomes of who started it: a run is never trained twice at a time.

    Args:
        command: list of str.
        sweep_id: str.
        point: dict from name to value: the settings of the run.
        label: str. What the run is called.
        path: pathlib.Path of the file for all that it prints.
    """

    def __init__(self, command, sweep_id, point, label, path):
        self.command = command
        self.point = sweeps.point_name(point)
        self.label = label
        self.path = path
        self.status = None
        self._environment = sweeps.environment(sweep_id, point)
        self._process = None
        self._started = None
        self._told = None

    def start(self):
        """Starts the process; returns whether no other one does the same.

        Raises:
            ValueError: it cannot be started, or the file not be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # What was printed before is no reason for anything.
                file.truncate(0)
                self._process = processes.start(
                    self.command, self._environment, output=file, errors=file
                )
        except BlockingIOError:
            return False
        except OSError as error:
            raise ValueError(
                f"{self.path} cannot be written: {error.strerror}."
            ) from error
        self._started = time.monotonic()
        return True

    @property
    def seconds(self):
        """Since the start."""
        return time.monotonic() - self._started

    def ended(self):
        """Whether the process has; `status` is its exit status then."""
        self.status = self._process.poll()
        if self.status is None:
            return False
        # What its children have left.
        processes.send(self._process, signal.SIGKILL)
        return True

    def stop(self, number):
        """Sends a signal once; another one kills, and so does a minute."""
        if self._told is None:
            self._told = (number, time.monotonic())
            processes.send(self._process, number)
        elif (
            number != self._told[0] or time.monotonic() > self._told[1] + _STOP
        ):
            processes.send(self._process, signal.SIGKILL)

    def last_line(self):
        """What was printed last; "" for nothing."""
        with contextlib.suppress(OSError):
            with self.path.open("rb") as file:
                file.seek(max(file.seek(0, 2) - 4000, 0))
                text = file.read().decode(errors="replace")
            lines = [line.strip() for line in re.split(r"[\r\n\b]", text)]
            return next((line for line in reversed(lines) if line), "")
        return ""

    def reason(self):
        """Why it has failed, in one line."""
        if self.status < 0:
            return f"the process {processes.how(self.status)}"
        told = self.last_line().removeprefix("error: ")
        return told or f"the process {processes.how(self.status)}"
