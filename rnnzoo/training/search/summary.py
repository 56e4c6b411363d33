"""What a search has found, best first."""

import dataclasses
import shlex

from rnnzoo.training import report
from rnnzoo.training.search.trials import word


def ranked(found, direction):
    """Trials that ended well, the best first, and behind them the others.

    Args:
        found: list of `trials.Trial`.
        direction: "min" or "max".
    """
    sign = 1 if direction == "min" else -1
    good = [trial for trial in found if not trial.reason]
    good.sort(key=lambda trial: sign * trial.score)
    return [*good, *(trial for trial in found if trial.reason)]


def table(found, objective):
    """The trials as a table for a terminal.

    Args:
        found: list of `trials.Trial`, not empty.
        objective: str. What their score is.

    Returns:
        str.
    """
    # That with most values knows the order of those on a condition too.
    full = sorted(found, key=lambda trial: -len(trial.values))
    names = list(dict.fromkeys(key for t in full for key in t.values))
    partly = any(trial.epochs is not None for trial in found)
    failed = any(trial.reason for trial in found)
    header = ["trial", objective, "seconds", *names]
    header += ["epochs"] * partly + ["reason"] * failed
    rows = []
    for trial in found:
        row = [
            str(trial.number),
            "failed" if trial.reason else word(trial.score),
            f"{trial.seconds:.0f}",
            *(word(trial.values.get(name, "n/a")) for name in names),
        ]
        rows.append(
            row + [str(trial.epochs)] * partly + [trial.reason] * failed
        )
    return report.table(header, rows)


def progress(trial, plan, ended):
    """How a trial has ended, and how far the search is.

    Args:
        trial: `trials.Trial` that has ended.
        plan: `plan.Plan`.
        ended: dict from the numbers of those that ended on this machine to
            what is kept of them.

    Returns:
        str, one line.
    """
    name, direction = plan.objective
    how = f"{name} {word(trial.score)}"
    if trial.reason:
        how = f"failed ({trial.reason})"
    words = [f"Trial {trial.number} of {plan.trials}: {how}"]
    scores = {
        n: kept["score"] for n, kept in ended.items() if not kept["reason"]
    }
    if scores:
        choose = min if direction == "min" else max
        best = choose(scores, key=scores.get)
        words.append(f"best so far {word(scores[best])}, of trial {best}")
    left = plan.trials - len(ended)
    if left > 0 and ended:
        mean = sum(kept["seconds"] for kept in ended.values()) / len(ended)
        minutes = mean * left / plan.workers / 60
        words.append(f"{left} left, about {max(1, round(minutes))} min")
    return "; ".join(words)


def command(recipe, config):
    """The command that trains `config`: the flags that are off their defaults.

    Args:
        recipe: str. The name of recipes/<recipe>.py.
        config: dataclass whose fields are its flags.

    Returns:
        str, to be pasted into a shell.
    """
    words = ["python", "-m", f"recipes.{recipe}"]
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if value == field.default:
            continue
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{field.name}")
        else:
            value = "none" if value is None else str(value)
            words += [f"--{field.name}", value]
    return shlex.join(words)
