"""Who a process is among workers, and how it waits for the others."""

import json
import socket
import threading
import time

import pytest

from rnnzoo.commands.workers import free_ports
from rnnzoo.training import workers


@pytest.fixture
def cluster(monkeypatch):
    """Sets TF_CONFIG."""

    def set_config(cluster, kind="worker", index=0):
        task = {"type": kind, "index": index}
        config = json.dumps({"cluster": cluster, "task": task})
        monkeypatch.setenv("TF_CONFIG", config)

    return set_config


def test_a_process_by_itself_is_the_chief(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    worker = workers.me()
    assert (worker.index, worker.count, worker.chief) == (0, 1, True)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_first_worker_is_the_chief(monkeypatch, index):
    addresses = ["a:1", "b:2", "c:3"]
    monkeypatch.setenv("TF_CONFIG", workers.config(addresses, index))
    worker = workers.me()
    assert worker == workers.Worker(index, tuple(addresses))
    assert (worker.count, worker.chief) == (3, index == 0)


@pytest.mark.parametrize(
    ("kind", "index", "number"),
    [("chief", 0, 0), ("worker", 0, 1), ("worker", 1, 2)],
)
def test_a_chief_of_its_own_comes_before_the_workers(
    cluster, kind, index, number
):
    cluster({"worker": ["b:2", "c:3"], "chief": ["a:1"]}, kind, index)
    worker = workers.me()
    assert (worker.index, worker.addresses[number][1:]) == (
        number,
        f":{number + 1}",
    )


def test_other_kinds_of_tasks_are_refused(cluster):
    cluster({"worker": ["a:1"], "ps": ["b:2"]})
    with pytest.raises(ValueError, match="tasks of the kind ps; only workers"):
        workers.me()


def test_a_task_outside_the_cluster_is_refused(cluster):
    cluster({"worker": ["a:1", "b:2"]}, index=2)
    with pytest.raises(ValueError, match="names no worker of its cluster"):
        workers.me()


@pytest.mark.parametrize("text", ["{", "[]", '{"cluster": {}}'])
def test_what_is_no_description_is_refused(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ValueError, match="TF_CONFIG cannot be read: "):
        workers.me()


def test_the_chief_alone_prints(monkeypatch, capsys):
    for index in range(2):
        monkeypatch.setenv("TF_CONFIG", workers.config(["a:1", "b:2"], index))
        with workers.quiet():
            print(index)
    assert capsys.readouterr().out == "0\n"


# === Waiting ===


def pair():
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    return [workers.Worker(index, tuple(addresses)) for index in range(2)]


def test_workers_wait_until_all_are_there(monkeypatch, capsys):
    """One comes late, and is waited for by name."""
    monkeypatch.setattr(workers, "_SAY_EVERY", 0.2)
    first, second = pair()
    ended = []

    def wait():
        workers.wait(first, seconds=20)
        ended.append(time.monotonic())

    early = threading.Thread(target=wait)
    early.start()
    time.sleep(0.7)
    assert not ended
    # As TensorFlow does where `wait` of the second has ended already.
    with socket.create_server(("127.0.0.1", int(second.addresses[1][10:]))):
        early.join(20)
    assert len(ended) == 1
    said = capsys.readouterr().err.splitlines()
    assert 2 <= len(said) <= 4
    assert said[0].startswith(
        f"Worker 0 waits for worker 1 ({first.addresses[1]}"
    )
    assert said[0].endswith("s so far, 20 s at most")


def test_both_go_on_when_they_have_met():
    done = []

    def wait(worker):
        workers.wait(worker, seconds=20)
        # As TensorFlow will: reachable from now on.
        port = int(worker.addresses[worker.index][10:])
        with socket.create_server(("127.0.0.1", port)):
            done.append(worker.index)
            while len(done) < 2:
                time.sleep(0.01)

    threads = [threading.Thread(target=wait, args=(w,)) for w in pair()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(done) == [0, 1]


def test_waiting_ends(monkeypatch):
    first, _ = pair()
    monkeypatch.setenv(workers.WAIT, "0.3")
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"Worker 0 has waited 0 s for wor"):
        workers.wait(first)
    assert 0.3 <= time.monotonic() - started < 5


def test_a_port_that_another_process_has_is_told():
    first, _ = pair()
    port = int(first.addresses[0][10:])
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(workers.WorkerLost, match=f"^Port {port} of this"):
            workers.wait(first, seconds=5)


def test_nobody_waits_alone():
    workers.wait(workers.Worker(), seconds=0)
