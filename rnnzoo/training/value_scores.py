"""Scores a model of real values on examples it has never seen."""

import numpy as np

from rnnzoo.training import class_scores, report


def score_values(outputs, targets, run):
    """Compares values, and shows: overall, and step by step ahead.

    Prints the results, and logs test/mse and test/mae, the means of the
    squared and the absolute differences over all values, in the units of what
    is handed over: standardised values give what papers report. Writes
    scores.txt; with an axis of steps, the errors by how far ahead they are.

    Args:
        outputs: `(examples, ...)`; of three axes, the second one are steps
            ahead, as of a forecast.
        targets: the same.
        run: a `tracking.Run` that has been entered.

    Returns:
        dict: "mse" and "mae".

    Raises:
        ValueError: other shapes than each other's; no examples; NaN among the
            outputs.
    """
    outputs = np.asarray(outputs, "float64")
    targets = np.asarray(targets, "float64")
    report.check_pairs(outputs, targets, "predictions")
    if outputs.shape != targets.shape:
        raise ValueError(
            f"Got outputs of the shape {outputs.shape}, and targets of the "
            f"shape {targets.shape}, which must be equal: NumPy would spread "
            "the smaller one."
        )
    class_scores.check_finite(outputs)
    errors = outputs - targets
    found = {
        "mse": float((errors**2).mean()),
        "mae": float(np.abs(errors).mean()),
    }
    run.log_metrics({f"test/{name}": found[name] for name in found})
    words = f"MSE {found['mse']:.4g}, MAE {found['mae']:.4g}"
    rows = [["all", f"{found['mse']:.4g}", f"{found['mae']:.4g}"]]
    if errors.ndim == 3 and errors.shape[1] > 1:
        for first, last in _ranges(errors.shape[1]):
            part = errors[:, first - 1 : last]
            steps = f"{first}" if first == last else f"{first} to {last}"
            squared, absolute = (part**2).mean(), np.abs(part).mean()
            rows.append([steps, f"{squared:.4g}", f"{absolute:.4g}"])
    table = report.table(["steps ahead", "MSE", "MAE"], rows)
    run.log_text(table + "\n", "scores.txt")
    print(f"\nTest: {len(targets):,} examples, {words}\n")
    if len(rows) > 1:
        print(table + "\n")
    return found


def _ranges(steps, most=8):
    """Up to `most` ranges of steps, from 1, that are as long as each other."""
    edges = np.unique(np.linspace(0, steps, min(steps, most) + 1).astype(int))
    return [
        (int(first) + 1, int(last))
        for first, last in zip(edges, edges[1:], strict=False)
    ]
