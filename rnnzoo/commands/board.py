"""How far a sweep is, on a terminal or in a file."""

import shutil
import sys
import time


class Board:
    """Lines of what has ended, and on a terminal one of what goes on.

    Args:
        total: int. All runs of the sweep.
        before: int. Those that ended before this command.
        jobs: int. Runs at a time.
        stream: where it is shown; default: standard output.
    """

    def __init__(self, total, before, jobs, stream=None):
        self.total = total
        self.count = before
        self.jobs = jobs
        self._stream = stream or sys.stdout
        self._seconds = []  # of each run that has ended
        self._shown = ""
        self._looked = 0.0

    def ended(self, attempt, result, counts=True):
        """Tells of a run that has ended.

        Args:
            attempt: `attempt.Attempt`.
            result: str. Its score, or why there is none.
            counts: bool. Whether others may take as long.
        """
        self.count += 1
        if counts:
            self._seconds.append(attempt.seconds)
        width = len(str(self.total))
        self.say(
            f"[{self.count:{width}}/{self.total}] {attempt.label}: {result}, "
            f"after {duration(attempt.seconds)}{self._left([])}"
        )

    def look(self, running, seconds=0.5):
        """Shows what goes on, at most so often, on a terminal only.

        Args:
            running: list of `attempt.Attempt`.
        """
        now = time.monotonic()
        if not self._stream.isatty() or now < self._looked + seconds:
            return
        self._looked = now
        told = "; ".join(f"{one.label}: {one.last_line()}" for one in running)
        columns = shutil.get_terminal_size().columns
        left = self._left(running)
        self._draw(f"{told[: max(columns - len(left) - 1, 0)]}{left}")

    def say(self, text):
        """A line that stays."""
        self._draw("")
        print(text, file=self._stream, flush=True)

    def _draw(self, text):
        if not (self._shown or text):
            return
        gap = " " * max(len(self._shown) - len(text), 0)
        print(f"\r{text}{gap}\r", end="", file=self._stream, flush=True)
        self._shown = text

    def _left(self, running):
        """The time that the others take, in words."""
        waiting = self.total - self.count - len(running)
        if not self._seconds or waiting + len(running) == 0:
            return ""
        mean = sum(self._seconds) / len(self._seconds)
        rest = sum(max(mean - one.seconds, 0) for one in running)
        seconds = (waiting * mean + rest) / self.jobs
        return f"; about {duration(seconds)} left"


def duration(seconds):
    """Seconds, minutes or hours in words."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
