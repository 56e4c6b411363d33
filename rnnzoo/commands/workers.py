"""`python -m rnnzoo workers`: several processes that train one model."""

import socket
import sys
import time

from rnnzoo.commands.group import Group
from rnnzoo.training import workers
from rnnzoo.training.interrupts import Asked

# A worker that says why it ends would say so again.
_CLEAR = (1, 2)
_INTERRUPTED = 130
# Between two starts, in seconds.
_PAUSE = 1.0


def start(values):
    """Runs a command in each worker until all of them have ended.

    If one dies, the others end too, and all are started again: what is trained
    goes on from its last checkpoint.

    Args:
        values: what `parser.parse` returns for "workers".

    Returns:
        int. The exit status: 0 once all have ended well; that of a worker
        which ended with an error of its own; 130 after Ctrl-C or SIGTERM, when
        all were stopped; 1 when there were too many restarts.

    Raises:
        ValueError: the command cannot be started.
    """
    with Asked() as asked:
        restarts = 0
        while True:
            failed = _run(values, asked)
            if asked.signals:
                _say("stopped; the same command goes on")
                return _INTERRUPTED
            if failed is None:
                return 0
            index, status = failed
            if status == _INTERRUPTED:
                return _INTERRUPTED
            if status in _CLEAR:
                _say(
                    f"worker {index} has ended with an error of its own "
                    f"(status {status}), and is not started again"
                )
                return status
            if restarts == values.restarts:
                _say(
                    f"given up after {restarts} restarts. The same command "
                    "goes on from the last checkpoint"
                )
                return 1
            restarts += 1
            _say(
                f"all workers are started again ({restarts} of at most "
                f"{values.restarts} times)"
            )
            time.sleep(_PAUSE)


def _run(values, asked):
    """One start of the workers; the first that failed: (index, status)."""
    if values.hosts is None:
        addresses = [f"127.0.0.1:{port}" for port in free_ports(values.count)]
        indices = range(values.count)
    else:
        addresses, indices = values.hosts, [values.index]
    settings = {
        index: {
            "TF_CONFIG": workers.config(addresses, index),
            workers.WAIT: str(values.wait),
        }
        for index in indices
    }
    with Group(values.command_line, settings, _say) as group:
        told = 0
        while group.running:
            group.look()
            if len(asked.signals) > told:
                told = len(asked.signals)
                group.stop(asked.signals[-1], at_once=told > 1)
        return group.failed


def free_ports(count):
    """Ports of the loopback that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in sockets]
    finally:
        for free in sockets:
            free.close()


def _say(what):
    print(f"workers: {what}", file=sys.stderr, flush=True)
