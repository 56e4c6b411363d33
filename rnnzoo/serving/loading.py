"""A trained model, from its file."""


def load(path):
    """The model in a `.keras` file.

    Args:
        path: str or path.

    Returns:
        A `keras.Model` that is not compiled.

    Raises:
        ValueError: it cannot be loaded.
    """
    import keras

    import rnnzoo.architectures  # noqa: F401  # tells Keras our classes

    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # of any kind, from zip, JSON, HDF5 or Keras
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f"{path} cannot be loaded: {reason[0]} A file that rnnzoo saved "
            "is expected; if its model has parts of your own, load it in "
            "Python after importing them."
        ) from error
