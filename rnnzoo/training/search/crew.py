"""The processes of one search: KerasTuner's chief, and its workers."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

from rnnzoo.training import processes, provenance
from rnnzoo.training.search.trials import Records

# What a process of a search gets from the one that started it, as JSON.
_PART = "RNNZOO_SEARCH"
_CHIEF = "chief"

# A trial whose process dies so often is given up.
_DEATHS = 3
# How long processes have that are told to end, in seconds, to keep what was
# learnt.
_END = 60.0
_INTERRUPTED = 130


def me():
    """This process's part in a search of several, or None.

    Returns:
        dict from str: "name"; "directory", where the search keeps what it goes
        on with; and what `Crew` was given for them.
    """
    text = os.environ.get(_PART)
    return None if text is None else json.loads(text)


def takes_part():
    """Whether this process was started by the one that leads a search."""
    return me() is not None


def is_chief(part):
    """Whether this process is the one that chooses."""
    return part["name"] == _CHIEF


class Crew:
    """Runs this process's own command in a chief and several workers.

    The chief chooses trials, and each worker trains one at a time. A worker
    that dies is started again, with its trial; a trial whose worker dies three
    times is given up, with that as its reason. If the chief dies, all are
    started again, three times at most. A worker that dies three times without
    a trial ends the search.

    Args:
        count: int. Workers on this machine.
        directory: pathlib.Path. Where the search keeps what it goes on with.
        address: str or None. "host:port" where the chief listens for workers
            of other machines; None: on the loopback, for none.
        joins: bool. Whether the chief at `address` is another machine's.
        label: str. What tells this machine's workers from others', also after
            all were started anew.
        **part: what else `me` returns in the processes.

    Raises:
        ValueError: this process's command is a notebook's.
    """

    def __init__(
        self, count, directory, address=None, joins=False, label="", **part
    ):
        if "ipykernel" in sys.modules:
            raise ValueError(
                "Workers run this process's own command again, and this one is "
                "a notebook's: search without workers here, or run the command "
                "in a cell with ! before it."
            )
        self.count = count
        self.directory = pathlib.Path(directory)
        self.shared = address is not None
        self.joins = joins
        self.part = {"directory": str(self.directory), **part}
        host, _, port = (address or "").rpartition(":")
        self._host = host.strip("[]") or "127.0.0.1"
        self._port = port or str(_free_port())
        self._workers = [f"worker-{label}{i}" for i in range(count)]
        self._running = {}
        self._deaths = {}
        self._records = Records(self.directory / "trials")

    def run(self):
        """Returns when all trials are done.

        Raises:
            ValueError: a worker ends with an error of its own, or one without
                a trial, or the chief, dies again and again.
            KeyboardInterrupt: all were stopped, and kept what was learnt.
        """
        if self.joins:
            _say(
                f"the workers wait for the chief at {self._host}:{self._port},"
                " if it is not there yet"
            )
        for start in range(_DEATHS):
            if start:
                _say("all workers are started again")
            if self._run():
                return
        raise ValueError(
            f"The search's chief has died {_DEATHS} times, see above. The same "
            "command goes on where it was."
        )

    def _run(self):
        """One start of all; whether they ended well."""
        self._lines = processes.Lines()
        self._running = {}
        self._records.release()
        try:
            for name in [_CHIEF] * (not self.joins) + self._workers:
                self._start(name)
            while set(self._running) - {_CHIEF}:
                if not self._lines.show(0.2):
                    time.sleep(0.2)
                if not self._look():
                    self._stop(signal.SIGINT)
                    return False
            # The chief looks every 20 s whether there are workers left; of
            # other machines there may be.
            while self.shared and self._running:
                self._lines.show(0.2)
                self._look()
            self._stop(signal.SIGKILL)
            return True
        except BaseException:
            # Ctrl-C: as to a single training.
            self._stop(signal.SIGINT)
            raise
        finally:
            self._lines.close()

    def _start(self, name):
        settings = {
            "KERASTUNER_TUNER_ID": name,
            "KERASTUNER_ORACLE_IP": self._host,
            "KERASTUNER_ORACLE_PORT": self._port,
            _PART: json.dumps({**self.part, "name": name}),
        }
        if name != _CHIEF:
            settings |= _share_of_machine(self._workers.index(name), self.count)
        process = processes.start(
            sys.orig_argv,
            settings,
            # The chief has nothing to say.
            output=subprocess.DEVNULL if name == _CHIEF else subprocess.PIPE,
            errors=subprocess.PIPE,
        )
        prefix = f"[{name}] "
        if name != _CHIEF:
            self._lines.add(process.stdout, prefix, sys.stdout)
        self._lines.add(process.stderr, prefix)
        self._running[name] = process

    def _look(self):
        """Sees who has ended; False if all must be started again."""
        for name, process in list(self._running.items()):
            status = process.poll()
            if status is None:
                continue
            del self._running[name]
            processes.send(process, signal.SIGKILL)  # what its children left
            if name == _CHIEF and status != 0:
                _say(f"the chief {processes.how(status)}")
                return False
            if status == _INTERRUPTED:
                raise KeyboardInterrupt
            if status in (1, 2):
                raise ValueError(
                    f"The search's {name} has ended with an error of its own, "
                    "see above, that another trial would end with too."
                )
            if status != 0:
                self._died(name, status)
        return True

    def _died(self, name, status):
        """Starts a worker again, and gives its trial up if it has to be."""
        number, kept = self._records.of_worker(name)
        how = processes.how(status)
        who = name if number is None else number
        self._deaths[who] = self._deaths.get(who, 0) + 1
        if self._deaths[who] == _DEATHS:
            times = f"{how} {_DEATHS} times"
            if number is None:
                raise ValueError(
                    f"The search's {name} {times} before it had a trial, see "
                    "above: was there too little memory? Train once without a "
                    "search until that works."
                )
            reason = f"its process {times}: was there too little memory?"
            self._records.write(number, {**kept, "reason": reason})
        _say(f"{name} {how}, and is started again")
        self._start(name)

    def _stop(self, number):
        """Ends all that are left."""
        for process in self._running.values():
            processes.send(process, number)
        ends = time.monotonic() + _END
        while self._running and time.monotonic() < ends:
            self._lines.show(0.1)
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    del self._running[name]
        for process in self._running.values():
            processes.send(process, signal.SIGKILL)
            process.wait()
        self._running = {}


def _share_of_machine(index, count):
    """Environment variables that leave the other workers their part."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        known = os.environ.get("CUDA_VISIBLE_DEVICES")
        names = known.split(",") if known else [*map(str, range(len(gpus)))]
        return {
            "CUDA_VISIBLE_DEVICES": names[index % len(names)],
            # Several may share one, of which the first would take all.
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        }
    threads = str(max(1, provenance.cpu_count() // count))
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    return {name: os.environ.get(name, threads) for name in names}


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _say(what):
    print(f"search: {what}", file=sys.stderr, flush=True)
