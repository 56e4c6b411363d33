"""Zoneout: units that keep their state for a step."""

import keras
from keras import ops

from rnnzoo.cells.checks import in_range
from rnnzoo.cells.wrappers.wrapper import CellWrapper


class Zoneout(CellWrapper):
    """Dropout that keeps the old state where dropout would set a zero.

    Choose it to regularise a recurrence: unlike recurrent dropout it loses
    nothing that is remembered, and gradients pass unchanged where a unit
    keeps its state.

    Paper: Krueger et al. 2016, "Zoneout: Regularizing RNNs by Randomly
    Preserving Hidden Activations", https://arxiv.org/abs/1606.01305. With s~_t
    for what the cell inside makes of s_{t-1}, in training and at inference:

        s_t = d_t * s_{t-1} + (1 - d_t) * s~_t       d_t ~ Bernoulli(rate)
        s_t = rate * s_{t-1} + (1 - rate) * s~_t

    for each conditionable state s, with a new d_t for every unit and step.
    Other states, memories and stabilisers, are left alone. An output that is
    one of the states is s_t too; any other is what the cell inside made of
    s~_t, such as the LSTM's h~_t of c~_t, as in the paper. Some packages use
    s~_t at inference.

    It runs step by step, also around cells that run in parallel without it.

    Weights, states: those of the cell inside.

    Args:
        cell: an instance of a `rnnzoo.Cell`.
        rates: float in [0, 1), or a list with one for each conditionable
            state. The paper's for language models, in the order of
            `rnnzoo.cells.LSTM`: h 0.05, c 0.5.
        seed: int or None. Seed of d_t.

    Raises:
        ValueError: a cell without conditionable states; too many rates or too
            few, or one out of range; a cell inside that changes another
            cell's output.

    Example:

    ```python
    cell = rnnzoo.cells.Zoneout(rnnzoo.cells.LSTM(8), rates=[0.05, 0.5])
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    # One draw for all steps: loops of JAX cannot draw, others are slower.
    draws_in_project = True

    def __init__(self, cell, rates, **kwargs):
        super().__init__(cell, **kwargs)
        self.check_conditionable_states()
        states = self.conditionable_states
        shared = not isinstance(rates, list | tuple)
        self.rates = [rates] * len(states) if shared else list(rates)
        if len(self.rates) != len(states):
            raise ValueError(
                "`rates` must be a number, or hold one for each of the "
                f"{len(states)} conditionable states of "
                f"{type(cell).__name__}. Received: rates={rates!r}"
            )
        for rate in self.rates:
            in_range("rates", rate, "[0, 1)")

    def check_cell(self, cell):
        super().check_cell(cell)
        while isinstance(cell, CellWrapper):
            # Its output is no state, though it may be made of one.
            if type(cell).finish is not CellWrapper.finish:
                name = type(cell).__name__
                raise ValueError(
                    "Zoneout has to see the output of the cell itself. "
                    f"Received: Zoneout around {name}. Write "
                    f"{name}(Zoneout(...))."
                )
            cell = cell.cell

    def project(self, inputs, training=False):
        inside = self.cell.project(inputs, training=training)
        if not training:
            return inside, []
        steps = ops.shape(self.without_lookback(inputs))[:-1]
        return inside, [
            self.draw((*steps, self.carry_size[index]), rate)
            for index, rate in zip(
                self.conditionable_states, self.rates, strict=True
            )
        ]

    def draw(self, shape, rate):
        """True with the probability `rate`."""
        return keras.random.uniform(shape, seed=self.seed_generator) < rate

    def step(self, projected, states, **extras):
        inside, masks = projected
        output, new = self.cell.step(inside, states, **extras)
        new = list(new)
        for n, index in enumerate(self.conditionable_states):
            s, candidate = states[index], new[index]
            if masks:
                new[index] = ops.where(masks[n], s, candidate)
            else:
                rate = self.rates[n]
                new[index] = rate * s + (1 - rate) * candidate
            if output is candidate:
                output = new[index]
        return output, new

    def get_config(self):
        return {**super().get_config(), "rates": self.rates}
