"""On which devices a model trains.

A model that is built in the scope of a strategy trains on all its devices,
each with its share of every batch, to the weights that one device gives.
"""

import tensorflow as tf

from rnnzoo.training import multiworker, workers

NAMES = ("auto", "one", "mirrored", "multiworker")


def make(name="auto"):
    """The strategy in whose scope a model is built, compiled and trained.

    Exact, to the rounding of a sum in another order, are: masks, weights,
    batches that cannot be shared evenly or have fewer rows than there are
    devices; clipping, and every optimizer; penalties of weights; all losses,
    metrics and numbers shown; `BatchNormalization(synchronized=True)` on
    inputs without a mask, its moving statistics included, and any that is not
    trained. Other on each device, as it must be, is what dropout draws.

    Refused, with the reason, before the first step, is what would train
    another model than one device does: other `BatchNormalization`, since each
    device would take mean and variance of its own rows, and have moving
    statistics of its own, of which one is saved; stateful layers and
    `carried_rows`, since the states of a row would not be where its next steps
    are; losses of activations; float16, XLA, several steps in one execution.

    Args:
        name: str. `"one"`: one device, a GPU if there is one. `"mirrored"`:
            a copy of the model on each GPU, or on each logical CPU where
            there is no GPU. `"multiworker"`: the devices of several
            processes, on one machine or more, which are started by
            `python -m rnnzoo workers`; to be made before anything is
            computed. `"auto"`: multiworker in a process that was started as
            one of several; mirrored if there are two GPUs or more; else one.

    Returns:
        A `tf.distribute.Strategy`; its `num_replicas_in_sync` says how many
        devices train.

    Raises:
        ValueError: another name; a process that is one of several, and is to
            train alone; TensorFlow has started too early, or TF_CONFIG is
            wrong.
        OSError: another worker has not come in time.

    Example:

    ```python
    from rnnzoo.training import strategy

    with strategy.make("auto").scope():
        model = rnnzoo.build("many_to_one", vocabulary=9, num_outputs=2)
        model.compile()
    ```
    """
    if name not in NAMES:
        raise ValueError(
            f"There is no strategy {name!r}. Choose one of {', '.join(NAMES)}."
        )
    worker = workers.me()
    if name == "multiworker" or name == "auto" and worker.count > 1:
        return multiworker.connect()
    if worker.count > 1:
        raise ValueError(
            f"This process is one of {worker.count} workers, and with the "
            f"strategy {name!r} each would train a model of its own. Choose "
            "'multiworker' or 'auto', or start one process."
        )
    gpus = tf.config.list_logical_devices("GPU")
    if name == "one" or name == "auto" and len(gpus) < 2:
        return tf.distribute.get_strategy()
    if gpus:
        return tf.distribute.MirroredStrategy([gpu.name for gpu in gpus])
    cpus = tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy(
        [cpu.name for cpu in cpus],
        # What TensorFlow would choose, after a warning that these are no GPUs.
        cross_device_ops=tf.distribute.ReductionToOneDevice(),
    )


def split_cpu(count):
    """Makes `count` logical CPUs of the processor, before TensorFlow starts.

    They share its cores, so nothing gets faster: it shows on a machine
    without GPUs what a strategy does.

    Args:
        count: int. Number of logical CPUs.

    Raises:
        ValueError: `count` below 1; TensorFlow has started with another
            number.
    """
    if count < 1:
        raise ValueError(f"`count` must be at least 1. Received: count={count}")
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * count
    try:
        tf.config.set_logical_device_configuration(cpu, parts)
    except RuntimeError:
        there = len(tf.config.list_logical_devices("CPU"))
        if there != count:
            raise ValueError(
                f"Cannot split the CPU into {count}: TensorFlow has started "
                f"with {there}. Split it before anything is computed."
            ) from None
