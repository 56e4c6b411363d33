"""Training with its callbacks, so that nothing learnt is lost."""

import sys

import keras

from rnnzoo.training import callbacks as ours


def fit(model, training, validation, *, run, epochs, examples, callbacks=()):
    """Calls `model.fit`, tracked, and saves the model however it ends.

    Keras's progress bar is drawn on a terminal; a pipe or a file gets one
    line for each epoch.

    Args:
        model: a compiled `keras.Model`.
        training: `tf.data.Dataset` of batches.
        validation: `tf.data.Dataset` of batches, or None.
        run: a `tracking.Run` that has been entered.
        epochs: int.
        examples: int. Training examples in an epoch.
        callbacks: Keras callbacks; what they add to the epoch's logs is
            tracked too.

    Returns:
        dict of float: seconds of the whole "fit", and until the end of the
        "first_step", which traces and compiles.

    Raises:
        FloatingPointError: the loss became NaN or infinite. This, Ctrl-C and
            any other exception leave model.keras in the run's folder.
    """
    track = ours.Track(run, examples)
    try:
        model.fit(
            training,
            validation_data=validation,
            epochs=epochs,
            shuffle=False,  # the data set has its own order
            verbose=1 if sys.stdout.isatty() else 2,
            callbacks=[
                ours.StopOnNaN(),
                keras.callbacks.ProgbarLogger(),
                *callbacks,
                track,
            ],
        )
    except BaseException:
        # Ctrl-C is no Exception, and is the one that must not lose a night.
        print(f"\nkept: {run.log_model(model)}", file=sys.stderr)
        raise
    run.log_model(model)
    return track.seconds
