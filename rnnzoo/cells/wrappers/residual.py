"""A shortcut past a cell."""

from keras import ops

from rnnzoo.cells.wrappers.wrapper import CellWrapper


class Residual(CellWrapper):
    """Adds the input to the output, so that deep stacks stay trainable.

    Choose it for stacks of four layers and more. `residual=True` of
    `rnnzoo.layers.Stack` does the same with dropout before the sum; this one
    goes wherever a cell does.

    Paper: He, Zhang, Ren and Sun 2015, "Deep Residual Learning for Image
    Recognition", https://arxiv.org/abs/1512.03385; between recurrent layers,
    Wu et al. 2016, https://arxiv.org/abs/1609.08144. With f(x_t) for the
    output of the cell inside:

        y_t = W x_t + f(x_t)

    W is the identity where x_t is as wide as f(x_t).

    Weights: W `shortcut_kernel` `(input_dim, output_size)` where the two
    differ; beside them those of the cell inside, whose states it has.

    Args:
        cell: an instance of a `rnnzoo.Cell`.

    Raises:
        ValueError: `cell` is no such instance, or a `Reset`.

    Example:

    ```python
    cell = rnnzoo.cells.Residual(rnnzoo.cells.MinGRU(8))
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.shortcut_kernel = None
        if self.input_dim != self.output_size:
            self.shortcut_kernel = self.add_matrix(
                "shortcut_kernel", self.input_dim, self.output_size
            )

    def project(self, inputs, training=False):
        inside = self.cell.project(inputs, training=training)
        x = self.without_lookback(inputs)
        if self.shortcut_kernel is not None:
            x = ops.matmul(x, self.shortcut_kernel)
        return inside, x

    def inside(self, projected):
        inside, _ = projected
        return inside

    def finish(self, output, projected):
        _, x = projected
        x, output = (ops.cast(t, self.compute_dtype) for t in (x, output))
        return x + output
