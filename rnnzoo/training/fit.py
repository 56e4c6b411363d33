"""Training with its callbacks, so that nothing learnt is lost."""

import functools
import sys

import keras

from rnnzoo.training import checkpoints, multiworker, state, workers
from rnnzoo.training.curves import Curves
from rnnzoo.training.interrupts import BetweenSteps
from rnnzoo.training.nan import StopOnNaN
from rnnzoo.training.progress import Progress
from rnnzoo.training.track import Track


def fit(
    model,
    training,
    validation,
    *,
    run,
    epochs,
    until=None,
    examples=None,
    session=None,
    callbacks=(),
):
    """Calls `model.fit`, tracked, and saves the model however it ends.

    With a `session`, a training that was killed goes on from its last
    checkpoint, and on one device ends with the weights, bit for bit, and the
    numbers that it would have had. That takes deterministic operations and
    the same seed, and callbacks that remember nothing or have `get_state`
    and `set_state` (see `state.capture`).

    Keras's progress bar is drawn on a terminal; a pipe or a file gets one
    line for each epoch.

    Under the strategy "multiworker" all workers call this alike. The chief
    prints, logs and writes checkpoints; the others get from it what they go on
    with. Ctrl-C in any of them stops all after the same step.

    Args:
        model: a compiled `keras.Model`. Under a `tf.distribute` strategy it
            was made in its scope.
        training: batches with a place for each, such as a
            `pipelines.text.TextPairs`: `len()` is the number of steps,
            `examples` that of examples, and `dataset(epoch, batch)` the
            `tf.data.Dataset` of an epoch from that batch on. Without a
            session also a plain `tf.data.Dataset`.
        validation: `tf.data.Dataset` of batches, or None.
        run: a `tracking.Run` that has been entered.
        epochs: int. Of the whole training.
        until: int or None. The epoch to end after; another call goes on from
            there, given a session that keeps its checkpoints.
        examples: int. Training examples in an epoch; None: as `training` says.
        session: a `resume.Session` that has been entered, or None.
        callbacks: Keras callbacks; what they add to the epoch's logs is
            tracked too.

    Returns:
        dict from name to float: the metrics of the last epoch, such as
        "val/loss", and those of the whole training, see `track.Track`.

    Raises:
        ValueError: the checkpoint belongs to other data or another model, or
            `training` cannot be entered in the middle; a worker has other
            data than the chief.
        FloatingPointError: the loss became NaN or infinite. This, Ctrl-C and
            any other exception leave model.keras in the run's folder.
        OSError: a checkpoint or the model cannot be written.
    """
    if session is not None:
        if not hasattr(training, "dataset"):
            raise ValueError(
                f"Got training of type {type(training).__name__}, which "
                "cannot be entered in the middle of an epoch, as a session "
                "must. Hand over a pipelines.text.TextPairs, or leave the "
                "session out."
            )
        data = _data(model, training)
        multiworker.check_same(model.distribute_strategy, data)
        session.begin(run, data)
    last = epochs if until is None else min(until, epochs)
    stop = StopOnNaN()
    track = Track(run, training.examples if examples is None else examples)
    verbose = 1 if sys.stdout.isatty() else 2
    options = {"shuffle": False, "verbose": verbose}
    strategy = model.distribute_strategy
    several = multiworker.several(strategy)
    with workers.quiet(), BetweenSteps(together=several) as interrupts:
        progress = Progress(
            [
                stop,
                keras.callbacks.ProgbarLogger(),
                *callbacks,
                track,
                Curves(run, track),
            ],
            model=model,
            epochs=epochs,
            steps=_steps(training),
            verbose=verbose,
            interrupts=interrupts,
            session=session,
            agree=functools.partial(multiworker.any_wants, strategy),
        )
        options["callbacks"] = progress
        with strategy.scope():
            # No epochs: only what Keras does before the first one.
            model.fit(_batches(training, 0, 0), epochs=0, **options)
            if session is not None:
                _go_on(session, model, training, progress)
        try:
            with strategy.scope():
                while progress.epoch < last and not progress.stopped:
                    model.fit(
                        _batches(training, progress.epoch, progress.batch),
                        validation_data=validation,
                        initial_epoch=progress.epoch,
                        epochs=progress.epoch + 1,
                        **options,
                    )
                    # An optimizer that averages weights has written the
                    # averages, as at the end of each `fit`. They are due
                    # after the last.
                    model.set_weights(stop.good)
                weights = model.trainable_weights
                model.optimizer.finalize_variable_values(weights)
                progress.end()
        except BaseException as error:
            # Ctrl-C is no Exception, and is the one that must not lose a night.
            interrupted = isinstance(error, KeyboardInterrupt)
            _keep(run, model, progress, interrupted and not interrupts.alone)
            raise
        # Not in the scope, where variables are made by all workers together:
        # the chief alone writes, and makes layers again to see that it can.
        run.log_model(model)
    return track.metrics


def _steps(training):
    """Steps of an epoch, None if a data set does not know."""
    if hasattr(training, "dataset"):
        return len(training)
    count = int(training.cardinality())
    return count if count >= 0 else None


def _batches(training, epoch, batch):
    if hasattr(training, "dataset"):
        return training.dataset(epoch, batch)
    return training


def _data(model, training):
    """What must be the same as before for a training to go on with."""
    data = {"steps": len(training), "examples": training.examples}
    for name in getattr(model, "vocabulary_names", ()):
        vocabulary = getattr(model, name)
        data[name] = getattr(vocabulary, "fingerprint", None)
    return data


def _go_on(session, model, training, progress):
    """Restores the newest checkpoint, if there is one."""
    found = _load(session, model.distribute_strategy)
    arrays, about = found or (None, {"epoch": 0, "batch": 0})
    if about["batch"] or not model.built:
        # Metrics get their variables in the first step or evaluation.
        rest = training.dataset(about["epoch"], about["batch"])
        model.evaluate(rest.take(1), verbose=0)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    if found is None:
        return
    session.check(state.differences(model, progress.callbacks, about))
    progress.resume(arrays, about)
    print(f"Going on from {progress.place()}, kept in {session.directory}")


def _load(session, strategy):
    """The newest checkpoint, of the chief in all workers."""
    found = session.load()
    if not multiworker.several(strategy):
        return found
    content = None if found is None else bytes(checkpoints.pack(*found))
    content = multiworker.from_chief(strategy, content)
    return None if content is None else checkpoints.unpack(content)


def _keep(run, model, progress, interrupted):
    """Saves what there is, without hiding why the training ends."""
    try:
        if interrupted:
            progress.save()
        if workers.me().chief:
            print(f"\nkept: {run.log_model(model)}", file=sys.stderr)
    except OSError as error:
        print(f"\nnot kept: {error}", file=sys.stderr)
