"""The loop over time, for every recurrence that has to be one."""

import keras
from keras import ops, tree

if keras.backend.backend() == "tensorflow":
    from rnnzoo.kernels import tensorflow_loop


def loop(
    step, inputs, states, output, lengths=None, keep_outputs=True, unroll=False
):
    """Runs `step` over time.

    Args:
        step: function `(inputs_t, states) -> (output_t, new_states)` without
            side effects; new states have the shapes and types of the old.
        inputs: tensor or tree of tensors `(batch, timesteps, ...)`.
        states: list of tensors `(batch, ...)`, before the first step.
        output: tensor or tree of tensors `(batch, ...)`: stands for the output
            of sequences that have no step at all, and tells structure, shapes
            and types of the others.
        lengths: int tensor `(batch,)` or None. Sequences end there: states
            stay as they are and so does the last output.
        keep_outputs: bool. Whether to return the output of every step.
        unroll: bool. Whether to write the steps out instead of looping; needs
            a static number of steps.

    Returns:
        `(outputs, last_output, last_states)`; outputs are
        `(batch, timesteps, ...)`, those past the end of a sequence repeat its
        last one; None without `keep_outputs`.
    """

    def masked_step(t, inputs_t, last, states):
        output, new = step(inputs_t, states)
        if lengths is not None:
            valid = t < lengths
            new = [
                select(valid, n, s) for n, s in zip(new, states, strict=True)
            ]
            output = tree.map_structure(
                lambda new, old: select(valid, new, old), output, last
            )
        return output, new

    if unroll:
        return unrolled(masked_step, inputs, states, output, keep_outputs)
    if keras.backend.backend() == "tensorflow":
        return tensorflow_loop.loop(
            masked_step, inputs, states, output, keep_outputs
        )

    def body(carry, xs):
        last, states = carry
        last, states = masked_step(*xs, last, states)
        return (last, states), last if keep_outputs else None

    inputs = tree.map_structure(time_major, inputs)
    clock = ops.arange(tree.flatten(inputs)[0].shape[0], dtype="int32")
    (last, states), outputs = ops.scan(
        body, (output, list(states)), (clock, inputs)
    )
    if keep_outputs:
        outputs = tree.map_structure(time_major, outputs)
    return outputs, last, states


def unrolled(masked_step, inputs, states, output, keep_outputs):
    timesteps = tree.flatten(inputs)[0].shape[1]
    outputs = []
    for t in range(timesteps):
        inputs_t = tree.map_structure(lambda x, t=t: x[:, t], inputs)
        output, states = masked_step(t, inputs_t, output, states)
        outputs.append(output)
    if not keep_outputs:
        return None, output, states
    outputs = tree.map_structure(lambda *x: ops.stack(x, axis=1), *outputs)
    return outputs, output, states


def select(valid, new, old):
    """`new` where the `(batch,)` bool is set, and `old` elsewhere."""
    shape = (-1,) + (1,) * (len(new.shape) - 1)
    return ops.where(ops.reshape(valid, shape), new, old)


def time_major(x):
    """Swaps the first two axes."""
    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))
