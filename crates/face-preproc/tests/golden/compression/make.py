"""Makes numbers.json: python3 make.py, in this folder.

Needs numpy and Pillow. The measure of Wang, Sheikh and Bovik (ICIP 2002) of a scene at several
qualities of JPEG, written from the paper's equations with whole arrays. The pictures that it is
measured on are stored as PNG, so that no JPEG decoder takes part in the test.
"""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent


def features(x):
    """B, A and Z along rows: equations 1 to 5."""
    d = x[:, 1:] - x[:, :-1]
    edges = d[:, 7 : 8 * (x.shape[1] // 8 - 1) : 8]
    blocking = np.abs(edges).mean()
    activity = (8 * np.abs(d).mean() - blocking) / 7
    crossings = (np.sign(d[:, :-1]) * np.sign(d[:, 1:]) < 0).mean()
    return np.array([blocking, activity, crossings])


def quality(rgb):
    r, g, b = np.moveaxis(rgb.astype(np.int64), 2, 0)
    x = (299 * r + 587 * g + 114 * b + 500) // 1000
    blocking, activity, crossings = (features(x) + features(x.T)) / 2
    return -245.9 + 261.9 * blocking**-0.0240 * activity**0.0160 * crossings**0.0064


def main():
    real = Image.open(HERE / "../ssim/real.png").convert("RGB")
    # Sides that no block divides.
    real = real.crop((0, 0, min(real.width, 125), min(real.height, 101)))
    numbers = {}
    for level in (90, 20, 5):
        coded = io.BytesIO()
        real.save(coded, "jpeg", quality=level)
        decoded = Image.open(coded).convert("RGB")
        decoded.save(HERE / f"{level}.png")
        numbers[level] = quality(np.asarray(decoded))
    (HERE / "numbers.json").write_text(json.dumps(numbers, indent=1) + "\n")


if __name__ == "__main__":
    main()
