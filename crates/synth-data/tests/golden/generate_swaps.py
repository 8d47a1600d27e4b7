"""Writes `swaps.json` and `soft.png` from the pictures that `generate.py` made:
`python generate_swaps.py`.

Needs numpy, scikit-image and opencv-python.

swaps.json   windows of the greatest summed DSSIM of target.png and source.png, by trying all;
             OpenCV's resize, filter2D and HSV on small pictures
soft.png     the blurred mask of self-blended images from mask.png, by OpenCV's GaussianBlur
"""

import json
from pathlib import Path

import cv2
import numpy as np
from skimage.metrics import structural_similarity

HERE = Path(__file__).parent


def read(name):
    return cv2.imread(str(HERE / name))[..., ::-1]


target, source = read("target.png"), read("source.png")
_, ssim = structural_similarity(
    target,
    source,
    gaussian_weights=True,
    sigma=1.5,
    use_sample_covariance=False,
    data_range=255,
    channel_axis=2,
    full=True,
)
dssim = (1 - ssim.mean(axis=2)) / 2
height, width = dssim.shape
windows = []
for w, h, step_x, step_y in [(20, 10, 1, 1), (9, 33, 1, 1), (40, 40, 3, 7), (72, 5, 1, 1), (1, 1, 1, 1)]:
    sums = {
        (x, y): dssim[y : y + h, x : x + w].sum()
        for y in range(0, height - h + 1, step_y)
        for x in range(0, width - w + 1, step_x)
    }
    (x, y), best = max(sums.items(), key=lambda item: item[1])
    rest = sorted(sums.values())[-2]
    # The best must be the best in single precision, too.
    assert best - rest > 1e-5 * best, (w, h, best, rest)
    windows.append({"window": [w, h], "step": [step_x, step_y], "found": [x, y], "sum": best})

small = np.ascontiguousarray(source[10:30, 8:32])
strength, lightness = 0.35, 0.7
kernel = np.full((3, 3), -strength)
kernel[1, 1] = 1 - strength + strength * (8 + lightness)
sharpened = cv2.filter2D(small.astype(np.float64), -1, kernel, borderType=cv2.BORDER_REPLICATE)

hsv = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
hue, saturation, value = 25.0, 40.0, -12.0
hsv[..., 0] = (hsv[..., 0] + 2 * hue) % 360
hsv[..., 1] = np.clip(hsv[..., 1] + saturation / 255, 0, 1)
hsv[..., 2] = np.clip(hsv[..., 2] + value / 255, 0, 1)
shifted = 255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)

sizes = [(37, 13), (11, 29)]
resized = [
    cv2.resize(small.astype(np.float64), size, interpolation=cv2.INTER_LINEAR) for size in sizes
]


def values(array):
    return np.clip(array, 0, 255).round(3).ravel().tolist()


numbers = {
    "windows": windows,
    "small": {"x": 8, "y": 10, "width": 24, "height": 20},
    "sharpen": {"strength": strength, "lightness": lightness, "values": values(sharpened)},
    "hsv": {"shift": [hue, saturation, value], "values": values(shifted)},
    "resize": [
        {"width": size[0], "height": size[1], "values": values(array)}
        for size, array in zip(sizes, resized)
    ],
    "soft": {"radii": [4, 5], "sigma": 11.0},
}
(HERE / "swaps.json").write_text(json.dumps(numbers, separators=(",", ":")) + "\n")

mask = cv2.imread(str(HERE / "mask.png"), cv2.IMREAD_GRAYSCALE) / 255.0
blurred = cv2.GaussianBlur(mask, (9, 9), 0)
core = (blurred / blurred.max() > 1 - 1e-9).astype(np.float64)
assert 0 < core.sum() < mask.sum()
soft = cv2.GaussianBlur(core, (11, 11), 11.0)
cv2.imwrite(str(HERE / "soft.png"), np.rint(255 * soft / soft.max()).astype(np.uint8))
