"""Runs that could not tell themselves that they have failed."""

from rnnzoo.training import store


def keep(recipe, name, params, tags, reason, root="mlruns"):
    """Makes a run in MLflow that has failed before it began.

    Args:
        recipe: str. The experiment.
        name: str.
        params, tags: dicts from str to str.
        reason: str. The tag "error".
        root: str or path. As for `tracking.Run`.

    Raises:
        MLflow's errors: the store is out of reach or unusable.
    """
    client, experiment_id = store.connect(recipe, root)
    tags = {"rnnzoo.recipe": recipe, "error": reason[:1000], **tags}
    run = store.new_run(client, experiment_id, name, tags)
    client.log_batch(run.info.run_id, params=store.params(params))
    client.set_terminated(run.info.run_id, "FAILED")


def end(recipe, run_id, reason, root="mlruns"):
    """Marks a run as failed whose process is gone. As `keep`."""
    client, _ = store.connect(recipe, root)
    client.set_tag(run_id, "error", reason[:1000])
    client.set_terminated(run_id, "FAILED")
