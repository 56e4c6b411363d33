"""Runs as they are found, without a store."""

from rnnzoo.training import runs


def found(number, scores=None, tags=None, status="FINISHED", **params):
    """A run of the toy recipe.

    Args:
        number: int. The newest has the highest.
        scores: dict from metric to float.
        tags: dict from str to str, beside the headline.
        status: str.
        **params: over those of a GRU with seed 1.
    """
    params = {"cell": "gru", "seed": "1", "dataset": "toys", **params}
    headline = {"rnnzoo.headline": "test/accuracy", "rnnzoo.direction": "max"}
    return runs.Found(
        run_id=f"{number:08x}" * 4,
        recipe="toy",
        name=f"run-{number}",
        kind="train",
        status=status,
        started=float(number),
        metrics=scores or {},
        directory=None,
        tags={**headline, **(tags or {})},
        logged=params,
    )


def three_cells():
    """Nine runs: three cells, each with the seeds 1 to 3, the newest first."""
    accuracies = {
        "gru": (0.90, 0.92, 0.94),
        "lstm": (0.95, 0.96, 0.97),
        "elman": (0.5, 0.7, 0.6),
    }
    made = [
        found(
            10 * place + seed,
            {
                "test/accuracy": accuracy,
                "model/num_params": 1000.0 * place,
                "perf/steps_per_second": 100.0 / place,
            },
            cell=cell,
            seed=str(seed),
        )
        for place, (cell, seeds) in enumerate(accuracies.items(), start=1)
        for seed, accuracy in enumerate(seeds, start=1)
    ]
    return made[::-1]
