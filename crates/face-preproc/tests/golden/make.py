"""Makes the golden files of face-preproc: python3 make.py, in this folder.

Needs numpy, Pillow, opencv-python and scikit-image. Made with numpy 2.4, Pillow 13.0, OpenCV 5.0,
scikit-image 0.26.

crops/     a scene, a face's landmarks, and what Pillow, OpenCV and scikit-image make of them
pictures/  one small picture in many formats; NAME.EXT beside NAME.EXT.png, Pillow's reading of it
"""

import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps
from skimage.transform import SimilarityTransform

HERE = Path(__file__).parent
CROPS = HERE / "crops"
PICTURES = HERE / "pictures"


def scene(width, height, seed):
    """A picture with detail at every scale: noise of several grain sizes, summed."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for grain in (1, 2, 4, 8, 16, 32):
        coarse = rng.uniform(-1, 1, (height // grain + 3, width // grain + 3, 3))
        fine = cv2.resize(coarse, None, fx=grain, fy=grain, interpolation=cv2.INTER_CUBIC)
        total += grain**0.6 * fine[:height, :width]
    total = (total - total.min()) / (total.max() - total.min())
    return np.round(total * 255).astype(np.uint8)


def face(rng):
    """68 points that are no more of a face than five-point alignment needs."""
    points = rng.uniform(-1, 1, (68, 2)) * [30, 34]
    for part, center in [(slice(36, 42), (-15, -12)), (slice(42, 48), (15, -12))]:
        points[part] = np.array(center) + rng.normal(0, 2, (6, 2))
    points[30], points[48], points[54] = (1, 3), (-11, 17), (12, 16)
    turn = np.deg2rad(13)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (points @ rotation.T + [47.3, 52.6]).astype(np.float32).round(2)


def five(points):
    return np.stack(
        [points[36:42].mean(0), points[42:48].mean(0), points[30], points[48], points[54]]
    )


def box_window(points, margin):
    """Left, top and side of the square window, in whole pixels."""
    low, high = points.min(0), points.max(0)
    side = round(float((high - low).max() * (1 + margin)))
    left, top = np.floor((low + high) / 2 - (side - 1) / 2 + 0.5).astype(int)
    return int(left), int(top), side


def cut(picture, left, top, side, **pad):
    """The window, padded where it reaches beyond the picture."""
    room = 200
    padded = np.pad(picture, ((room, room), (room, room), (0, 0)), **pad)
    return padded[top + room : top + room + side, left + room : left + room + side]


def crops():
    picture = scene(100, 84, 1)
    points = face(np.random.default_rng(2))
    Image.fromarray(picture).save(CROPS / "scene.png", optimize=True)

    left, top, side = box_window(points, 0.3)
    for name, size, pad in [
        ("box_shrunk", 48, {"mode": "edge"}),
        ("box_enlarged", 128, {"mode": "edge"}),
        ("box_constant", 48, {"mode": "constant"}),
    ]:
        window = Image.fromarray(cut(picture, left, top, side, **pad))
        window.resize((size, size), Image.BICUBIC).save(CROPS / f"{name}.png", optimize=True)

    # The template for the fit is any face: this one upright, with the box's centre in the middle.
    template = face(np.random.default_rng(3))
    fits = {}
    for name, source, target in [("five", five(points), five(template)), ("all", points, template)]:
        fit = SimilarityTransform.from_estimate(source, target)
        fits[name] = [fit.params[0, 0], fit.params[1, 0], fit.params[0, 2], fit.params[1, 2]]

    # A warp that enlarges (no filter but the bilinear one), and its transform.
    turn, scale = np.deg2rad(-13), 1.6
    a, b = scale * np.cos(turn), scale * np.sin(turn)
    cx, cy = points.mean(0)
    matrix = np.array([[a, -b, 63.5 - a * cx + b * cy], [b, a, 63.5 - b * cx - a * cy]])
    warped = cv2.warpAffine(
        picture, matrix, (128, 128), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    Image.fromarray(warped).save(CROPS / "warp.png", optimize=True)

    (CROPS / "numbers.json").write_text(
        json.dumps(
            {
                "landmarks68": points.tolist(),
                "template68": template.tolist(),
                "window": [left, top, side],
                "fit": fits,
                "warp": [a, b, matrix[0, 2], matrix[1, 2]],
            },
            indent=None,
        )
    )


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pictures():
    small = scene(40, 28, 4)
    rgb = Image.fromarray(small)
    grey = rgb.convert("L")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned a quarter clockwise

    rgb.save(PICTURES / "rgb.png")
    rgb.save(PICTURES / "rgb.bmp")
    rgb.save(PICTURES / "rgb.tiff", compression="tiff_lzw")
    rgb.save(PICTURES / "rgb.ppm")
    rgb.save(PICTURES / "rgb.webp", lossless=True)
    rgb.save(PICTURES / "turned.png", exif=exif)
    rgb.quantize(32).save(PICTURES / "palette.gif")
    rgb.quantize(32).save(PICTURES / "palette.png")
    grey.save(PICTURES / "grey.png")
    rgba = rgb.copy()
    rgba.putalpha(grey)
    rgba.save(PICTURES / "alpha.png")
    rgb.save(PICTURES / "420.jpg", quality=90, subsampling=2)
    rgb.save(PICTURES / "444.jpg", quality=90, subsampling=0)
    rgb.save(PICTURES / "progressive.jpg", quality=90, subsampling=2, progressive=True)
    rgb.save(PICTURES / "restarts.jpg", quality=90, subsampling=2, restart_marker_blocks=2)
    rgb.save(PICTURES / "turned.jpg", quality=90, subsampling=2, exif=exif)
    grey.save(PICTURES / "grey.jpg", quality=90)
    rgb.convert("CMYK").save(PICTURES / "cmyk.jpg", quality=95)

    for path in sorted(PICTURES.iterdir()):
        if path.name.count(".") == 1:
            read = ImageOps.exif_transpose(Image.open(path))
            if read.mode == "RGBA":  # what is transparent is laid over white
                values = np.asarray(read).astype(int)
                colour, alpha = values[..., :3], values[..., 3:]
                mixed = (colour * alpha + 255 * (255 - alpha) + 127) // 255
                read = Image.fromarray(mixed.astype(np.uint8))
            read = read.convert("RGB")
            read.save(PICTURES / f"{path.name}.png", optimize=True)

    # 16 bits: Pillow reads them lossily, so the expected bytes are known by construction.
    deep = small.astype(np.uint16) * 257 + np.arange(40, dtype=np.uint16)[None, :, None] % 3
    deep = np.minimum(deep, 65535 - 2)
    cv2.imwrite(str(PICTURES / "rgb16.png"), deep[..., ::-1])
    expected = np.round(deep / 257).astype(np.uint8)
    Image.fromarray(expected).save(PICTURES / "rgb16.png.png", optimize=True)

    # A PNG that claims 100,000 x 100,000 pixels and holds none.
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    (HERE / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


for folder in (CROPS, PICTURES):
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
crops()
pictures()
