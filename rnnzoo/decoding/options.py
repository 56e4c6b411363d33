"""What `generate` can be told, in one place."""

import dataclasses
import math
import numbers

# What a search and a sample have in common is not listed.
_SEARCH_ONLY = {"beam_width": 1, "length_penalty": 1.0, "coverage_penalty": 0.0}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """How sequences are found: the options of a model's `generate`.

    A beam of width 1 is greedy search. With `temperature`, `top_k` or `top_p`
    tokens are drawn at random instead.

    Log-probabilities are always the model's own: what an option changes is
    which tokens are chosen, not what they count.

    Args:
        max_length: int. Longest sequence, its end included.
        min_length: int. Shortest sequence, its end included.
        beam_width: int. Beginnings kept at each step.
        length_penalty: float. 0: none; above 0 favours longer sequences; see
            `rank`.
        coverage_penalty: float. 0: none; above 0 favours sequences that have
            looked at all of the source; needs attention; see `coverage`.
        repetition_penalty: float. 1: none; above 1 makes tokens that were
            written less likely; see `penalised`.
        no_repeat_ngram: int. 0: none; n: no n tokens in a row are written
            twice.
        temperature: float or None. Tokens are drawn from softmax(logits /
            temperature); None: as 1 with `top_k` or `top_p`, and no drawing
            without.
        top_k: int or None. Only the k likeliest tokens are drawn.
        top_p: float or None. Only the likeliest tokens are drawn that
            together have this probability: nucleus sampling, Holtzman et al.
            2019, https://arxiv.org/abs/1904.09751.
        seed: int or None. Makes drawn sequences the same each time.
        n_best: int or None. How many sequences are returned for each source:
            the best of a beam that is as wide at least, or so many samples.

    Raises:
        ValueError: a value out of range; options that exclude each other.
    """

    max_length: int = 64
    min_length: int = 1
    beam_width: int = 1
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    repetition_penalty: float = 1.0
    no_repeat_ngram: int = 0
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None
    n_best: int | None = None

    def __post_init__(self):
        self._check_integer("max_length", 1)
        self._check_integer("min_length", 1)
        self._check_integer("beam_width", 1)
        self._check_integer("no_repeat_ngram", 0)
        self._check_number("length_penalty", "a finite number, 0 for none")
        self._check_number(
            "coverage_penalty",
            "a finite number, 0 for none",
            lambda x: 0 <= x < math.inf,
        )
        self._check_number(
            "repetition_penalty",
            "a finite number above 0",
            lambda x: 0 < x < math.inf,
        )
        if self.temperature is not None:
            self._check_number(
                "temperature", "a number above 0", lambda x: x > 0
            )
        if self.top_k is not None:
            self._check_integer("top_k", 1)
        if self.top_p is not None:
            self._check_number(
                "top_p", "a number above 0, at most 1", lambda x: 0 < x <= 1
            )
        if self.seed is not None:
            self._check_integer("seed", 0)
        if self.n_best is not None:
            self._check_integer("n_best", 1)
        self._check_together()

    @property
    def draws(self):
        """Whether tokens are drawn at random."""
        return not (self.temperature is self.top_k is self.top_p is None)

    @property
    def width(self):
        """Sequences under way for each source."""
        return (self.n_best or 1) if self.draws else self.beam_width

    @property
    def count(self):
        """Sequences returned for each source."""
        return self.n_best or 1

    def _check_integer(self, name, least):
        value = getattr(self, name)
        fits = isinstance(value, numbers.Integral) and value >= least
        if isinstance(value, bool) or not fits:
            kind = {0: "an integer from 0 on", 1: "a positive integer"}[least]
            raise ValueError(
                f"`{name}` must be {kind}. Received: {name}={value!r}"
            )
        object.__setattr__(self, name, int(value))

    def _check_number(self, name, words, fits=math.isfinite):
        value = getattr(self, name)
        is_number = isinstance(value, numbers.Real) and value == value
        if isinstance(value, bool) or not is_number or not fits(value):
            raise ValueError(
                f"`{name}` must be {words}. Received: {name}={value!r}"
            )
        # One key for 1 and 1.0, and no type of NumPy's.
        object.__setattr__(self, name, float(value))

    def _check_together(self):
        if self.min_length > self.max_length:
            raise ValueError(
                f"Received min_length={self.min_length} and max_length="
                f"{self.max_length}. Pass a smaller `min_length`."
            )
        if self.draws:
            for name, usual in _SEARCH_ONLY.items():
                if getattr(self, name) != usual:
                    raise ValueError(
                        f"Received {name}={getattr(self, name)!r}, which a "
                        "search goes by, beside `temperature`, `top_k` or "
                        "`top_p`, which draw tokens at random. Leave one of "
                        "them out."
                    )
        elif self.seed is not None:
            raise ValueError(
                f"Received seed={self.seed}, but nothing is drawn at random. "
                "Pass `temperature`, `top_k` or `top_p` as well."
            )
        elif self.count > self.beam_width:
            raise ValueError(
                f"Received n_best={self.n_best} and beam_width="
                f"{self.beam_width}, but a beam ends with as many sequences "
                f"as it is wide. Pass beam_width={self.n_best} or more."
            )
