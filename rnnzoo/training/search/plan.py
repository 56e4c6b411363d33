"""What a search is about."""

import dataclasses
import pathlib
import typing

from rnnzoo.training.search.oracles import KINDS

_DIRECTIONS = ("min", "max")


@dataclasses.dataclass
class Plan:
    """What all processes of a search know.

    Args:
        recipe: str. The name of recipes/<recipe>.py, also the experiment.
        config: frozen dataclass with `seed` and, for Hyperband, `epochs`; what
            no trial changes is taken from it.
        search_space: function of (hp, config), `hp` being
            `keras_tuner.HyperParameters`, that returns a trial's Config.
        learn: function of (config, run, session, until) that sets the seeds,
            trains one Config to the epoch `until`, None being the last, logs
            to `run`, and returns a dict from name to float.
        kind: str. How trials are chosen, see `oracles.KINDS`.
        trials: int. At most so many; fewer where the space has no more.
        objective: name of one of the metrics that `learn` returns, and "min"
            or "max".
        root: str or path. Of `tracking.Run`.
        directory: pathlib.Path. Where the search keeps what it goes on with.
        workers: int. How many trials are trained at a time on this machine.

    Raises:
        ValueError: unknown kind or direction, or no trials.
    """

    recipe: str
    config: object
    search_space: typing.Callable
    learn: typing.Callable
    kind: str
    trials: int
    objective: tuple
    root: str = "mlruns"
    directory: pathlib.Path | None = None
    workers: int = 1

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(
                f"Got the kind of search {self.kind!r}; known are "
                f"{', '.join(KINDS)}."
            )
        if self.trials < 1:
            raise ValueError(
                f"Got {self.trials} trials; a search needs at least 1, such "
                "as 10."
            )
        if self.objective[1] not in _DIRECTIONS:
            raise ValueError(
                f"Got the direction {self.objective[1]!r} for "
                f"{self.objective[0]}; give {' or '.join(_DIRECTIONS)}."
            )

    def space(self, hp):
        """A trial's Config, see `search_space`."""
        return self.search_space(hp, self.config)
