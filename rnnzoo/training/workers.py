"""Several processes that train one model together: which of them this one is.

They are workers of TensorFlow's MultiWorkerMirroredStrategy, each started with
the environment variable TF_CONFIG, as `python -m rnnzoo workers` does. Only the
standard library is imported here: TensorFlow must not start before all workers
are there.
"""

import contextlib
import dataclasses
import json
import os
import socket
import sys
import time

# What `python -m rnnzoo workers --wait` sets, in seconds.
WAIT = "RNNZOO_WORKERS_WAIT"
DEFAULT_WAIT = 600.0
_SAY_EVERY = 10.0

# The exit status of a worker that lost another one: start all of them again.
LOST = 75


class WorkerLost(ConnectionError):
    """Another worker has ended or no longer answers."""


@dataclasses.dataclass(frozen=True)
class Worker:
    """One of the processes that train together.

    Args:
        index: int. Its number, from 0.
        addresses: tuple of str. Of all workers, "host:port".
    """

    index: int = 0
    addresses: tuple = ()

    @property
    def count(self):
        """How many workers there are; 1 for a process by itself."""
        return max(1, len(self.addresses))

    @property
    def chief(self):
        """Whether it is the one that prints and writes."""
        return self.index == 0


def me():
    """This process, as TF_CONFIG describes it.

    Returns:
        `Worker`: the only one where TF_CONFIG is not set.

    Raises:
        ValueError: TF_CONFIG is no description of workers.
    """
    text = os.environ.get("TF_CONFIG")
    if not text:
        return Worker()
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        unknown = {*cluster} - {"chief", "worker"}
        # A chief apart from the workers is the first of them.
        before = len(cluster.get("chief", ()))
        addresses = (*cluster.get("chief", ()), *cluster.get("worker", ()))
        index = int(task["index"])
        if task["type"] != "chief":
            index += before
        known = task["type"] in cluster and 0 <= index < len(addresses)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(_wrong(text, "cannot be read")) from error
    if unknown:
        raise ValueError(
            f"TF_CONFIG names tasks of the kind {', '.join(sorted(unknown))}; "
            "only workers, one of them a chief, train together."
        )
    if not known:
        raise ValueError(_wrong(text, "names no worker of its cluster"))
    return Worker(index, addresses)


def config(addresses, index):
    """TF_CONFIG of one worker.

    Args:
        addresses: list of str, "host:port" of each worker.
        index: int.

    Returns:
        str, JSON.
    """
    task = {"type": "worker", "index": index}
    return json.dumps({"cluster": {"worker": list(addresses)}, "task": task})


@contextlib.contextmanager
def quiet():
    """Lets the chief alone print to standard output; errors are shown."""
    if me().chief:
        yield
        return
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
        yield


def wait(worker=None, seconds=None):
    """Returns as soon as every other worker has been there.

    To be called before TensorFlow starts, which would wait in silence. Whom it
    waits for is told on stderr after 10 s, and every 10 s.

    Args:
        worker: `Worker`. Default: this process.
        seconds: float. How long is waited at most; default: 10 min, or what
            the environment variable RNNZOO_WORKERS_WAIT says.

    Raises:
        WorkerLost: this worker's port is taken by another process.
        TimeoutError: a worker has not come.
    """
    worker = worker or me()
    if worker.count == 1:
        return
    if seconds is None:
        seconds = float(os.environ.get(WAIT, DEFAULT_WAIT))
    started = said = time.monotonic()
    missing = {
        index: address
        for index, address in enumerate(worker.addresses)
        if index != worker.index
    }
    with _listening(worker.addresses[worker.index]):
        while True:
            missing = {i: a for i, a in missing.items() if not _answers(a)}
            if not missing:
                return
            now = time.monotonic()
            names = ", ".join(f"{i} ({a})" for i, a in missing.items())
            if now - started >= seconds:
                raise TimeoutError(
                    f"Worker {worker.index} has waited {seconds:.0f} s for "
                    f"worker {names}, which cannot be reached. Start all "
                    "workers within that time, with the same addresses, and "
                    "let their machines reach each other; --wait sets how "
                    "long they wait."
                )
            if now - said >= _SAY_EVERY:
                said = now
                print(
                    f"Worker {worker.index} waits for worker {names}: "
                    f"{now - started:.0f} s so far, {seconds:.0f} s at most",
                    file=sys.stderr,
                    flush=True,
                )
            time.sleep(0.1)


@contextlib.contextmanager
def _listening(address):
    """Lets other workers reach this one before TensorFlow listens there.

    The kernel accepts what connects; nobody sends anything.
    """
    host, port = _parts(address)
    with socket.socket() as listener:
        # TensorFlow will listen on the same port right after.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host if host.startswith("127.") else "", port))
        except OSError as error:
            raise WorkerLost(
                f"Port {port} of this worker cannot be used "
                f"({error.strerror}): another process has it. Choose another "
                "one, in the addresses of all workers."
            ) from error
        listener.listen(1024)
        yield


def _answers(address):
    try:
        with socket.create_connection(_parts(address), timeout=2.0):
            return True
    except OSError:
        return False


def _parts(address):
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _wrong(text, what):
    return (
        f"TF_CONFIG {what}: {text[:300]!r}. Expected is what `python -m rnnzoo "
        f"workers` sets, such as {config(['a:1234', 'b:1234'], 0)}."
    )
