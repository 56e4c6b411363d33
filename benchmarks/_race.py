"""Times functions side by side: in turns, best of several."""

import time


def race(runners, rounds):
    """The least seconds each runner took.

    Runners take turns, so that a load that comes and goes meets all of them.

    Args:
        runners: dict of name to function without arguments.
        rounds: int. Turns of each, after one that does not count.

    Returns:
        Dict of name to seconds.
    """
    for run in runners.values():
        run()
    best = dict.fromkeys(runners, float("inf"))
    for _ in range(rounds):
        for name, run in runners.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    return best
