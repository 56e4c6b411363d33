"""What the model class adds to Keras's: loss, metrics, files, types."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.text import CharacterVocabulary
from tests.architectures import rows

ARCHITECTURES = sorted(rows.OPTIONS)
WRITTEN = ("token_accuracy", "perplexity", "sequence_accuracy")
NAMES = {
    "many_to_one": ("accuracy",),
    "one_to_many": WRITTEN,
    "one_to_one": ("mean_absolute_error",),
    "seq2seq": WRITTEN,
    "synced": ("accuracy",),
}


def train(model, architecture, **options):
    x, y, sample_weight = rows.feed(architecture)
    options = {"sample_weight": sample_weight, "verbose": 0, **options}
    return model.fit(x, y, **options)


def evaluate(model, x, y=None, **options):
    return model.evaluate(x, y, verbose=0, return_dict=True, **options)


def without_noise(architecture, **options):
    options = {"dropout": 0.0, **options}
    if architecture != "one_to_one":
        options["recurrent_dropout"] = 0.0
    return rows.build(architecture, **options)


# === Compile ===


def small(head, num_outputs=4, **options):
    return rnnzoo.build(
        "synced",
        vocabulary=9,
        head=head,
        num_outputs=num_outputs,
        units=4,
        **options,
    )


@pytest.mark.parametrize(
    ("head", "options", "message"),
    [
        (
            "softmax",
            {"loss": rnnzoo.losses.StepCrossentropy(reduction="sum")},
            "takes the mean of a loss itself.* reduction='sum'",
        ),
        ("softmax", {"loss_weights": [2.0]}, r"loss_weights=\[2.0\]. Leave"),
        ("softmax", {"metrics": {"head": ["accuracy"]}}, "metrics as a list"),
        ("ctc", {"metrics": "accuracy"}, "head='ctc' gives labels to metrics"),
        ("ctc", {"metrics": ["perplexity"]}, "cannot judge: <Perplexity"),
        ("crf", {"metrics": ["perplexity"]}, "cannot judge: <Perplexity"),
    ],
)
def test_compile_with_what_cannot_be_meant(head, options, message):
    with pytest.raises(ValueError, match=message):
        small(head).compile(**options)


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("softmax", ["perplexity", "sequence_accuracy", "accuracy"]),
        ("ctc", ["edit_distance", "sequence_accuracy"]),
        ("crf", ["sequence_accuracy", "accuracy"]),
    ],
)
def test_metrics_by_their_names(head, names):
    """And those of whole sequences agree with the labels of the model."""
    keras.utils.set_random_seed(1)
    model = small(head)
    model.head.weights[0].assign(5 * model.head.weights[0])
    model.compile(metrics=names, run_eagerly=True)
    x = np.array([[4, 5, 6, 7], [8, 4, 0, 0], [7, 7, 5, 0]])
    y = model.labels(x)
    y[0, 0] = 3 - y[0, 0]
    found = evaluate(model, x, y)
    assert set(found) == {"loss", *names}
    np.testing.assert_allclose(found["sequence_accuracy"], 2 / 3, rtol=1e-6)
    if head == "ctc":
        labels = (y != 0).sum()
        np.testing.assert_allclose(found["edit_distance"], 1 / labels)


def test_metrics_have_names_of_their_own():
    """The same each time: Keras would number them by process."""
    for kind, name in (
        (rnnzoo.metrics.StepAccuracy, "step_accuracy"),
        (rnnzoo.metrics.StepBinaryAccuracy, "step_binary_accuracy"),
        (rnnzoo.metrics.StepAbsoluteError, "step_absolute_error"),
    ):
        assert kind().name == kind().name == name


def test_fit_with_what_cannot_be_meant():
    model = small("softmax")
    model.compile(run_eagerly=True)
    x, y = np.array([[4, 5]]), np.array([[1, 2]])
    with pytest.raises(ValueError, match="for arrays of one class per row"):
        model.fit(x, y, class_weight={1: 2.0}, verbose=0)
    with pytest.raises(ValueError, match="holds the class id 4"):
        model.fit(x, y, validation_data=(x, y + 2), verbose=0)
    assert model.optimizer.iterations == 0
    lists = (x.tolist(), y.tolist(), [1.0])
    model.fit(*lists[:2], validation_data=lists, verbose=0)
    assert model.optimizer.iterations == 1


def test_class_weights_of_rows():
    model = rows.build("one_to_one", head="softmax")
    model.compile(run_eagerly=True)
    x, *_ = rows.feed("one_to_one")
    loss = model.fit(
        x, np.array([0, 1, 2]), class_weight={0: 1.0, 1: 0.0, 2: 0.0}, verbose=0
    ).history["loss"]
    assert loss[0] > 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_compile_without_arguments(architecture):
    model = rows.build(architecture)
    model.compile(run_eagerly=True)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert model.optimizer.global_clipnorm == 1.0
    np.testing.assert_allclose(model.optimizer.learning_rate, 1e-3)
    x, y, _ = rows.feed(architecture)
    assert set(evaluate(model, x, y)) == {"loss", *NAMES[architecture]}


def test_compile_with_what_a_user_chose():
    model = rows.build("one_to_one")
    model.compile(
        optimizer="sgd",
        loss="mean_absolute_error",
        metrics=["mse", keras.metrics.MeanAbsoluteError(name="mae")],
        weighted_metrics=[rnnzoo.metrics.StepAbsoluteError(name="own")],
        run_eagerly=True,
    )
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    x, y, _ = rows.feed("one_to_one")
    found = evaluate(model, x, y)
    difference = model.predict(x, verbose=0) - y
    expected = np.abs(difference).mean()
    np.testing.assert_allclose(found["loss"], expected, rtol=1e-5)
    np.testing.assert_allclose(found["mae"], expected, rtol=1e-5)
    np.testing.assert_allclose(found["own"], expected, rtol=1e-5)
    np.testing.assert_allclose(found["mse"], (difference**2).mean(), rtol=1e-5)


def test_one_metric_by_its_name():
    model = rows.build("seq2seq")
    model.compile(metrics="accuracy", run_eagerly=True)
    x = rows.feed("seq2seq")[0]
    assert set(evaluate(model, x)) == {"loss", "accuracy"}


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        lambda y, p: keras.ops.mean((p - keras.ops.one_hot(y, 9)) ** 2, -1),
    ],
)
def test_a_loss_of_the_user_counts_valid_steps(loss):
    """By name or as a function; padding never counts."""
    model = rows.build("seq2seq")
    model.compile(loss=loss, run_eagerly=True)
    x = rows.feed("seq2seq")[0]
    wide = {**x, "target": np.pad(x["target"], ((0, 0), (0, 3)))}
    # Longer than the model's limit in padding only.
    np.testing.assert_allclose(
        evaluate(model, x)["loss"], evaluate(model, wide)["loss"], rtol=1e-5
    )


def test_losses_of_weights_are_added():
    model = rows.build("synced")
    x, y, _ = rows.feed("synced")
    model.compile(run_eagerly=True)
    plain = evaluate(model, x, y)["loss"]
    model.head.kernel.regularizer = keras.regularizers.L2(0.1)
    expected = plain + 0.1 * (model.head.kernel.numpy() ** 2).sum()
    found = evaluate(model, x, y)["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


# === One denominator ===


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("weighted", [False, True])
def test_parts_add_up_to_the_whole(architecture, weighted):
    model = rows.build(architecture)
    model.compile()
    x, y, sample_weight = rows.feed(architecture)
    sample_weight = sample_weight if weighted else None

    def sums(cut):
        part = [
            keras.tree.map_structure(
                lambda a: None if a is None else a[cut], each
            )
            for each in (x, y, sample_weight)
        ]
        outputs = model(part[0])
        loss = model.compute_loss(part[0], part[1], outputs, part[2])
        count = rows.loss_sums(architecture, outputs.numpy(), *part)[1]
        return float(loss) * count, count

    whole = sums(slice(0, 3))
    parts = [sums(slice(0, 1)), sums(slice(1, 3))]
    np.testing.assert_allclose(np.sum(parts, axis=0), whole, rtol=1e-5)


@pytest.mark.parametrize("architecture", ["one_to_many", "seq2seq", "synced"])
def test_metrics_count_steps_across_uneven_batches(architecture):
    model = rows.build(architecture)
    model.compile(run_eagerly=True)
    x, y, _ = rows.feed(architecture)
    target = x["target"] if y is None else y
    valid = (target if y is None else x) != 0
    logits = model.predict(x, verbose=0).astype("float64")
    right = logits.argmax(axis=-1) == target
    nats = rows.cross_entropy(logits, target)
    for weights in (None, rows.feed("one_to_many")[2][:, : target.shape[1]]):
        found = evaluate(model, x, y, sample_weight=weights, batch_size=2)
        count = valid * (1 if weights is None else weights)
        whole = count.max(axis=1)
        expected = (
            (right * count).sum() / count.sum(),
            np.exp((nats * count).sum() / count.sum()),
            (np.all(right | (count == 0), axis=1) * whole).sum() / whole.sum(),
        )
        for name, value in zip(NAMES[architecture], expected, strict=False):
            np.testing.assert_allclose(found[name], value, rtol=1e-5)


def test_a_loss_may_say_which_steps_count():
    """The last step alone, over the weights of last steps alone."""
    model = rows.build("seq2seq")
    model.compile(loss=rnnzoo.losses.LastStepCrossentropy(), run_eagerly=True)
    x = rows.feed("seq2seq")[0]
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 1, x["target"].shape)
    last = np.arange(3), (x["target"] != 0).sum(axis=1) - 1
    logits = model.predict(x, verbose=0).astype("float64")
    nats = rows.cross_entropy(logits[last], x["target"][last])
    for given in (None, weights):
        found = evaluate(model, x, sample_weight=given)["loss"]
        w = None if given is None else given[last]
        expected = np.average(nats, weights=w)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_weight_at_all_is_no_loss(architecture):
    model = rows.build(architecture)
    model.compile(run_eagerly=True)
    before = rows.weights(model)
    train(model, architecture, sample_weight=np.zeros(3))
    for path, value in rows.weights(model).items():
        np.testing.assert_array_equal(value, before[path])


# === Files ===


@pytest.mark.parametrize(
    "architecture",
    [
        name if name == "synced" else pytest.param(name, marks=pytest.mark.slow)
        for name in ARCHITECTURES
    ],
)
def test_training_goes_on_after_a_load_as_without(architecture, tmp_path):
    """Loss, metrics, and the moments of the optimizer are in the file."""
    model = without_noise(architecture)
    model.compile(
        keras.optimizers.Adam(0.01, global_clipnorm=0.5),
        loss=keras.losses.get("mse") if architecture == "one_to_one" else None,
        run_eagerly=True,
    )
    train(model, architecture)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.global_clipnorm == 0.5
    first = train(model, architecture, epochs=2).history
    second = train(loaded, architecture, epochs=2).history
    assert first.keys() == second.keys() == {"loss", *NAMES[architecture]}
    assert first == second
    pairs = zip(loaded.get_weights(), model.get_weights(), strict=True)
    for again, value in pairs:
        np.testing.assert_array_equal(again, value)


def test_a_model_that_was_not_compiled_is_not_after_a_load(tmp_path):
    model = rows.build("synced")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert not loaded.compiled
    loaded.compile(run_eagerly=True)
    train(loaded, "synced")


def test_weights_alone(tmp_path):
    one, other = rows.build("seq2seq"), rows.build("seq2seq")
    x = rows.feed("seq2seq")[0]
    one.save_weights(tmp_path / "model.weights.h5")
    assert np.abs(one(x) - other(x)).max() > 0.01
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(x), one(x))


VOCABULARY = CharacterVocabulary.from_texts(["añb", "ca"])
WITH_VOCABULARY = [
    ("seq2seq", ("source_vocabulary", "target_vocabulary")),
    ("one_to_many", ("vocabulary",)),
    ("many_to_one", ("vocabulary",)),
    ("synced", ("vocabulary",)),
]


@pytest.mark.parametrize(("architecture", "names"), WITH_VOCABULARY)
def test_vocabularies_come_with_the_file(architecture, names, tmp_path):
    model = rows.build(architecture, **dict.fromkeys(names, VOCABULARY))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for name in names:
        found = getattr(loaded, name)
        assert isinstance(found, CharacterVocabulary)
        assert found.get_config() == VOCABULARY.get_config()


@pytest.mark.parametrize(("architecture", "names"), WITH_VOCABULARY)
def test_a_number_of_ids_is_no_vocabulary(architecture, names, tmp_path):
    model = rows.build(architecture)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert [getattr(loaded, name) for name in names] == [None] * len(names)


# === Types ===


@pytest.mark.parametrize(
    ("cell", "architecture"), rows.cells_with(ARCHITECTURES, fully=None)
)
def test_mixed_precision(architecture, cell, tmp_path):
    if cell in rows.FOREIGN:
        keras.config.set_dtype_policy("mixed_bfloat16")
        model = rows.build(architecture, cell)
        keras.config.set_dtype_policy("float32")
    else:
        model = rows.build(architecture, cell, dtype="mixed_bfloat16")
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    x = rows.feed(architecture)[0]
    outputs = model(x)
    assert outputs.dtype == "float32"
    # Not what float32 gives, so computed in another type, but near to it.
    exact = rows.build(architecture, cell)
    exact.set_weights(model.get_weights())
    difference = np.abs(outputs - exact(x)).max()
    assert 1e-5 < difference < 0.15
    model.compile(run_eagerly=True)
    before = rows.weights(model)
    loss = train(model, architecture).history["loss"][0]
    assert np.isfinite(loss)
    moved = [np.any(v != before[p]) for p, v in rows.weights(model).items()]
    assert np.mean(moved) > 0.6
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))
