import contextlib
import dataclasses
import gc
import importlib.util
import json
import math
import pathlib
import re
import types

import keras
import mlflow
import pytest

from rnnzoo.training import search
from rnnzoo.training.search import attempt, front, oracles, tuner
from rnnzoo.training.search import plan as search_plan

FLAGS = pathlib.Path(__file__).parents[2] / "recipes" / "common" / "flags.py"


@pytest.fixture(autouse=True)
def quick_garbage_collection():
    # Every trial collects; TensorFlow's own objects make that half a second.
    gc.freeze()
    yield
    gc.unfreeze()


@dataclasses.dataclass(frozen=True)
class Config:
    cell: str = "gru"
    units: int = 16
    rate: float = 0.5
    limit: int | None = 3
    epochs: int = 9
    smoke: bool = False
    quiet: bool = True
    seed: int = 0


def space(hp, config):
    cell = hp.Choice("cell", ["gru", "lstm"])
    with hp.conditional_scope("cell", ["lstm"]):
        if cell == "lstm":
            hp.Boolean("forget")
    return dataclasses.replace(
        config,
        cell=cell,
        units=hp.Int("units", 8, 64, step=8),
        rate=hp.Float("rate", 1e-3, 1.0, sampling="log"),
    )


def learn(config, run, session, until):
    """Its loss is the number of units: fewer are better."""
    for epoch in (1, 2, 3):
        run.log_metrics({"val/loss": config.units + 3 - epoch}, step=epoch)
    return {"val/loss": config.units, "val/accuracy": 1 / config.units}


def find(root, kind):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    (experiment,) = (
        found
        for found in client.search_experiments()
        if found.name == "translation"
    )
    runs = client.search_runs(
        [experiment.experiment_id],
        f"tags.`rnnzoo.kind` = '{kind}'",
        order_by=["attributes.start_time"],
    )
    return client, runs


def run_search(root, learn=learn, **options):
    options = {"trials": 4, **options}
    config = options.pop("config", Config(limit=None))
    return search.search(
        "translation", config, space, learn, root=root, **options
    )


def test_a_search_keeps_every_trial_and_finds_the_best(root, capsys):
    best = run_search(root)
    client, trials = find(root, "trial")
    _, (parent,) = find(root, "search")
    assert len(trials) == 4
    assert [run.info.status for run in [*trials, parent]] == ["FINISHED"] * 5
    units = [int(run.data.params["units"]) for run in trials]
    assert best.units == min(units)
    winner = trials[units.index(min(units))]
    expected = {key: str(value) for key, value in vars(best).items()}
    assert {
        **expected,
        "limit": "none",
    }.items() <= winner.data.params.items()
    for run in trials:
        # All of the Config, and each epoch.
        assert set(vars(best)) <= set(run.data.params)
        history = client.get_metric_history(run.info.run_id, "val/loss")
        assert [point.step for point in history] == [1, 2, 3]
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
        for tag in ("rnnzoo.search_id", "rnnzoo.recipe"):
            assert run.data.tags[tag] == parent.data.tags[tag]
    # What trials differ in is no setting of the search.
    assert not {"cell", "units", "rate"} & parent.data.params.keys()
    assert parent.data.params["search_trials"] == "4"
    assert parent.data.params["search_objective"] == "min val/loss"
    assert parent.data.params["best/units"] == str(best.units)
    assert parent.data.params["best/trial"] == winner.info.run_name[0]
    assert parent.data.metrics["val/loss"] == best.units
    assert parent.data.metrics["val/accuracy"] == 1 / best.units
    printed = capsys.readouterr().out
    table = client.download_artifacts(parent.info.run_id, "trials.txt")
    table = pathlib.Path(table).read_text()
    assert table in printed
    rows = table.splitlines()[2:]
    shown = [float(row.split()[1]) for row in rows]
    assert shown == sorted(units)
    assert f"  {search.command('translation', best)}\n" in printed


def test_the_largest_is_best_where_that_is_asked_for(root):
    best = run_search(root, objective=("val/accuracy", "max"))
    assert best == run_search(root, objective=("val/loss", "min"))
    worst = run_search(root, objective=("val/loss", "max"))
    assert worst.units > best.units


def test_the_seed_decides_what_is_tried(root):
    def tried(seed):
        configs = []

        def note(config, run, session, until):
            configs.append(dataclasses.replace(config, seed=0))
            return {"val/loss": 1.0}

        run_search(root, note, trials=3, config=Config(seed=seed))
        return configs

    assert tried(0) == tried(0)
    assert len(set(tried(0))) == 3
    assert tried(0) != tried(1)


def test_trials_that_fail_are_kept_with_their_reason(root, capsys):
    seen = []

    def fails(config, run, session, until):
        seen.append(config)
        if len(seen) == 2:
            return {"val/loss": math.nan}
        if len(seen) < 6:
            raise MemoryError("too many units\nand a long story")
        return {"val/loss": 0.5}

    best = run_search(root, fails, trials=6)
    assert best == seen[5]
    _, trials = find(root, "trial")
    statuses = [run.info.status for run in trials]
    assert statuses == ["FAILED"] * 5 + ["FINISHED"]
    reasons = [run.data.tags.get("error") for run in trials]
    assert reasons[1] == "FloatingPointError: val/loss is nan"
    assert reasons[2].startswith("MemoryError: too many units")
    _, (parent,) = find(root, "search")
    assert parent.info.status == "FINISHED"
    out = capsys.readouterr()
    rows = out.out[out.out.index("seconds") :].splitlines()[2:8]
    assert rows[0].split()[:2] == ["6", "0.5"]
    assert rows[1].split()[:2] == ["1", "failed"]
    assert rows[1].endswith("  MemoryError: too many units")
    assert rows[2].endswith("  FloatingPointError: val/loss is nan")
    assert "Traceback" not in out.err


def test_a_search_without_a_good_trial_fails(root):
    def fails(config, run, session, until):
        raise OSError("no space left")

    with pytest.raises(
        ValueError,
        match=r"All 2 trials failed, the first with OSError: no space left\.",
    ):
        run_search(root, fails, trials=2)
    _, (parent,) = find(root, "search")
    assert parent.info.status == "FAILED"
    assert "All 2 trials failed" in parent.data.tags["error"]


def test_ctrl_c_ends_trial_and_search_and_tells_what_is_known(root, capsys):
    seen = []

    def interrupted(config, run, session, until):
        seen.append(config)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return {"val/loss": 0.5}

    with pytest.raises(KeyboardInterrupt):
        run_search(root, interrupted)
    _, trials = find(root, "trial")
    assert [run.info.status for run in trials] == ["FINISHED", "KILLED"]
    _, (parent,) = find(root, "search")
    assert parent.info.status == "KILLED"
    assert parent.data.metrics["val/loss"] == 0.5
    assert search.command("translation", seen[0]) in capsys.readouterr().out


def test_ctrl_c_before_the_first_trial_ends(root):
    def interrupted(config, run, session, until):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_search(root, interrupted)


@pytest.mark.parametrize("kind", search.KINDS)
def test_every_kind_finds_the_fewest_units_that_it_tried(root, kind):
    tried = []

    def note(config, run, session, until):
        tried.append(config)
        return {"val/loss": config.units}

    best = run_search(root, note, kind=kind, trials=5)
    assert len(tried) == 5
    assert best.units == min(config.units for config in tried)
    # What a condition leaves out stays at its default, and is no setting.
    _, (parent,) = find(root, "search")
    table = pathlib.Path(parent.info.artifact_uri[7:], "trials.txt").read_text()
    lstm = [line for line in table.splitlines() if " lstm " in line]
    gru = [line for line in table.splitlines() if " gru " in line]
    assert len(lstm) + len(gru) == 5
    assert all("n/a" in line for line in gru) or not lstm
    assert not any("n/a" in line for line in lstm)


def test_a_grid_changes_what_is_named_last_first(root):
    tried = []

    def grid(hp, config):
        cell = hp.Choice("cell", ["gru", "lstm"])
        units = hp.Choice("units", [8, 16, 32])
        return dataclasses.replace(config, cell=cell, units=units)

    def note(config, run, session, until):
        tried.append((config.cell, config.units))
        return {"val/loss": 1.0}

    search.search(
        "translation", Config(), grid, note, kind="grid", trials=9, root=root
    )
    assert tried == [(c, u) for c in ("gru", "lstm") for u in (8, 16, 32)]


def test_hyperband_goes_on_with_the_best_of_few_epochs(root):
    calls = []

    def epochs(config, run, session, until):
        """As a training does: from the last checkpoint to the epoch `until`."""
        found = session.load()
        begin = 0 if found is None else found[1]["epoch"]
        for epoch in range(begin, until):
            run.log_metrics({"val/loss": config.units}, step=epoch + 1)
        session.save(until, {}, {"epoch": until})
        calls.append((config.units, begin, until))
        return {"val/loss": config.units}

    run_search(root, epochs, kind="hyperband", trials=13)
    # Nine trials of one epoch, the best three go on to three, one to nine.
    first, second, third = calls[:9], calls[9:12], calls[12:]
    assert all(call[1:] == (0, 1) for call in first)
    assert [call[1:] for call in second] == [(1, 3)] * 3
    units = sorted(call[0] for call in first)
    assert sorted(call[0] for call in second) == units[:3]
    assert third == [(units[0], 3, 9)]
    client, trials = find(root, "trial")
    for run, (_, _, until) in zip(trials, calls, strict=True):
        history = client.get_metric_history(run.info.run_id, "val/loss")
        assert [point.step for point in history] == [*range(1, until + 1)]
        assert run.data.params["search_epochs"] == str(until)


def test_hyperband_goes_on_where_a_trial_of_a_round_failed(root):
    calls = []

    def fails(config, run, session, until):
        calls.append(until)
        if len(calls) == 4:
            raise MemoryError("too large")
        return {"val/loss": config.units}

    run_search(root, fails, kind="hyperband", trials=11)
    assert calls[9:] == [3, 3]


def test_hyperband_needs_epochs(root):
    with pytest.raises(
        ValueError, match="of which there are 2: set --epochs 3"
    ):
        run_search(root, kind="hyperband", config=Config(epochs=2))


@pytest.mark.parametrize("kind", search.KINDS)
def test_a_killed_search_tries_what_it_would_have_tried(root, kind):
    def tried(root, kill_at):
        seen = []

        def note(config, run, session, until):
            seen.append((config, until))
            if len(seen) == kill_at:
                raise KeyboardInterrupt
            return {"val/loss": config.units}

        with contextlib.suppress(KeyboardInterrupt):
            run_search(root, note, kind=kind, trials=6)
        if kill_at is not None:
            run_search(root, note, kind=kind, trials=6)
            del seen[kill_at]  # which is there twice
        return seen

    assert tried(root, 4) == tried(root, None)


def test_a_killed_search_goes_on_in_its_runs(root, capsys):
    seen = []

    def interrupted(config, run, session, until):
        seen.append((config, run.run_id))
        if len(seen) == 2:
            raise KeyboardInterrupt
        return {"val/loss": config.units}

    with pytest.raises(KeyboardInterrupt):
        run_search(root, interrupted)
    best = run_search(root, interrupted)
    # The second was killed: it is tried again, in the run that it has.
    assert seen[2] == seen[1]
    assert len(seen) == 5 and len(set(seen)) == 4
    assert best.units == min(config.units for config, _ in seen)
    _, trials = find(root, "trial")
    assert [run.info.status for run in trials] == ["FINISHED"] * 4
    _, (parent,) = find(root, "search")
    assert parent.info.status == "FINISHED"
    assert "Going on after 1 trial," in capsys.readouterr().out
    assert not [*(root / "unfinished").iterdir()]
    # It ended: the same again is another search.
    run_search(root, interrupted)
    assert len(find(root, "search")[1]) == 2


def test_a_trial_that_nobody_listens_to_any_more_is_interrupted(root):
    seen = []

    def deaf(config, run, session, until):
        seen.append(config)
        if len(seen) == 2:
            raise BrokenPipeError("nobody reads what this prints")
        return {"val/loss": 0.5}

    with pytest.raises(KeyboardInterrupt):
        run_search(root, deaf)
    run_search(root, deaf)
    assert seen[1] == seen[2]
    _, trials = find(root, "trial")
    assert [run.info.status for run in trials] == ["FINISHED"] * 4
    assert not any("error" in run.data.tags for run in trials)


def test_a_fresh_search_forgets_the_killed_one(root):
    seen = []

    def interrupted(config, run, session, until):
        seen.append(config)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return {"val/loss": 0.5}

    with pytest.raises(KeyboardInterrupt):
        run_search(root, interrupted)
    run_search(root, interrupted, fresh=True)
    assert len(seen) == 6
    assert len(find(root, "search")[1]) == 2


def test_what_comes_after_does_not_search_again_when_it_is_killed(root):
    seen, best = [], []

    def note(config, run, session, until):
        seen.append(config)
        return {"val/loss": config.units}

    def then(config):
        best.append(config)
        if len(best) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_search(root, note, then=then)
    assert run_search(root, note, then=then) == best[0] == best[1]
    assert len(seen) == 4


def kept(root, pattern):
    """The one file of JSON among those of the unfinished search."""
    (path,) = (root / "unfinished").glob(f"search-*/{pattern}")
    return path, json.loads(path.read_text())


def test_killed_between_two_files_of_kerastuner(root):
    """It begins a trial, and ends one, in one file before the other."""
    seen = []

    def note(config, run, session, until):
        seen.append(config)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return {"val/loss": float(len(seen))}

    with pytest.raises(KeyboardInterrupt):
        run_search(root, note)
    path, state = kept(root, "keras_tuner/oracle.json")
    assert state["end_order"] == ["0"]
    state["ongoing_trials"] |= {"another": "0"}
    path.write_text(json.dumps(state))
    path, state = kept(root, "keras_tuner/trial_1/trial.json")
    path = path.parents[1] / "trial_2" / "trial.json"
    path.parent.mkdir()
    path.write_text(json.dumps({**state, "trial_id": "2"}))
    run_search(root, note)
    assert len(seen) == 5 and len(set(seen)) == 4
    client, (parent,) = find(root, "search")
    scores = client.get_metric_history(parent.info.run_id, "search/score")
    assert [point.value for point in scores] == [1.0, 3.0, 4.0, 5.0]


def test_a_file_of_kerastuner_is_whole_or_not_there(tmp_path, monkeypatch):
    plan = search_plan.Plan(
        "toy", Config(), space, learn, "random", 4, ("val/loss", "min")
    )
    plan.directory = tmp_path
    oracle = oracles.make(plan)
    tuner.make(oracle, plan, None)
    oracle.create_trial("a")
    before = {path: path.read_text() for path in tmp_path.rglob("*.json")}
    assert len(before) == 2

    def full(path, target):
        raise OSError("no space left")

    monkeypatch.setattr(pathlib.Path, "replace", full)
    for save in (oracle.save, lambda: oracle.create_trial("b")):
        with pytest.raises(OSError, match="no space left"):
            save()
    after = {path: path.read_text() for path in tmp_path.rglob("*.json")}
    assert after == before


def test_what_was_learnt_is_not_learnt_again(root):
    """Killed after a trial has its score, before its run has ended."""
    seen = []

    def note(config, run, session, until):
        seen.append(config)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return {"val/loss": 9.0}

    with pytest.raises(KeyboardInterrupt):
        run_search(root, note)
    path, values = kept(root, "trials/0002.json")
    values |= {"score": 1.0, "metrics": {"val/loss": 1.0}}
    path.write_text(json.dumps(values))
    assert run_search(root, note) == seen[1]
    assert len(seen) == 4
    _, trials = find(root, "trial")
    assert [run.info.status for run in trials] == ["FINISHED"] * 4


def test_killed_after_its_end_it_goes_on_with_more_trials(root, capsys):
    losses = iter([3.0, 4.0, 1.0, 2.0])

    def note(config, run, session, until):
        return {"val/loss": next(losses)}

    def then(config):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_search(root, note, trials=2, then=then)
    run_search(root, note, trials=4)
    # MLflow never changes a parameter, such as that of the best trial.
    assert "warning" not in capsys.readouterr().err
    _, (parent,) = find(root, "search")
    assert parent.data.params["best/trial"] == "1"
    changed = json.loads(parent.data.tags["rnnzoo.resumed_with"])
    assert (changed["best/trial"], changed["search_trials"]) == ("3", "4")
    assert parent.data.metrics["val/loss"] == 1.0


def test_epochs_of_the_trial_before_come_once(tmp_path):
    def logged(name, steps):
        lines = [{"step": n, "time": 0, "val/loss": 0.1 * n} for n in steps]
        (tmp_path / name).mkdir()
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / name / "metrics.jsonl").write_text(text)
        return tmp_path / name

    log = []
    run = types.SimpleNamespace(
        directory=logged("now", [1, 2]),
        log_metrics=lambda metrics, step: log.append((step, metrics)),
    )
    before = logged("before", [1, 2, 3, 0])
    attempt._inherit(run, {"directory": str(before)})
    assert log == [(3, {"val/loss": pytest.approx(0.3)})]
    attempt._inherit(run, {})  # of a trial on another machine
    assert len(log) == 1


def test_the_search_shows_how_it_came_to_the_best(root):
    losses = iter([3.0, 4.0, 1.0, 2.0])
    run_search(root, lambda *_: {"val/loss": next(losses)})
    client, (parent,) = find(root, "search")
    best = client.get_metric_history(parent.info.run_id, "search/best")
    assert [point.value for point in best] == [3.0, 3.0, 1.0, 1.0]


def test_no_name_of_a_worker_is_taken_for_the_chief(tmp_path, monkeypatch):
    monkeypatch.setattr(front.socket, "gethostname", lambda: "Chief-of.staff")
    with front._Place("search", {}, tmp_path) as place:
        label = front._label(place)
        assert re.fullmatch("ofstaff-[0-9a-f]{4}-", label)
        assert front._label(place) == label


def test_a_small_space_ends_early(root, capsys):
    def two(hp, config):
        return dataclasses.replace(config, cell=hp.Choice("cell", ["a", "b"]))

    search.search("translation", Config(), two, learn, trials=5, root=root)
    assert len(find(root, "trial")[1]) == 2
    assert "no more than these 2 trials" in capsys.readouterr().out


def test_a_forgotten_objective_ends_the_search_at_once(root):
    with pytest.raises(ValueError, match="'val/f1' is not among .* val/loss,"):
        run_search(root, objective=("val/f1", "max"))
    assert len(find(root, "trial")[1]) == 1


def test_an_error_in_the_space_is_no_failed_trial(root):
    def wrong(hp, config):
        units = hp.Int("units", 1, 100)
        if units != 1:
            raise ZeroDivisionError("in the recipe")
        return config

    with pytest.raises(ZeroDivisionError, match="in the recipe"):
        search.search(
            "translation", Config(), wrong, learn, trials=5, root=root
        )


def test_nothing_is_left_of_the_trial_before(root):
    uids = []

    def build(config, run, session, until):
        uids.append(keras.layers.Dense(1).name)
        return {"val/loss": 0.5}

    run_search(root, build, trials=2)
    assert uids == ["dense", "dense"]


def test_without_mlflow_everything_is_in_one_folder(root, monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://x")
    run_search(root, trials=2)
    assert capsys.readouterr().err.count("warning:") == 1
    (folder,) = (root / "untracked").iterdir()
    assert (folder / "trials.txt").is_file()
    params = [json.loads(p.read_text()) for p in folder.glob("*/params.json")]
    assert len(params) == 2
    assert all(set(vars(Config())) <= set(found) for found in params)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "gird"}, "kind of search 'gird'; known are random, hyper"),
        ({"trials": 0}, "Got 0 trials; a search needs at least 1"),
        ({"objective": ("val/loss", "low")}, "'low' for val/loss; give min or"),
    ],
)
def test_refuses(root, options, message):
    with pytest.raises(ValueError, match=message):
        run_search(root, **options)


def test_the_command_gives_the_config_back():
    spec = importlib.util.spec_from_file_location("flags", FLAGS)
    flags = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(flags)
    config = Config("a b", 8, 0.1 + 0.2, None, 9, True, False, 5)
    command = search.command("translation", config)
    assert command == (
        "python -m recipes.translation --cell 'a b' --units 8 "
        "--rate 0.30000000000000004 --limit none --smoke --no-quiet --seed 5"
    )
    words = ["--cell", "a b", *command.split("'")[2].split()]
    assert flags.parse(Config, words) == config
    assert search.command("dates", Config()) == "python -m recipes.dates"
