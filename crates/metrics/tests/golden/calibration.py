"""Writes calibration.json beside itself: NumPy's reliability diagrams, SciPy's and scikit-learn's
calibrations, for seeded sets of scores.

Needs numpy, scipy and scikit-learn (2.4, 1.17 and 1.9 wrote the file). Run it from anywhere, without
arguments.
"""

import json
from pathlib import Path

import numpy as np
from scipy import optimize, special
from sklearn import metrics
from sklearn.calibration import _sigmoid_calibration

rng = np.random.default_rng(7)
MARGIN = 2.0**-24


def overconfident(n, share, separation, factor, shift):
    labels = rng.random(n) < share
    logits = rng.normal(size=n) + separation * (labels - 0.5)
    return special.expit(factor * logits + shift), labels


def cases():
    yield "overconfident", *overconfident(300, 0.5, 1.0, 4.0, 0.0)
    yield "shifted", *overconfident(300, 0.5, 2.0, 1.0, 2.0)
    yield "mostly forged", *overconfident(300, 0.9, 2.0, 1.0, -1.0)
    scores, labels = overconfident(200, 0.3, 1.5, 2.0, 0.0)
    yield "on the borders of bins", np.round(scores, 1), labels
    yield "separable", np.linspace(0.05, 0.95, 20), np.arange(20) >= 12
    yield "exact", np.array([0, 0, 1, 1, 1, 0.5, 0.25]), np.array([0, 0, 1, 1, 0, 1, 0], dtype=bool)
    yield "tiny", np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], dtype=bool)


def weights(labels, even):
    if not even:
        return np.ones(len(labels))
    return np.where(labels, len(labels) / (2 * labels.sum()), len(labels) / (2 * (~labels).sum()))


def diagram(scores, labels, bins, even):
    weight = weights(labels, even)
    place = np.digitize(scores, np.arange(1, bins) / bins, right=True)
    rows = np.bincount(place, minlength=bins)
    total = np.bincount(place, weight, bins)
    filled = rows > 0
    mean = np.bincount(place, weight * scores, bins)[filled] / total[filled]
    forged = np.bincount(place, weight * labels, bins)[filled] / total[filled]
    share = total[filled] / weight.sum()
    return {
        "bins": bins,
        "even": even,
        "rows": rows[filled].tolist(),
        "weight": share.tolist(),
        "mean_score": mean.tolist(),
        "forged_share": forged.tolist(),
        "error": float(np.sum(share * np.abs(mean - forged))),
    }


def fit(scores, labels, even, platt):
    """Log-loss towards Platt's targets, its minimum found by other methods than ours."""
    forged, real = labels.sum(), (~labels).sum()
    target = np.where(labels, (forged + 1) / (forged + 2), 1 / (real + 2))
    weight = weights(labels, even) / len(labels)
    logits = special.logit(np.clip(scores, MARGIN, 1 - MARGIN))

    def loss(x):
        u = x[0] * logits + (x[1] if platt else 0)
        gradient = weight * (special.expit(u) - target)
        value = np.sum(weight * (np.logaddexp(0, u) - target * u))
        both = np.array([np.sum(gradient * logits), np.sum(gradient)])
        return value, both[: len(x)]

    start = [1.0, 0.0] if platt else [1.0]
    near = optimize.minimize(loss, start, jac=True, method="BFGS").x
    # A loss is flat to rounding around its minimum; where its gradient is zero is sharp.
    found = optimize.root(lambda x: loss(x)[1], near, tol=1e-13).x
    slope, offset = found if platt else (found[0], 0.0)
    assert np.abs(loss(found)[1]).max() < 1e-13, found
    assert 0.01 < slope < 100
    return {"even": even, "platt": platt, "slope": float(slope), "offset": float(offset)}


def scikit_learn_platt(scores, labels):
    logits = special.logit(np.clip(scores, MARGIN, 1 - MARGIN))
    a, b = _sigmoid_calibration(logits, labels)
    return [-float(a), -float(b)]


def answers(name, scores, labels):
    fpr, tpr, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    rates = [0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 1.0]
    return {
        "name": name,
        "scores": scores.tolist(),
        "labels": labels.tolist(),
        "true_positive_rates": [[r, float(tpr[fpr <= r].max())] for r in rates],
        "diagrams": [diagram(scores, labels, b, e) for b in (1, 10, 15) for e in (False, True)],
        "fits": [fit(scores, labels, e, p) for e in (False, True) for p in (False, True)],
        "scikit_learn_platt": scikit_learn_platt(scores, labels),
    }


path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps([answers(*case) for case in cases()], indent=None) + "\n")
