"""What can be exported: every cell and topology, one step and as a whole.

Writes rnnzoo/architectures/EXPORT.md. A model of each cell is exported, the
file is run on its own, and its numbers are held to those of the model.

Run: python benchmarks/export_table.py [--only gru min_gru]
"""

import argparse
import functools
import logging
import pathlib
import tempfile
import typing
import warnings

import keras
import numpy as np
import tensorflow as tf

import rnnzoo

PAGE = (
    pathlib.Path(__file__)
    .parents[1]
    .joinpath("rnnzoo", "architectures", "EXPORT.md")
)
BATCH, TIMESTEPS, VOCABULARY = 2, 4, 11
BOUND = 1e-5

INTRODUCTION = f"""\
# What can be exported

Made by `python benchmarks/export_table.py` on TensorFlow {tf.__version__} and
Keras {keras.__version__}: each model was exported, the file run by itself, and
its numbers held to the model's, to {BOUND:.0e}.

* *Step* is `model.export_step(path)`: one time step, states in and out, any
  batch size; for LiteRT with `format="litert", batch_size=...`, and with
  `source_length=...` for `seq2seq`.
* *Whole* is `model.export(path)` of Keras: whole sequences of any length; for
  LiteRT of one batch size and length, which go in as `input_signature=
  [keras.layers.InputSpec(shape=(batch, timesteps), dtype="int32")]`. Without
  them Keras writes a file that LiteRT does not run.

Bidirectional readers have no step. LiteRT knows no recurrence in half
precision: its models are of `dtype="float32"`.

"""
CELLS = """\
## Cells, in a `synced` model of tokens

| cell | step, SavedModel | step, LiteRT | whole, SavedModel | whole, LiteRT |
|---|---|---|---|---|
"""
TOPOLOGIES = """
## Topologies, with a GRU

| model | step, SavedModel | step, LiteRT |
|---|---|---|
"""


class Case(typing.NamedTuple):
    """What every column is held to."""

    model: keras.Model
    # Of models that write a sequence; None for others.
    source: np.ndarray | None
    # What each step reads, by name, `(batch, timesteps, ...)`.
    parts: dict
    # `(batch, timesteps, outputs)`.
    outputs: np.ndarray


def made(name, parts, source=None, **options):
    """A `Case` of a random model, and of the numbers of its own steps."""
    keras.utils.set_random_seed(1)
    model = rnnzoo.build(name, **{"units": 8, **options})
    rng = np.random.default_rng(0)
    # What starts at zero would hide a state that is lost.
    for weight in model.trainable_variables:
        if not keras.ops.convert_to_numpy(weight).any():
            weight.assign(rng.normal(0, 0.3, weight.shape))
    states = None if source is None else model.begin(source)
    outputs = []
    for t in range(TIMESTEPS):
        inputs = {part: values[:, t] for part, values in parts.items()}
        inputs = inputs["inputs"] if set(inputs) == {"inputs"} else inputs
        found, states = model.step(inputs, states)
        outputs.append(keras.ops.convert_to_numpy(found))
    return Case(model, source, parts, np.stack(outputs, axis=1))


def tokens(*shape):
    rng = np.random.default_rng(0)
    return rng.integers(4, VOCABULARY, (BATCH, *shape)).astype("int32")


def values(*shape):
    rng = np.random.default_rng(0)
    return rng.normal(size=(BATCH, *shape)).astype("float32")


IDS = {"inputs": tokens(TIMESTEPS)}
READS = {"vocabulary": VOCABULARY, "num_outputs": 3}
WRITES = {"source_vocabulary": VOCABULARY, "target_vocabulary": VOCABULARY}
MODELS = {
    "`one_to_one`": lambda: made(
        "one_to_one", {"inputs": values(TIMESTEPS, 5)}, input_shape=(5,)
    ),
    "`many_to_one`": lambda: made("many_to_one", IDS, **READS),
    '`many_to_one`, `pooling="attention"`': lambda: made(
        "many_to_one", IDS, **READS, pooling="attention"
    ),
    "`synced`, of frames": lambda: made(
        "synced", {"inputs": values(TIMESTEPS, 6, 6, 1)}, input_dim=(6, 6, 1)
    ),
    "`synced`, of words and characters": lambda: made(
        "synced",
        {"words": tokens(TIMESTEPS), "characters": tokens(TIMESTEPS, 3)},
        characters=VOCABULARY,
        **READS,
    ),
    '`synced`, `head="crf"`': lambda: made("synced", IDS, **READS, head="crf"),
    "`one_to_many`": lambda: made(
        "one_to_many",
        IDS,
        values(5),
        input_shape=(5,),
        vocabulary=VOCABULARY,
    ),
    "`one_to_many`, of images, with attention": lambda: made(
        "one_to_many",
        IDS,
        values(6, 8),
        input_shape=(6, 8),
        encoder="crnn",
        vocabulary=VOCABULARY,
        attention="additive",
        condition="every_step",
        input_feeding=True,
    ),
    "`seq2seq`": lambda: made("seq2seq", IDS, tokens(3), **WRITES),
    "`seq2seq`, without attention": lambda: made(
        "seq2seq", IDS, tokens(3), **WRITES, attention=None
    ),
    "`seq2seq`, coverage and copied words": lambda: made(
        "seq2seq",
        IDS,
        tokens(3),
        **WRITES,
        attention="coverage",
        copy_slots=1,
    ),
    "`seq2seq`, monotonic": lambda: made(
        "seq2seq", IDS, tokens(3), **WRITES, attention="monotonic"
    ),
}


# === Running what was written ===


def interpreter(path):
    with warnings.catch_warnings():
        # Told to all: a package that is no dependency will replace it.
        warnings.simplefilter("ignore", UserWarning)
        return tf.lite.Interpreter(model_path=str(path))


def stream(begin, step, case):
    """Outputs of two signatures, one step after the other."""
    begun = dict(begin({} if case.source is None else {"source": case.source}))
    known = {k: v for k, v in begun.items() if k.startswith("known_")}
    states = {k: v for k, v in begun.items() if k.startswith("state_")}
    outputs = []
    for t in range(TIMESTEPS):
        inputs = {part: values[:, t] for part, values in case.parts.items()}
        states = dict(step({**inputs, **states, **known}))
        outputs.append(np.array(states.pop("outputs")))
    return np.stack(outputs, axis=1)


def step_saved_model(case, folder):
    case.model.export_step(folder / "step")
    loaded = tf.saved_model.load(str(folder / "step")).signatures

    def run(function):
        return lambda given: function(
            **{name: tf.constant(value) for name, value in given.items()}
        )

    begin = loaded[case.model.begin_name]
    if case.source is None:
        begin = functools.partial(begin, batch_size=tf.constant(BATCH))
    return stream(run(begin), run(loaded["serving_default"]), case)


def step_litert(case, folder):
    path = folder / "step.tflite"
    sizes = {"batch_size": BATCH}
    if isinstance(case.model, rnnzoo.architectures.Seq2Seq):
        sizes["source_length"] = case.source.shape[1]
    case.model.export_step(path, format="litert", **sizes)
    file = interpreter(path)
    begin = file.get_signature_runner(case.model.begin_name)
    step = file.get_signature_runner("serving_default")
    return stream(lambda x: begin(**x), lambda x: step(**x), case)


def whole_saved_model(case, folder):
    case.model.export(folder / "whole", verbose=False)
    loaded = tf.saved_model.load(str(folder / "whole"))
    return loaded.serve(tf.constant(case.parts["inputs"])).numpy()


def whole_litert(case, folder):
    path, ids = folder / "whole.tflite", case.parts["inputs"]
    spec = keras.layers.InputSpec(shape=ids.shape, dtype="int32")
    case.model.export(
        path, format="litert", input_signature=[spec], verbose=False
    )
    (outputs,) = interpreter(path).get_signature_runner()(inputs=ids).values()
    return outputs


COLUMNS = (step_saved_model, step_litert, whole_saved_model, whole_litert)


def answer(column, case):
    """ "yes", or what went wrong, for one entry of a table."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = column(case, pathlib.Path(folder))
        except Exception as error:  # Converters raise their own, of all kinds.
            if "Select TensorFlow op" in str(error):
                return "no: has operations that LiteRT lacks"
            first, *_ = " ".join(str(error).split()).split(". ")
            return f"no: {first[:90]}".replace("|", "/")
    difference = np.abs(found - case.outputs).max()
    return "yes" if difference < BOUND else f"no: differs by {difference:.0e}"


def build(cell):
    """The `Case` of a cell."""
    return made("synced", IDS, **READS, cell=cell)


def line(name, case, columns):
    """One row of a table."""
    answers = [answer(column, case) for column in columns]
    return f"| {name} | {' | '.join(answers)} |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", help="cells; writes no page")
    arguments = parser.parse_args()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    cells, models = [], []
    for cell in arguments.only or rnnzoo.list_cells():
        cells.append(line(f"`{cell}`", build(cell), COLUMNS))
        print(cells[-1], end="", flush=True)
        keras.backend.clear_session()
    if arguments.only:
        return
    for name, make in MODELS.items():
        models.append(line(name, make(), COLUMNS[:2]))
        print(models[-1], end="", flush=True)
        keras.backend.clear_session()
    page = [INTRODUCTION, CELLS, *cells, TOPOLOGIES, *models]
    PAGE.write_text("".join(page), "utf-8")


if __name__ == "__main__":
    main()
