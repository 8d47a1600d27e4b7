"""Writes `pcl.json` beside it with NumPy alone: `python generate.py`.

The volume, the targets and the losses are written out pair by pair from the paper's section 3.1,
in double precision, with no tensor library and none of the Rust code's reshapes.
"""

import json
import math
import pathlib

import numpy as np

BATCH, CHANNELS, EMBEDDING = 2, 6, 5
GRID = (3, 4)  # H' and W' differ, so that a swapped axis shows
MASK = (12, 16)
LAMBDA = 10.0

rng = np.random.default_rng(20211013)


def f32(array):
    """Values that single precision holds exactly, so that both sides start from the same ones."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def bilinear(mask, grid):
    """Half-pixel centres, edge clamped, no antialiasing."""
    out = np.zeros(grid)
    for h in range(grid[0]):
        for w in range(grid[1]):
            y = max((h + 0.5) * mask.shape[0] / grid[0] - 0.5, 0)
            x = max((w + 0.5) * mask.shape[1] / grid[1] - 0.5, 0)
            y0, x0 = int(y), int(x)
            y1, x1 = min(y0 + 1, mask.shape[0] - 1), min(x0 + 1, mask.shape[1] - 1)
            v, u = y - y0, x - x0
            out[h, w] = (1 - v) * ((1 - u) * mask[y0, x0] + u * mask[y0, x1]) + v * (
                (1 - u) * mask[y1, x0] + u * mask[y1, x1]
            )
    return out


features = f32(rng.normal(size=(BATCH, CHANNELS, *GRID)))
theta_w = f32(rng.normal(size=(EMBEDDING, CHANNELS)))
theta_b = f32(rng.normal(size=EMBEDDING))
phi_w = f32(rng.normal(size=(EMBEDDING, CHANNELS)))
phi_b = f32(rng.normal(size=EMBEDDING))
masks = f32(rng.uniform(size=(BATCH, *MASK)))
masks[1] = 0  # a real image
labels = [1, 0]
class_logits = f32(rng.normal(size=(BATCH, 2)))

volume = np.zeros((BATCH, *GRID, *GRID))
targets = np.zeros_like(volume)
coarse = np.zeros((BATCH, *GRID))
entropy = 0.0
for b in range(BATCH):
    coarse[b] = bilinear(masks[b], GRID)
    for h, w in np.ndindex(*GRID):
        for k, l in np.ndindex(*GRID):
            theta = theta_w @ features[b, :, h, w] + theta_b
            phi = phi_w @ features[b, :, k, l] + phi_b
            s = 1 / (1 + math.exp(-(theta @ phi) / math.sqrt(EMBEDDING)))
            v = 1 - abs(coarse[b, h, w] - coarse[b, k, l])
            volume[b, h, w, k, l] = s
            targets[b, h, w, k, l] = v
            entropy -= v * math.log(s) + (1 - v) * math.log(1 - s)
pcl = entropy / volume.size
cls = np.mean(
    [math.log(np.exp(class_logits[b]).sum()) - class_logits[b, labels[b]] for b in range(BATCH)]
)

golden = {
    "grid": GRID,
    "mask_size": MASK,
    "embedding": EMBEDDING,
    "features": features.ravel().tolist(),
    "theta_weight": theta_w.ravel().tolist(),
    "theta_bias": theta_b.tolist(),
    "phi_weight": phi_w.ravel().tolist(),
    "phi_bias": phi_b.tolist(),
    "masks": masks.ravel().tolist(),
    "labels": labels,
    "class_logits": class_logits.ravel().tolist(),
    "volume": volume.ravel().tolist(),
    "coarse": coarse.ravel().tolist(),
    "targets": targets.ravel().tolist(),
    "pcl": pcl,
    "cls": float(cls),
    "lambda": LAMBDA,
    "total": LAMBDA * pcl + float(cls),
}
path = pathlib.Path(__file__).parent / "pcl.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
