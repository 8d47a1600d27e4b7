"""Writes scikit_learn.json beside itself: scikit-learn's answers for seeded sets of scores.

Needs numpy and scikit-learn (1.9 wrote the file). Run it from anywhere, without arguments.
"""

import json
from pathlib import Path

import numpy as np
from sklearn import metrics

rng = np.random.default_rng(20)


def noisy(n, share, separation):
    labels = rng.random(n) < share
    logits = rng.normal(size=n) + separation * labels
    return 1 / (1 + np.exp(-logits)), labels


def cases():
    yield "random", *noisy(400, 0.5, 1.0)
    yield "mostly real", *noisy(300, 0.05, 2.0)
    scores, labels = noisy(300, 0.5, 1.0)
    yield "tied", np.round(scores, 1), labels
    yield "two scores", np.round(scores), labels
    yield "all tied", np.full(7, 0.3), np.arange(7) < 3
    yield "tiny", np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], dtype=bool)
    yield "two rows", np.array([0.2, 0.9]), np.array([0, 1], dtype=bool)
    yield "two rows, wrong way round", np.array([0.2, 0.9]), np.array([1, 0], dtype=bool)
    yield "perfect", np.linspace(0, 1, 11), np.arange(11) > 5
    yield "reversed", np.linspace(0, 1, 11), np.arange(11) < 5
    yield "exact probabilities", np.array([0, 1, 0, 1, 0.5]), np.array([0, 1, 1, 0, 1], dtype=bool)
    yield "straight stretches", np.linspace(1, 0, 12), np.array([1, 1, 1, 0, 0, 0] * 2, dtype=bool)


def equal_error_rate(scores, labels):
    fpr, tpr, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    # FPR - FNR grows strictly along the curve, so its zero is a plain interpolation.
    return np.interp(0, fpr + tpr - 1, fpr)


def curve(scores, labels, drop_intermediate):
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=drop_intermediate)
    # JSON has no infinity: the first threshold is left out.
    return {"fpr": list(fpr), "tpr": list(tpr), "finite_thresholds": list(thresholds[1:])}


def answers(name, scores, labels):
    answer = {
        "name": name,
        "scores": list(scores),
        "labels": [bool(label) for label in labels],
        "auc": metrics.roc_auc_score(labels, scores),
        "average_precision": metrics.average_precision_score(labels, scores),
        "equal_error_rate": equal_error_rate(scores, labels),
        "accuracy_at_half": metrics.accuracy_score(labels, scores >= 0.5),
        "jaccard_at_half": metrics.jaccard_score(labels, scores >= 0.5),
        "f1_at_half": metrics.f1_score(labels, scores >= 0.5),
        "log_loss": metrics.log_loss(labels, scores),
        "brier_score": metrics.brier_score_loss(labels, scores),
    }
    if len(scores) <= 300:
        answer["roc"] = curve(scores, labels, False)
        answer["roc_dropped"] = curve(scores, labels, True)
    return answer


path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps([answers(*case) for case in cases()], indent=None) + "\n")
