"""Processes that live and die together."""

import signal
import subprocess
import time

from rnnzoo.training import processes

# How long the others have once one has failed, in seconds: to notice it, and to
# end when they are told to. Together well below the minute that is promised.
NOTICE = 20.0
END = 15.0
# How long all have when the user stops them, to keep what was learnt.
STOP = 60.0


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
        self._lines = processes.Lines()

    def __enter__(self):
        try:
            for index, settings in self.settings.items():
                first = index == 0
                process = processes.start(
                    self.command,
                    settings,
                    output=None if first else subprocess.DEVNULL,
                    errors=None if first else subprocess.PIPE,
                )
                self.running[index] = process
                if not first:
                    self._lines.add(process.stderr, f"[worker {index}] ")
        except ValueError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, error, trace):
        for process in self.running.values():
            processes.send(process, signal.SIGKILL)
            process.wait()
        self._lines.close()

    def look(self, seconds=0.1):
        """Shows what was printed, and sees who has ended."""
        if not self._lines.show(seconds):
            time.sleep(seconds)
        for index, process in list(self.running.items()):
            status = process.poll()
            if status is None:
                continue
            del self.running[index]
            # What its children have left.
            processes.send(process, signal.SIGKILL)
            if status != 0 and self.failed is None:
                self.failed = (index, status)
                how = f"worker {index} {processes.how(status)}"
                if self.running and self._ends is None:
                    self._say(f"{how}; the others end")
                    self._ends = time.monotonic() + self._notice
                elif self._ends is None:
                    self._say(how)
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
            processes.send(process, number)
