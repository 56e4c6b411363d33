import keras
import numpy as np
import pytest
import tensorflow as tf

import rnnzoo
from rnnzoo.training import prediction


def batches(*parts):
    """Batches of other lengths, as a data set."""
    specs = [
        tf.TensorSpec([None] * np.ndim(array), np.asarray(array).dtype)
        for array in parts[0]
    ]
    return tf.data.Dataset.from_generator(
        lambda: iter(parts), output_signature=tuple(specs)
    )


def test_one_output_for_each_row_in_order():
    keras.utils.set_random_seed(1)
    model = rnnzoo.build("many_to_one", vocabulary=9, num_outputs=3, units=4)
    long, short = np.array([[4, 5, 6], [7, 0, 0]]), np.array([[8, 4]])
    weights = np.ones(2, "float32")
    data = batches((long, [2, 1], weights), (short, [0], weights[:1]))
    outputs, targets = prediction.outputs_and_targets(model, data)
    assert targets.tolist() == [2, 1, 0]
    expected = np.concatenate(
        [model.predict(x, verbose=0) for x in (long, short)]
    )
    np.testing.assert_allclose(outputs, expected, atol=1e-6)


def synced(head, **options):
    keras.utils.set_random_seed(2)
    return rnnzoo.build("synced", num_outputs=3, units=4, head=head, **options)


def test_the_valid_steps_of_each_row():
    model = synced("softmax", vocabulary=9)
    x, y = np.array([[4, 5, 6], [7, 0, 0]]), np.array([[1, 2, 0], [2, 0, 0]])
    data = batches((x, y), (x[:1, :2], y[:1, :2]))
    outputs, targets = prediction.outputs_and_targets(model, data)
    assert [row.tolist() for row in targets] == [[1, 2, 0], [2], [1, 2]]
    expected = np.array(model(x))
    assert [row.shape for row in outputs] == [(3, 3), (1, 3), (2, 3)]
    np.testing.assert_allclose(outputs[1], expected[1, :1], atol=1e-6)
    np.testing.assert_allclose(outputs[2], expected[0, :2], atol=1e-6)
    labels, again = prediction.labels_and_targets(model, data)
    assert [len(row) for row in labels] == [3, 1, 2]
    assert labels[0].tolist() == expected[0].argmax(-1).tolist()
    assert [row.tolist() for row in again] == [[1, 2, 0], [2], [1, 2]]


@pytest.mark.slow
def test_frames_with_a_mask_and_labels_of_a_whole_sequence():
    model = synced("ctc", input_dim=2)
    values = np.random.RandomState(0).normal(size=(2, 5, 2)).astype("float32")
    x = {"inputs": values, "mask": np.arange(5) < [[5], [3]]}
    y = np.array([[1, 2], [2, 0]])
    data = tf.data.Dataset.from_tensors((x, y))
    labels, targets = prediction.labels_and_targets(model, data)
    assert [row.tolist() for row in targets] == [[1, 2], [2]]
    expected = model.labels(x)
    for row, whole in zip(labels, expected, strict=True):
        assert row.tolist() == [n for n in whole if n]
    outputs, _ = prediction.outputs_and_targets(model, data)
    assert [row.shape for row in outputs] == [(5, 3), (3, 3)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (batches((np.ones((2, 2), int), [0, 1])).take(0), "is the split empty"),
        (
            tf.data.Dataset.from_tensors(np.ones((2, 2))),
            "is \\(x, y\\) or \\(x, y, weights\\)",
        ),
    ],
)
def test_what_has_nothing_to_compare_is_refused(data, words):
    with pytest.raises(ValueError, match=words):
        prediction.outputs_and_targets(None, data)
