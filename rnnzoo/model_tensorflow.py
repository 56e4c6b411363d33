"""The TensorFlow half of the model: training step and compiled functions."""

import contextlib
import math
import time

import keras
import tensorflow as tf

from rnnzoo.model_replicas import check_replicas

# Added to the seed of dropout for each replica after the first.
SEED_STRIDE = 1000003


class TrainStep:
    """Steps whose result does not depend on the number of replicas.

    Under a `tf.distribute` strategy each replica gets some rows of a batch,
    perhaps none of a last one. Summed over the replicas, the losses and the
    gradients of these shares are those of the whole batch on one device:

    * a loss is divided by the weights of all rows, not of the replica's own;
    * gradients are clipped after they were summed;
    * the loss shown is that of the whole batch.

    Gradients are dense before they are clipped. That of an embedding comes as
    rows with repeated ids, and clipping would take the norm of each
    repetition apart: too small a norm where ids repeat with one sign, and
    another model than on other backends.
    """

    # === Steps ===

    def train_step(self, data):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            scaled = self.optimizer.scale_loss(loss)
        self.track_loss(loss, x)
        weights = self.trainable_weights
        gradients = [
            None if g is None else tf.convert_to_tensor(g)
            for g in tape.gradient(scaled, weights)
        ]
        # Before the weights change: some heads judge `y_pred` with theirs.
        logs = self.compute_metrics(x, y, y_pred, sample_weight)
        self.optimizer.apply(self.clipped(gradients), weights)
        return logs

    def test_step(self, data):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        self.track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def track_loss(self, loss, x):
        """Counts the loss of a batch, of which `loss` is a share, by rows."""
        rows = tf.shape(keras.tree.flatten(x)[0])[0]
        self._loss_tracker.update_state(self.sum_replicas(loss), rows)

    def clipped(self, gradients):
        """Shares that add up to the clipped gradient of the whole batch.

        The optimizer clips what it is given, then sums over the replicas. It
        is given equal shares of what was clipped already, and leaves them
        alone: they are within the bounds that the whole is within.
        """
        optimizer = self.optimizer
        bounds = (
            optimizer.clipnorm,
            optimizer.global_clipnorm,
            optimizer.clipvalue,
        )
        if self.num_replicas == 1 or not any(bounds):
            return gradients
        known = [g for g in gradients if g is not None]
        sums = iter(self.sum_replicas(known))
        whole = [None if g is None else next(sums) for g in gradients]
        return [
            None if g is None else g / self.num_replicas
            for g in optimizer._clip_gradients(whole)
        ]

    def weights_of_step(self):
        """A context in which metrics see the weights that gave `y_pred`."""
        return contextlib.nullcontext()

    # === Replicas ===

    @property
    def num_replicas(self):
        """How many replicas share the batch of the step that is running."""
        replica = tf.distribute.get_replica_context()
        return 1 if replica is None else replica.num_replicas_in_sync

    def sum_replicas(self, values):
        """Sums over the replicas, of a tensor or a list of tensors."""
        if self.num_replicas == 1:
            return values
        replica = tf.distribute.get_replica_context()
        return replica.all_reduce(tf.distribute.ReduceOp.SUM, values)

    def scope(self):
        """The scope of the strategy that the model was built in."""
        if tf.distribute.has_strategy():
            check_scope("model", self.variables)
        elif self._distribute_strategy is not None:
            return self._distribute_strategy.scope()
        return contextlib.nullcontext()

    def compile(self, optimizer, weighted_metrics=None, **kwargs):
        check_scope("model", self.variables)
        check_scope("optimizer", getattr(optimizer, "variables", []))
        for metric in keras.tree.flatten(weighted_metrics):
            check_scope("metric", getattr(metric, "variables", []))
        super().compile(optimizer, weighted_metrics=weighted_metrics, **kwargs)

    def fit(self, *args, **kwargs):
        with self.scope():
            return super().fit(*args, **kwargs)

    def evaluate(self, *args, **kwargs):
        with self.scope():
            return super().evaluate(*args, **kwargs)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Makes the variables of metrics and optimizer, under a strategy.

        Keras draws a batch for it, which is missing from the training where
        data are given once, and takes the mean of its parts, which fails for
        parts of different sizes. The types of the data are enough.
        """
        if not tf.distribute.has_strategy():
            return
        if iterator is not None:
            data_batch = iterator.data_adapter.get_tf_dataset().element_spec
        several = self.distribute_strategy.num_replicas_in_sync > 1
        if several:
            check_replicas(self)
            check_data(data_batch)
        metrics = self._compile_metrics
        if not self.optimizer.built or not (metrics is None or metrics.built):
            self._symbolic_build(data_batch=data_batch)
        if several:
            spread_seeds(self)

    # === Functions ===

    @property
    def input_seconds(self):
        """Seconds that training steps have waited for their batches.

        NaN where several steps are one execution: that is not measured.
        """
        if self.compiled and self.steps_per_execution > 1:
            return math.nan
        clock = getattr(self, "_input_clock", None)
        return 0.0 if clock is None else clock.seconds

    def make_train_function(self, force=False):
        """As Keras's, with the time measured that `input_seconds` tells."""
        if self.train_function is not None and not force:
            return
        if not self.optimizer.built:
            # A step that makes variables is traced twice, in twice the time.
            self.optimizer.build(self.trainable_variables)
        if self.steps_per_execution > 1:
            super().make_train_function(force=True)
            return
        if not hasattr(self, "_input_clock"):
            self._input_clock = InputClock()
        self.train_function = step_function(
            self, self.train_step, self._input_clock.next
        )

    def make_test_function(self, force=False):
        """As Keras's, which several workers cannot run."""
        if self.test_function is not None and not force:
            return
        if self.distribute_strategy.num_replicas_in_sync == 1:
            super().make_test_function(force=True)
            return
        self.test_function = step_function(self, self.test_step)


def step_function(model, step_of_replica, get_next=None):
    """As Keras makes it, a function of an iterator that takes one step.

    Args:
        model: the model, compiled.
        step_of_replica: its `train_step` or `test_step`.
        get_next: function from an iterator to its next batch, in a graph;
            default: the iterator's own.
    """
    strategy = model.distribute_strategy

    def step(data):
        logs = strategy.run(step_of_replica, args=(data,))
        if strategy.num_replicas_in_sync == 1:
            return logs
        # Each replica knows what it has counted itself.
        return model.get_metrics_result()

    def next_step(iterator):
        data = iterator.get_next() if get_next is None else get_next(iterator)
        return step(data)

    if not model.run_eagerly:
        step = tf.function(
            step,
            reduce_retracing=True,
            jit_compile=model.jit_compile,
            autograph=False,
        )
        next_step = tf.function(
            next_step, reduce_retracing=True, autograph=False
        )
    step = model._autoconvert_optionals(step)

    def function(iterator):
        kinds = (tf.data.Iterator, tf.distribute.DistributedIterator)
        if isinstance(iterator, kinds):
            return next_step(iterator)
        return step(next(iterator))

    return function


class InputClock:
    """Adds up how long is waited for batches, from inside a step's graph."""

    def __init__(self):
        self.began = None
        self.seconds = 0.0

    def start(self):
        self.began = time.perf_counter()

    def stop(self):
        self.seconds += time.perf_counter() - self.began

    def next(self, iterator):
        """The next batch of `iterator`."""
        # tf.timestamp is refused where operations are to be deterministic.
        with tf.control_dependencies([tf.numpy_function(self.start, [], [])]):
            data = iterator.get_next()
        leaves = tf.nest.flatten(data, expand_composites=True)
        with tf.control_dependencies(leaves):
            stopped = tf.numpy_function(self.stop, [], [])
        # The step begins after the clock has stopped, which would otherwise
        # compete with it for a thread.
        with tf.control_dependencies([stopped]):
            return tf.nest.map_structure(
                tf.identity, data, expand_composites=True
            )


def compiled(model, function, inputs):
    """`function` of tensors as one graph, for any batch size and length."""
    signature = [
        tf.TensorSpec([None] * min(2, x.ndim) + list(x.shape[2:]), x.dtype)
        for x in inputs
    ]
    # Concrete, so that TensorFlow does not take each new model for a retracing.
    graph = tf.function(function, signature, autograph=False)
    return graph.get_concrete_function()


# === Replicas ===


def check_scope(name, variables):
    """Raises `ValueError` if `variables` are of another strategy's scope."""
    strategy = tf.distribute.get_strategy()
    for variable in variables:
        if not strategy.extended.variable_created_in_scope(variable.value):
            raise ValueError(
                f"The {name} was not made in the scope of the strategy that "
                f"is in force, {type(strategy).__name__.lstrip('_')}. Build "
                "the model, make its optimizer and compile it in one "
                "`with strategy.scope():`."
            )


def check_data(data):
    """Raises `ValueError` for what cannot be handed to several devices.

    Args:
        data: arrays, or the types of the elements of a data set.
    """
    for leaf in keras.tree.flatten(data):
        if isinstance(leaf, tf.RaggedTensorSpec):
            raise ValueError(
                "RaggedTensors do not work on several devices: they cannot "
                "be split among them. Pad them: `ragged.to_tensor()`."
            )
        if getattr(leaf, "dtype", None) == tf.string:
            raise ValueError(
                "Strings do not work on several devices: they are kept on "
                "the CPU alone. Encode them in the data set, with a "
                "vocabulary, or leave them out of it."
            )


def spread_seeds(model):
    """Lets every replica draw its own dropout masks, once for each model.

    The state of a seed generator is the same on all of them, and stays so:
    what a replica draws with is moved by its number.
    """
    for layer in model._flatten_layers():
        for generator in layer._seed_generators:
            if not hasattr(generator.next, "spread"):
                generator.next = spread(generator.next)


def spread(next_seed):
    """`SeedGenerator.next` with another seed on each replica."""

    def next_of_replica(ordered=True):
        seed = next_seed(ordered)
        replica = tf.distribute.get_replica_context()
        if replica is None:
            return seed
        number = tf.cast(replica.replica_id_in_sync_group, seed.dtype)
        return seed + tf.stack([number * SEED_STRIDE, tf.zeros_like(number)])

    next_of_replica.spread = True
    return next_of_replica
