"""Writes `losses.json` beside it with NumPy alone: `python losses.py`.

Priors, matching, coding, mining and losses are written out one anchor at a time in double precision,
from the paper's sections 4.1 and 4.3 and from what SSD (Liu et al., ECCV 2016) and the published
configuration fix, with none of the Rust code's shortcuts.
"""

import importlib.util
import json
import math
import pathlib

import numpy as np

source = pathlib.Path(__file__).resolve().parents[3] / "backbones/tests/golden/generate.py"
spec = importlib.util.spec_from_file_location("backbones_golden", source)
formula = importlib.util.module_from_spec(spec)
spec.loader.exec_module(formula)

MAPS, STEPS = (7, 5, 3, 1), (32, 45, 75, 224)
SIDES = ((40, 80), (80, 120), (120, 160), (224, 224))
VARIANCES, THRESHOLD, RATIO, ALPHA, BETA = (0.1, 0.2), 0.5, 2, 1.0, 0.1


def f32(array):
    """Values that single precision holds exactly, so that both sides start from the same ones."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def outputs(name, *shape):
    """What a network might say, in -2..2."""
    return f32(4 * formula.uniform(name, int(np.prod(shape))) - 2).reshape(shape)


def layout():
    priors = []
    for cells, step, (short, long) in zip(MAPS, STEPS, SIDES):
        for row in range(cells):
            for column in range(cells):
                x, y = (column + 0.5) * step / 224, (row + 0.5) * step / 224
                priors.append([x, y, short / 224, long / 224])
                priors.append([x, y, long / 224, short / 224])
    return np.clip(np.array(priors), 0, 1)


def overlap(box, prior):
    x, y, w, h = prior
    edges = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    width = min(box[2], edges[2]) - max(box[0], edges[0])
    height = min(box[3], edges[3]) - max(box[1], edges[1])
    common = max(width, 0) * max(height, 0)
    return common / ((box[2] - box[0]) * (box[3] - box[1]) + w * h - common)


def match(boxes, priors):
    owner = [None] * len(priors)
    if len(boxes):
        table = np.array([[overlap(box, prior) for prior in priors] for box in boxes])
        for p in range(len(priors)):
            b = int(np.argmax(table[:, p]))
            if table[b, p] >= THRESHOLD:
                owner[p] = b
        for b in range(len(boxes)):
            owner[int(np.argmax(table[b]))] = b
    return owner


def code(box, prior):
    x, y, w, h = prior
    return [
        ((box[0] + box[2]) / 2 - x) / (VARIANCES[0] * w),
        ((box[1] + box[3]) / 2 - y) / (VARIANCES[0] * h),
        math.log((box[2] - box[0]) / w) / VARIANCES[1],
        math.log((box[3] - box[1]) / h) / VARIANCES[1],
    ]


def smooth_l1(d):
    return 0.5 * d * d if abs(d) < 1 else abs(d) - 0.5


priors = layout()
boxes = [
    [[0, 0, 1, 1]],  # a global swap
    [],  # a real picture
    [[0.21, 0.33, 0.58, 0.52], [0, 0, 1, 1]],  # a partial swap, the official way
    [[0.93, 0.95, 1, 1]],  # so small that no anchor fits
    [[0.42, 0.33, 0.59, 0.66], [0.41, 0.34, 0.58, 0.68], [0.3, 0.4, 0.5, 0.8]],  # two share a best anchor
]
boxes = [[f32(box) for box in one] for one in boxes]
labels = [1, 0, 1, 1, 1]
for one in boxes[4:]:
    shared = [int(np.argmax([overlap(box, prior) for prior in priors])) for box in one]
    assert len(set(shared)) < len(shared), "two boxes must share a best anchor"
class_logits = outputs("class_logits", len(boxes), 2)
confidences = outputs("confidences", len(boxes), len(priors), 2)
offsets = outputs("offsets", len(boxes), len(priors), 4)

targets, conf, conf_all, loc = [], 0.0, 0.0, 0.0
for picture, one in enumerate(boxes):
    owner = match(one, priors)
    easy = []
    for p, prior in enumerate(priors):
        genuine, fake = confidences[picture, p]
        total = math.log(math.exp(genuine) + math.exp(fake))
        if owner[p] is None:
            easy.append(total - genuine)
        else:
            conf += total - fake
            conf_all += total - fake
            g = code(one[owner[p]], prior)
            targets.append({"picture": picture, "anchor": p, "offsets": g})
            loc += sum(smooth_l1(offsets[picture, p, k] - g[k]) for k in range(4))
    conf_all += sum(easy)
    count = sum(o is not None for o in owner)
    conf += sum(sorted(easy, reverse=True)[: min(RATIO * count, len(priors) - 1)])

n = len(targets)
cls = np.mean(
    [
        math.log(np.exp(class_logits[b]).sum()) - class_logits[b, labels[b]]
        for b in range(len(boxes))
    ]
)
golden = {
    "priors": priors.tolist(),
    "boxes": [[box.tolist() for box in one] for one in boxes],
    "labels": labels,
    "positive": targets,
    "conf": conf / n,
    "conf_all": conf_all / n,
    "loc": loc / n,
    "det": (conf + ALPHA * loc) / n,
    "cls": float(cls),
    "total": BETA * (conf + ALPHA * loc) / n + float(cls),
}


def short(value):
    if isinstance(value, list):
        return [short(item) for item in value]
    if isinstance(value, dict):
        return {key: short(item) for key, item in value.items()}
    return float(f"{value:.9g}") if isinstance(value, float) else value


path = pathlib.Path(__file__).parent / "losses.json"
path.write_text(json.dumps(short(golden), separators=(",", ":")) + "\n")
