"""On which devices a model trains.

A model that is built in the scope of a strategy trains on all its devices,
each with its share of every batch, to the weights that one device gives.
"""

import tensorflow as tf

NAMES = ("auto", "one", "mirrored")


def make(name="auto"):
    """The strategy in whose scope a model is built, compiled and trained.

    Args:
        name: str. `"one"`: one device, a GPU if there is one. `"mirrored"`:
            a copy of the model on each GPU, or on each logical CPU where
            there is no GPU. `"auto"`: mirrored if there are two GPUs or
            more, else one.

    Returns:
        A `tf.distribute.Strategy`; its `num_replicas_in_sync` says how many
        devices train.

    Raises:
        ValueError: another name.

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
