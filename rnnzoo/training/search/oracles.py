"""Who chooses what is tried next: KerasTuner's oracles."""

import functools
import pathlib
import shutil

from rnnzoo.training.unfinished import write

KINDS = ("random", "hyperband", "bayesian", "grid")

_CLASSES = {
    "random": "RandomSearchOracle",
    "bayesian": "BayesianOptimizationOracle",
    "grid": "GridSearchOracle",
    "hyperband": "HyperbandOracle",
}

# How many times more epochs the next round of Hyperband has, for one of so
# many of its trials.
_FACTOR = 3

# What Hyperband puts among the values of a trial about itself.
EPOCHS = "tuner/epochs"
EARLIER = "tuner/trial_id"
# What all trials of a search have, so that a worker of any machine knows it.
PARENT = "search/run_id"
SEARCH = "search/id"


def make(plan, run_id=None, search_id=""):
    """The oracle of a kind of search.

    Args:
        plan: `plan.Plan`.
        run_id: str or None. The search's own run, that of its trials' parent.
        search_id: str. The tag of all its runs.

    Returns:
        `keras_tuner.Oracle`.

    Raises:
        ValueError: too few epochs for Hyperband.
    """
    # 4 to 5 s, and an extra: not at the top of this file.
    import keras_tuner

    space = keras_tuner.HyperParameters()
    space.Fixed(PARENT, run_id or "")
    space.Fixed(SEARCH, search_id)
    options = {
        "objective": keras_tuner.Objective(*plan.objective),
        "hyperparameters": space,
        "seed": plan.config.seed + 1,  # KerasTuner takes 0 for "any"
        "max_consecutive_failed_trials": plan.trials + 1,
    }
    kind = _class(plan.kind)
    if plan.kind == "hyperband":
        epochs = getattr(plan.config, "epochs", None)
        if epochs is None or epochs < _FACTOR:
            raise ValueError(
                "Hyperband gives up on trials after a part of their epochs, of "
                f"which there are {epochs}: set --epochs {_FACTOR} or more, or "
                "search by --tune random."
            )
        oracle = kind(
            max_epochs=epochs,
            factor=_FACTOR,
            hyperband_iterations=None,  # until there were all trials
            **options,
        )
        oracle.max_trials = plan.trials
    else:
        oracle = kind(max_trials=plan.trials, **options)
    oracle.verbose = 0
    return oracle


def _class(kind):
    """The class of an oracle, whose files are whole or not there.

    KerasTuner empties a file before it writes it, and cannot go on with half
    of one.
    """
    import keras_tuner

    class Oracle(getattr(keras_tuner.oracles, _CLASSES[kind])):
        def save(self):
            write(pathlib.Path(self._get_oracle_fname()), self.get_state())

        def _save_trial(self, trial):
            folder = pathlib.Path(self._get_trial_dir(trial.trial_id))
            write(folder / "trial.json", trial.get_state())

    return Oracle


def worst(kind, direction):
    """The score of a failed trial that KerasTuner is told, or None.

    Hyperband waits for all trials of a round before it goes on with the best,
    so a failed one has the worst score there; other oracles leave it out.
    """
    if kind != "hyperband":
        return None
    return 1e30 if direction == "min" else -1e30


def mend(oracle):
    """Gives an oracle that was reloaded what it has not saved.

    KerasTuner saves a trial before it saves that there is one: killed between
    the two, it has one that nobody trains, and would not choose it again. That
    a trial is at work no longer it saves with the next one only: it would be
    counted twice. Its grid search does not keep the order of what it tried, by
    which it finds what is next.
    """
    for trial_id in oracle.trials.keys() - set(oracle.start_order):
        del oracle.trials[trial_id]
        shutil.rmtree(oracle._get_trial_dir(trial_id))
    oracle._retry_queue = [
        trial_id
        for trial_id in oracle._retry_queue
        if trial_id not in oracle.end_order
    ]
    if not hasattr(oracle, "_ordered_ids"):
        return
    compare = functools.cmp_to_key(
        lambda one, other: oracle._compare(
            oracle.trials[one].hyperparameters.values,
            oracle.trials[other].hyperparameters.values,
        )
    )
    in_order = sorted(oracle.trials, key=compare)
    oracle._ordered_ids = type(oracle._ordered_ids)()
    for trial_id in in_order:
        oracle._ordered_ids.insert(trial_id)
    oracle._populate_next = in_order
