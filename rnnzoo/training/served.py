"""A model of strings to strings, as `mlflow.pyfunc` loads it.

MLflow keeps a copy of this file beside the model and runs it to load the
model, in place of a pickle.
"""

import keras
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

# Importing anything of rnnzoo tells Keras all of its classes.
from rnnzoo.training import generation


class TextGenerator(PythonModel):
    """Generates with the `.keras` file that is the artifact "model".

    Its parameters are those of the model's `generate`, such as `beam_width`.
    """

    def load_context(self, context):
        path = context.artifacts["model"]
        self.model = keras.saving.load_model(path, compile=False)

    # MLflow checks by the types of this signature, and warns without them.
    def predict(self, model_input: list[str], params=None) -> list[str]:
        return generation.generate(self.model, model_input, **(params or {}))


set_model(TextGenerator())
