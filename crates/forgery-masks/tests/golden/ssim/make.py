"""Makes the golden files of SSIM and the masks: python3 make.py, in this folder.

Needs numpy, scipy, Pillow and scikit-image. Made with numpy 2.4, scipy 1.17, Pillow 13.0,
scikit-image 0.26.

real.png, forged.png  a picture of noise of several grain sizes, and the same with an ellipse changed
numbers.json          its SSIM: the mean, the least, and the map at every seventh pixel
dssim.png, diff.png   the masks that a user of those libraries would make, 0 or 255
"""

import json

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom
from skimage.metrics import structural_similarity

HEIGHT, WIDTH = 61, 83


def grain(rng, size):
    coarse = rng.uniform(-1, 1, (HEIGHT // size + 3, WIDTH // size + 3, 3))
    return zoom(coarse, (size, size, 1), order=1)[:HEIGHT, :WIDTH]


def main():
    rng = np.random.default_rng(5)
    picture = sum(size**0.7 * grain(rng, size) for size in (1, 2, 4, 8, 16))
    picture = (picture - picture.min()) / (picture.max() - picture.min()) * 255
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    inside = np.clip(2 - 2 * np.hypot((x - 55) / 20, (y - 24) / 16), 0, 1)[..., None]
    other = 128 + 0.5 * (gaussian_filter(picture, (2, 2, 0)) - 128) + [20, -10, 30]
    real = np.round(picture).astype(np.uint8)
    forged = np.round(picture + inside * (other - picture)).clip(0, 255).astype(np.uint8)
    Image.fromarray(real).save("real.png", optimize=True)
    Image.fromarray(forged).save("forged.png", optimize=True)

    mean, full = structural_similarity(
        real,
        forged,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
        channel_axis=2,
        full=True,
    )
    ssim = full.mean(axis=2)
    numbers = {
        "mean": mean,
        "least": ssim.min(),
        "step": 7,
        "map": ssim[::7, ::7].round(6).tolist(),
    }
    with open("numbers.json", "w") as file:
        json.dump(numbers, file)

    dssim = gaussian_filter((1 - ssim) / 2, 2.75, truncate=4.0, mode="reflect")
    gap = np.abs(real.astype(int) - forged) @ [0.299, 0.587, 0.114] / 255
    for name, mask in [("ssim", 1 - ssim > 20 / 255), ("dssim", dssim > 10 / 255), ("diff", gap > 0.1)]:
        Image.fromarray((mask * 255).astype(np.uint8)).save(f"{name}.png", optimize=True)


main()
