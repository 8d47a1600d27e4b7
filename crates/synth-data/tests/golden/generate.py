"""Writes the golden files of this folder: `python generate.py`.

Needs numpy, scikit-image and opencv-python 4 (made with 4.10.0): MIXED_CLONE of OpenCV 5.0.0 takes
the source's gradients outside the mask instead of inside.

numbers.json   a mask and OpenCV's Gaussian blur of it; colours and scikit-image's CIE L*a*b*
target.png     seeded textures with smooth shading, the pictures that go in
source.png
warp.png       OpenCV's warpAffine of source.png, bilinear, border replicated
mask.png       an ellipse, 0 or 255
normal.png     OpenCV's seamlessClone of source.png into target.png, NORMAL_CLONE
mixed.png      the same, MIXED_CLONE
ring_*.png     mask, normal and mixed for a square with a hole, turned
parts_*.png    the same for two parts apart, of odd sizes
frame_*.png    the same for a mask that reaches the picture's frame on two sides
"""

import json
from pathlib import Path

import cv2
import numpy as np
from skimage.color import rgb2lab

HERE = Path(__file__).parent
WIDTH, HEIGHT = 72, 64
rng = np.random.default_rng(7)


def texture(color, slope, sigma):
    """Shading, an oriented wave and grain, (HEIGHT, WIDTH, 3) uint8 in RGB order."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    grain = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH, 3)), (0, 0), sigma)
    grain *= 12 / grain.std()
    wave = 15 * np.sin(x * slope[0] * 8 + y * slope[1] * 8)
    shade = slope[0] * 60 * (x - WIDTH / 2) / WIDTH + slope[1] * 60 * (y - HEIGHT / 2) / HEIGHT
    image = np.array(color) + (shade + wave)[..., None] + grain
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def save(name, rgb):
    cv2.imwrite(str(HERE / name), rgb[..., ::-1] if rgb.ndim == 3 else rgb)


target = texture((150, 120, 100), (0.6, -0.3), 1.2)
source = texture((120, 135, 125), (-0.2, 0.5), 0.9)
save("target.png", target)
save("source.png", source)

# A turn of 7 degrees, 1.08 times as large, moved: x' = a x - b y + tx, y' = b x + a y + ty.
a, b, tx, ty = 1.08 * np.cos(np.radians(7)), 1.08 * np.sin(np.radians(7)), 2.3, -6.1
matrix = np.array([[a, -b, tx], [b, a, ty]])
warped = cv2.warpAffine(
    source, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
)
save("warp.png", warped)


def clone(prefix, mask):
    """The mask, and both clones through it."""
    save(prefix + "mask.png", mask)
    # OpenCV puts the bounding box of the mask without the picture's frame around the point it is
    # given; this one keeps it in place.
    x, y, w, h = cv2.boundingRect(np.pad(mask[1:-1, 1:-1], 1))
    center = (x + w // 2, y + h // 2)
    for name, mode in [("normal", cv2.NORMAL_CLONE), ("mixed", cv2.MIXED_CLONE)]:
        save(f"{prefix}{name}.png", cv2.seamlessClone(source, target, mask, center, mode))


def drawn(*polygons):
    """Alternately filled and cleared."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for i, polygon in enumerate(polygons):
        cv2.fillPoly(mask, [np.array(polygon, np.int32)], 255 if i % 2 == 0 else 0)
    return mask


mask = np.zeros((HEIGHT, WIDTH), np.uint8)
cv2.ellipse(mask, (37, 31), (22, 24), 15, 0, 360, 255, -1)
clone("", mask)
clone(
    "ring_",
    drawn([(10, 30), (34, 6), (60, 29), (35, 56)], [(27, 30), (34, 22), (43, 30), (35, 38)]),
)
parts = drawn([(5, 8), (31, 5), (28, 37), (9, 33)])
parts |= drawn([(40, 30), (66, 26), (61, 58), (45, 55)])
clone("parts_", parts)
clone("frame_", drawn([(0, 0), (50, 0), (41, 44), (0, 52)]))

soft = cv2.GaussianBlur(rng.random((24, 28)).astype(np.float32), (0, 0), 1.0)
soft = np.clip((soft - 0.4) * 5, 0, 1).round(5).astype(np.float32)
blurred = cv2.GaussianBlur(soft, (17, 17), 2.75, borderType=cv2.BORDER_REPLICATE)

corners = [[r, g, b] for r in (0, 128, 255) for g in (0, 128, 255) for b in (0, 128, 255)]
colors = np.array(corners + rng.integers(0, 256, (37, 3)).tolist() + [[i, i, i] for i in range(1, 12)])
lab = rgb2lab(colors[None].astype(np.uint8))[0]

numbers = {
    "blur": {
        "width": soft.shape[1],
        "height": soft.shape[0],
        "mask": soft.ravel().round(5).tolist(),
        "blurred": blurred.astype(float).ravel().round(6).tolist(),
    },
    "lab": {"rgb": colors.tolist(), "lab": lab.round(4).tolist()},
    "warp": {"a": float(a), "b": float(b), "tx": tx, "ty": ty},
}
(HERE / "numbers.json").write_text(json.dumps(numbers, separators=(",", ":")) + "\n")
