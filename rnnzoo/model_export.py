"""What the models have in common whose single step can be exported."""

import keras

from rnnzoo.cells.checks import one_of, positive_integer

if keras.backend.backend() == "tensorflow":
    from rnnzoo.model_tensorflow_export import write_litert, write_saved_model
else:
    write_litert = write_saved_model = None


class StepExporter:
    """Writes two functions of a model: what begins, and one step.

    It stands beside `Model` among the bases of a topology, which sets
    `begin_name` and writes `begin_parts`, `step_parts`, `begin_named` and
    `step_named`. Parts are name -> (shape without the batch, dtype); "named"
    functions take and return dicts of tensors.
    """

    begin_name = "initial_states"

    @property
    def step_parts(self):
        """What a step reads, beside what the beginning has returned."""
        raise NotImplementedError(f"{type(self).__name__}.step_parts")

    def begin_parts(self, source_length):
        """What the beginning reads; nothing, unless a topology says so."""
        return {}

    def begin_named(self, given, batch_size):
        """From what `begin_parts` names to states, and what stays the same."""
        raise NotImplementedError(f"{type(self).__name__}.begin_named")

    def step_named(self, given):
        """From those and what `step_parts` names to outputs and states."""
        raise NotImplementedError(f"{type(self).__name__}.step_named")

    def export_step(
        self,
        path,
        format="tf_saved_model",
        batch_size=None,
        source_length=None,
    ):
        """Writes `step` for use without Python, or without rnnzoo.

        The file has two signatures. `serving_default` takes `inputs`, or what
        else the model reads, `state_0`, `state_1` and so on, and returns
        `outputs` and the states by the same names. The other one returns the
        states to begin with. Where nothing is read before the first step, it
        is called `initial_states`, and with a free batch size takes
        `batch_size`, an int32. Models that write a sequence have `begin`,
        which takes `source`; besides states it returns what each step takes of
        the source and does not change, by names such as `known_memory`.

        Args:
            path: str. A folder for a SavedModel; a file that ends with
                ".tflite" for LiteRT.
            format: "tf_saved_model" or "litert".
            batch_size: int or None. How many sequences run side by side; None
                for any number, which LiteRT cannot do.
            source_length: int or None. Of a `seq2seq` model, the steps that a
                source is padded to; None for any number, which LiteRT cannot
                do.

        Raises:
            ValueError: an unknown format; a bidirectional reader; LiteRT
                without its sizes; another backend than TensorFlow.

        Example:

        ```python
        model = rnnzoo.build("synced", vocabulary=50, num_outputs=3, units=8)
        model.export_step("tagger.tflite", format="litert", batch_size=1)
        ```
        """
        if write_saved_model is None:
            raise ValueError(
                "`export_step` needs the TensorFlow backend. Received: "
                f"{keras.backend.backend()}. Save the model, and load it with "
                "KERAS_BACKEND=tensorflow to export it."
            )
        one_of("format", format, ("tf_saved_model", "litert"))
        if format != "litert" and str(path).endswith(".tflite"):
            raise ValueError(
                f"A SavedModel is a folder. Received: {str(path)!r}. For a "
                "file of LiteRT pass format='litert'."
            )
        if batch_size is not None:
            batch_size = positive_integer("batch_size", batch_size)
        parts = self.begin_parts(None)
        if source_length is not None:
            if not any(None in shape for shape, _ in parts.values()):
                raise ValueError(
                    f"{type(self).__name__} reads no sequence before its first "
                    f"step. Received: source_length={source_length!r}. Leave "
                    "it out."
                )
            source_length = positive_integer("source_length", source_length)
            parts = self.begin_parts(source_length)
        write = write_litert if format == "litert" else write_saved_model
        write(self, str(path), batch_size, parts)


def named(name, tensors):
    """A list as a dict: name_0, name_1 and so on."""
    return {f"{name}_{n}": tensor for n, tensor in enumerate(tensors)}


def numbered(name, given):
    """The list that `named` has made into a part of `given`."""
    count = sum(key.startswith(f"{name}_") for key in given)
    return [given[f"{name}_{n}"] for n in range(count)]
