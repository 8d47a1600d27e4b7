"""Makes the JPEGs beside it with libjpeg-turbo's cjpeg, and djpeg's reading of each as PNG.

    apt-get install libjpeg-turbo-progs
    pip install numpy Pillow
    python3 make.py

Every sampling, in one scan, in a scan for each component, in groups and in another order; restarts,
optimised tables, arithmetic whole numbers, progressive, greyscale, odd sizes.
"""

import itertools
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
SCRIPTS = {
    "one": None,
    "apart": "0;1;2;",
    "chroma-together": "0;1 2;",
    "luma-last": "2;1;0;",
}
SAMPLINGS = {"444": "1x1", "422": "2x1", "420": "2x2", "440": "1x2"}


def scene(width, height):
    """Smooth colours and a few edges, so that chroma differs everywhere."""
    y, x = np.mgrid[:height, :width] / 24.0
    waves = [np.sin(1.3 * x + k) * np.cos(0.9 * y - 2 * k) for k in range(3)]
    picture = 128 + 90 * np.stack(waves, 2)
    picture[height // 3 : height // 2, width // 4 : width // 2] = (200, 40, 60)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def make(name, picture, options, script=None):
    with tempfile.TemporaryDirectory() as folder:
        source, scans = Path(folder, "in.ppm"), Path(folder, "scans")
        picture.save(source)
        if script:
            scans.write_text(script.replace(";", ";\n"))
            options = [*options, "-scans", str(scans)]
        target = HERE / f"{name}.jpg"
        subprocess.run(["cjpeg", *options, "-outfile", str(target), str(source)], check=True)
        read = Path(folder, "out.ppm")
        subprocess.run(["djpeg", "-outfile", str(read), str(target)], check=True)
        Image.open(read).convert("RGB").save(HERE / f"{name}.jpg.png", optimize=True)


def main():
    for old in [*HERE.glob("*.jpg"), *HERE.glob("*.png")]:
        old.unlink()
    odd = scene(53, 45)
    for (sampling, factors), (order, script) in itertools.product(SAMPLINGS.items(), SCRIPTS.items()):
        make(f"{sampling}-{order}", odd, ["-quality", "85", "-sample", factors], script)
    make("420-apart-restarts", odd, ["-quality", "85", "-restart", "1"], SCRIPTS["apart"])
    make("420-apart-low", odd, ["-quality", "15"], SCRIPTS["apart"])
    make("420-apart-even", scene(64, 48), ["-quality", "85"], SCRIPTS["apart"])
    make("420-optimised", odd, ["-quality", "85", "-optimize"])
    make("420-restarts", odd, ["-quality", "85", "-restart", "2B"])
    make("420-progressive", odd, ["-quality", "85", "-progressive"])
    make("411-one", odd, ["-quality", "85", "-sample", "4x1"])
    make("grey", odd, ["-quality", "85", "-grayscale"])
    make("rgb", odd, ["-quality", "85", "-rgb"])


main()
