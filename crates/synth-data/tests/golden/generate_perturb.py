"""Perturbed pictures by OpenCV and NumPy, for src/perturb/golden.rs.

Python 3, numpy, opencv-python. Run in this folder. The five levels stand beside each other.
"""

import cv2
import numpy as np

SIZE = (43, 37)  # width, height: divisible by none of the levels


def source():
    w, h = SIZE
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    waves = [
        128 + 90 * np.sin(0.21 * x + 0.05 * y) + 30 * np.cos(0.6 * y),
        128 + 80 * np.cos(0.13 * x) * np.sin(0.17 * y) + 20 * np.sin(1.3 * x),
        110 + 100 * np.sin(0.09 * (x + y)),
    ]
    bgr = np.stack(waves, axis=2) + np.random.default_rng(1).normal(0, 12, (h, w, 3))
    bgr[5:9, 10:20] = (255, 0, 0)
    bgr[5:9, 25:35] = (0, 0, 255)
    return np.clip(np.rint(bgr), 0, 255).astype(np.uint8)


def to_ycbcr(bgr):
    """OpenCV's YCrCb of floats, compressed to 219 and 224 levels of 255 over 16."""
    y, cr, cb = cv2.split(cv2.cvtColor(bgr.astype(np.float32), cv2.COLOR_BGR2YCrCb))
    return np.stack([(y * 219 + 16) / 255, (cb * 224 + 16) / 255, (cr * 224 + 16) / 255], axis=2)


def to_bgr(ycbcr):
    y, cb, cr = np.moveaxis(ycbcr * 255 - 16, 2, 0)
    stretched = np.stack([y / 219, cr / 224, cb / 224], axis=2).astype(np.float32)
    return cv2.cvtColor(stretched, cv2.COLOR_YCrCb2BGR)


def as_bytes(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def saturation(bgr, p):
    ycbcr = to_ycbcr(bgr)
    ycbcr[..., 1:] = 0.5 + (ycbcr[..., 1:] - 0.5) * p
    return as_bytes(to_bgr(ycbcr))


def contrast(bgr, p):
    return as_bytes(bgr * np.float32(p))


def block(bgr, p):
    out = bgr.copy()
    for i in range(p):
        out[11 * i : 11 * i + 8, 7 * i : 7 * i + 8] = 128
    return out


def noise(bgr, p):
    ycbcr = to_ycbcr(bgr) / 255
    field = 1.5 * np.sin(12.9898 * np.arange(1, ycbcr.size + 1)).reshape(ycbcr.shape)
    return as_bytes(to_bgr((ycbcr + np.sqrt(p) * field) * 255))


def blur(bgr, p):
    return cv2.GaussianBlur(bgr, (p, p), p / 6)


def pixelation(bgr, p):
    h, w = bgr.shape[:2]
    return cv2.resize(cv2.resize(bgr, (w // p, h // p)), (w, h))


LEVELS = {
    saturation: [0.4, 0.3, 0.2, 0.1, 0.0],
    contrast: [0.85, 0.725, 0.6, 0.475, 0.35],
    block: [1, 2, 3, 4, 5],
    noise: [0.001, 0.002, 0.005, 0.01, 0.05],
    blur: [7, 9, 13, 17, 21],
    pixelation: [2, 3, 4, 5, 6],
}

bgr = source()
cv2.imwrite("perturb.png", bgr)
for rule, levels in LEVELS.items():
    beside = np.concatenate([rule(bgr, p) for p in levels], axis=1)
    cv2.imwrite(f"perturb_{rule.__name__}.png", beside)
