"""The process of `memory_by_length`: trains, and tells its peaks."""

import importlib
import json
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

from rnnzoo.diagnostics.of_length import of_length
from rnnzoo.memory import peak_memory
from rnnzoo.model import Model


class TellPeaks(keras.callbacks.Callback):
    """Prints the most memory so far, after each batch."""

    def on_train_batch_end(self, batch, logs=None):
        print(f"peak {peak_memory()}", flush=True)


def main(folder):
    request = json.loads((folder / "request.json").read_text("utf-8"))
    # Keras finds the classes of a model where they are registered.
    for module in ["rnnzoo", *request["modules"]]:
        importlib.import_module(module)
    model = keras.saving.load_model(folder / "model.keras")
    if not model.compiled and isinstance(model, Model):
        model.compile()
    batch = read(folder / "batch.npz")
    lengths = request["lengths"]

    def batches():
        for length in lengths:
            yield of_length(model, batch, length)[: len(batch)]

    # One trace for all lengths: its memory is that of the first batch.
    one, other = (
        of_length(model, batch, length)[: len(batch)] for length in (1, 2)
    )
    signature = keras.tree.map_structure(
        lambda a, b: tf.TensorSpec(
            [
                n if n == m else None
                for n, m in zip(a.shape, b.shape, strict=True)
            ],
            a.dtype,
        ),
        one,
        other,
    )
    data = tf.data.Dataset.from_generator(batches, output_signature=signature)
    model.fit(data, epochs=1, verbose=0, callbacks=[TellPeaks()])


def write(path, batch):
    """Keeps a batch of arrays; see `read`."""
    x, *others = (part for part in keras.utils.unpack_x_y_sample_weight(batch))
    if not isinstance(x, dict | list | tuple):
        arrays = {"x": x}
    else:
        pairs = x.items() if isinstance(x, dict) else enumerate(x)
        arrays = {f"x/{name}": part for name, part in pairs}
    arrays.update(zip(("y", "sample_weight"), others, strict=True))
    arrays = {name: part for name, part in arrays.items() if part is not None}
    np.savez(path, **arrays)


def read(path):
    """The batch that `write` has kept, `(x,)`, `(x, y)` or with weights."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    rest = [arrays.pop(n) for n in ("y", "sample_weight") if n in arrays]
    if "x" in arrays:
        return arrays["x"], *rest
    parts = {name.removeprefix("x/"): part for name, part in arrays.items()}
    numbered = all(name.isdigit() for name in parts)
    return tuple(parts.values()) if numbered else parts, *rest


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
