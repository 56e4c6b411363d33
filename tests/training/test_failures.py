from rnnzoo.training import failures, runs, tracking


def test_a_run_that_never_began_is_kept_with_its_reason(root):
    failures.keep(
        "toy", "gru seed=1", {"cell": "gru"}, {"a": "b"}, "no room", root
    )
    (run,) = runs.recent(root)
    assert (run.recipe, run.name, run.status) == ("toy", "gru seed=1", "FAILED")
    assert run.tags["error"] == "no room"
    assert run.tags["a"] == "b"
    assert run.params() == {"cell": "gru"}


def test_a_run_whose_process_is_gone_is_ended(root):
    run = tracking.Run("toy", "a", {}, root)
    run.__enter__()
    try:
        failures.end("toy", run.run_id, "killed", root)
        (seen,) = runs.recent(root)
        assert (seen.status, seen.tags["error"]) == ("FAILED", "killed")
    finally:
        run.__exit__(None, None, None)
