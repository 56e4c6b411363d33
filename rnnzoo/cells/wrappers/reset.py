"""Sequences that begin anew in the middle of a row."""

from keras import ops, tree

from rnnzoo.cells.wrappers.wrapper import CellWrapper


class Reset(CellWrapper):
    """Returns to the initial state wherever the input says so.

    Choose it for several short sequences packed into one row, and for
    reinforcement learning, where episodes end in the middle of what was
    recorded. It equals the separate sequences, run one by one.

    Source: the `ResetCore` of Haiku, https://github.com/google-deepmind/dm-haiku;
    the last input feature is the flag r_t, and the cell inside reads the
    others, x_t:

        s'_{t-1} = s_0       where r_t > 1/2
        s'_{t-1} = s_{t-1}   elsewhere
        y_t, s_t = step(x_t, s'_{t-1})

    A cell that looks back at earlier inputs sees zeros in place of those
    before a reset, as at the beginning of a sequence. A flag at a masked
    step is deleted with it. Recurrent dropout keeps its mask, which is one
    per row.

    The flag stands at the first step of a sequence, so a layer that reads
    backwards needs other flags. In a `Stack` each layer would take the last
    feature of the layer below for its flag: stack `Recurrent` layers, and
    append the flag to the inputs of each.

    It runs step by step, also around cells that run in parallel without it.

    Weights, states: those of the cell inside; inputs looked back at include
    the flag.

    Args:
        cell: an instance of a `rnnzoo.Cell`; other wrappers go inside.

    Raises:
        ValueError: `cell` is no such instance; inputs of one feature only.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.Reset(rnnzoo.cells.GRU(8)))
    x, flags = np.ones((2, 5, 3)), np.zeros((2, 5, 1))
    flags[:, 3] = 1
    y = layer(np.concatenate([x, flags], axis=-1))   # (2, 8)
    assert np.allclose(y, layer(np.pad(x[:, 3:], [(0, 0), (0, 0), (0, 1)])))
    ```
    """

    outermost = True

    @property
    def inside_dim(self):
        return self.input_dim - 1

    def build(self, input_shape):
        if input_shape[-1] == 1:
            raise ValueError(
                "The last input feature of a Reset is the flag; the cell "
                "inside reads the others, so there must be two at least. "
                f"Received: input shape {tuple(input_shape)}."
            )
        super().build(input_shape)

    def project(self, inputs, training=False):
        x, flag = inputs[..., :-1], inputs[..., -1:] > 0.5
        if not self.lookback:
            return self.cell.project(x, training=training), flag
        x, timesteps = self.windows(x, flag)
        projected = self.cell.project(x, training=training)

        def as_sequence(t):
            return ops.reshape(t, (-1, timesteps, *t.shape[2:]))

        return tree.map_structure(as_sequence, projected), flag[
            :, self.lookback :
        ]

    def windows(self, x, flag):
        """Each step with the inputs it looks back at, as a row of its own.

        Returns:
            `(windows, timesteps)`: `(batch * timesteps, lookback + 1, n)`,
            zero before the last reset.
        """
        length = self.lookback + 1
        timesteps = ops.shape(x)[1] - self.lookback
        own, rows = True, []
        for n in reversed(range(length)):
            # From the step itself back: inputs count until a reset.
            steps = slice(n, n + timesteps)
            rows.append(ops.where(own, x[:, steps], 0.0))
            own = ops.logical_and(own, ops.logical_not(flag[:, steps]))
        windows = ops.stack(rows[::-1], axis=2)
        return ops.reshape(windows, (-1, length, self.inside_dim)), timesteps

    def step(self, projected, states, **extras):
        inside, flag = projected
        initial = self.cell.initial_carry(ops.shape(states[0])[0])
        states = [
            ops.where(flag, ops.cast(s_0, s.dtype), s)
            for s_0, s in zip(initial, states, strict=True)
        ]
        return self.cell.step(inside, states, **extras)
