import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from rnnzoo.training import class_weights


def test_balanced_weights_are_those_of_scikit_learn():
    labels = np.random.RandomState(1).choice(4, 200, p=[0.6, 0.2, 0.15, 0.05])
    expected = compute_class_weight("balanced", classes=np.arange(4), y=labels)
    found = class_weights.balanced(labels, 4)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    # All classes weigh the same together, and an example 1 on average.
    weights = class_weights.of_examples(found, labels)
    sums = np.bincount(labels, weights)
    np.testing.assert_allclose(sums, [50.0] * 4, rtol=1e-6)


def test_steps_that_are_padding_weigh_nothing():
    tags = np.array([[0, 0, 1, -1], [0, -1, -1, -1]])
    weights = class_weights.balanced(tags, 2)
    np.testing.assert_allclose(weights, [4 / 6, 4 / 2], rtol=1e-6)
    found = class_weights.of_examples(weights, tags)
    np.testing.assert_allclose(
        found, [[2 / 3, 2 / 3, 2, 0], [2 / 3, 0, 0, 0]], rtol=1e-6
    )


def test_examples_of_rare_labels_weigh_more():
    # Of 4 pairs, 3 are of label 0 and 1 of label 1; one example has neither.
    found = class_weights.of_label_sets([[1, 0], [1, 1], [1, 0], [0, 0]])
    # 5 in all with "none": 5 / 9, 5 / 3 and 5 / 3 of a label.
    expected = np.array([5 / 9, (5 / 9 + 5 / 3) / 2, 5 / 9, 5 / 3])
    np.testing.assert_allclose(found, expected / expected.mean(), rtol=1e-6)
    assert found.dtype == "float32"


@pytest.mark.parametrize(
    ("labels", "names", "words"),
    [
        ([1, 1, 1], None, "The 3 training labels are of 1 class; at least 2"),
        ([], None, "The 0 training labels are of 0 classes"),
        ([0, 1], "abcdefgh", r"6 of 8 classes .*\(c, d, e, f, g, \.\.\.\)"),
        ([0, 1], None, r"1 of 3 classes never occur .*\(2\), so that"),
        ([0, 1, 3], None, "the class id 3, and num_classes=3; ids are 0 to 2"),
        ([0.0, 1.0], None, "labels of type float64; class ids are integers"),
    ],
)
def test_labels_that_cannot_be_weighed(labels, names, words):
    labels = np.array(labels, "int32" if not labels else None)
    count = 3 if names is None else len(names)
    with pytest.raises(ValueError, match=words):
        class_weights.balanced(labels, count, names)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([[1, 0], [1, 0]], r"1 of 2 labels never occur .*\(1\)"),
        ([1, 0], r"the shape \(2,\); give 0 or 1"),
        ([[2, 0]], r"the shape \(1, 2\); give 0 or 1"),
    ],
)
def test_label_sets_that_cannot_be_weighed(labels, words):
    with pytest.raises(ValueError, match=words):
        class_weights.of_label_sets(labels)
