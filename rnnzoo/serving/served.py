"""A model of strings to strings, as `mlflow.pyfunc` loads it."""

import pathlib

from mlflow.pyfunc import PythonModel

from rnnzoo.serving import loading, predicting
from rnnzoo.training import contract, evaluation, generation

# With one of these tokens are drawn, and nothing is searched for.
_DRAWING = ("temperature", "top_k", "top_p")


class Served(PythonModel):
    """What a run has learnt, from the files that `served_model` logged.

    The strings are those of `python -m rnnzoo predict`; of a model without a
    contract, which generates, those of `model.generate`, with `n_best` a line
    for each, its score in front.
    """

    def load_context(self, context):
        files = context.artifacts
        self.model = loading.load(files["model"])
        self.contract = None
        if "prediction" in files:
            self.contract = contract.read(files["prediction"])
        self.example = files.get("example")

    # MLflow checks by the types of this signature, and warns without them.
    def predict(self, model_input: list[str], params=None) -> list[str]:
        options = params or {}
        options = {k: v for k, v in options.items() if v is not None}
        if self.contract is None:
            return self._generate(model_input, options)
        items = [self._found(item) for item in model_input]
        return predicting.predict(self.model, self.contract, items, **options)

    def _generate(self, texts, options):
        if options.keys().isdisjoint(_DRAWING):
            options.setdefault("beam_width", options.get("n_best", 1))
        found = generation.generate(self.model, texts, **options)
        if "n_best" not in options:
            return found
        return [
            evaluation.lines(f"{score:.4f}\t{text}" for text, score in pairs)
            for pairs in found
        ]

    def _found(self, item):
        """The example that came with the model is found from anywhere."""
        if self.contract.reads_texts or self.example is None:
            return item
        example = pathlib.Path(self.example)
        alone = item == example.name and not pathlib.Path(item).exists()
        return str(example) if alone else item
