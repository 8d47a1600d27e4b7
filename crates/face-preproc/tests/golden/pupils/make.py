"""Makes numbers.json: python3 make.py, in this folder. Needs numpy; made with numpy 2.4.

Where published code puts the landmarks of some faces. ADM's (CADDM's configuration: face_width 80,
output_size 224, scale 0.9): eye centres are cut to whole pixels, the mean face is stretched along y.
DeepfakeBench's (256 pixels, scale 1.3): five landmarks onto ArcFace's template with a margin. Spelt out
anew from what that code computes; the least-squares similarity is found by linear algebra.
"""

import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SIZE, WIDTH, SCALE = 224, 80, 0.9


def template():
    mean = SCALE * np.array([
        [-0.17607, -0.172844],
        [0.1736, -0.17356],
        [-0.00182, 0.0357164],
        [-0.14617, 0.20185],
        [0.14496, 0.19943],
    ])
    ratio = WIDTH / (SIZE * 0.34967)
    place = mean * ratio + 0.5
    place[:, 1] /= place[0, 1] * (1 + 1.42)
    return place * SIZE


def adm(landmarks):
    eyes = [np.trunc(landmarks[part].mean(0)) for part in (slice(36, 42), slice(42, 48))]
    five = np.array([*eyes, landmarks[30], landmarks[48], landmarks[54]])
    return aligned(landmarks, five, template())


def deepfakebench(landmarks, size=256, scale=1.3):
    arcface = np.array([
        [30.2946 + 8, 51.6963],
        [65.5318 + 8, 51.5014],
        [48.0252 + 8, 71.7366],
        [33.5493 + 8, 92.3655],
        [62.7299 + 8, 92.2041],
    ])
    margin = size * (scale - 1) / 2
    place = (arcface * size / 112 + margin) * size / (size + 2 * margin)
    return aligned(landmarks, landmarks[[37, 44, 30, 49, 55]], place)


def aligned(landmarks, five, wanted_five):
    """All landmarks in pixels of the crop."""
    # x' = a x - b y + s, y' = b x + a y + t, solved as one linear system.
    rows, wanted = [], []
    for (x, y), (u, v) in zip(five, wanted_five):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        wanted += [u, v]
    a, b, s, t = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    return landmarks @ np.array([[a, b], [-b, a]]) + [s, t]


def face(rng, width, degrees, centre):
    """68 points about as a face has them: an ellipse of a jaw, two eyes, a nose, a mouth."""
    angle = np.linspace(np.pi, 0, 17)
    points = np.zeros((68, 2))
    points[:17] = np.stack([0.5 * np.cos(angle), 0.77 * np.sin(angle) - 0.29], 1)
    points[17:27] = np.stack([np.linspace(-0.4, 0.4, 10), np.full(10, -0.45)], 1)
    points[27:31] = np.stack([np.zeros(4), np.linspace(-0.33, -0.08, 4)], 1)
    points[31:36] = np.stack([np.linspace(-0.1, 0.1, 5), np.full(5, 0.0)], 1)
    ring = np.linspace(np.pi, -np.pi, 6, endpoint=False)
    for start, x in [(36, -0.22), (42, 0.22)]:
        points[start:start + 6] = np.stack([x + 0.09 * np.cos(ring), 0.03 * np.sin(ring) - 0.31], 1)
    ring = np.linspace(np.pi, -np.pi, 12, endpoint=False)
    points[48:60] = np.stack([0.2 * np.cos(ring), 0.05 * np.sin(ring) + 0.16], 1)
    ring = np.linspace(np.pi, -np.pi, 8, endpoint=False)
    points[60:] = np.stack([0.15 * np.cos(ring), 0.02 * np.sin(ring) + 0.16], 1)
    points += rng.normal(0, 0.012, points.shape)
    turn = np.radians(degrees)
    matrix = width * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return points @ matrix + centre


def main():
    rng = np.random.default_rng(1)
    faces = []
    for width, degrees, centre in [
        (183, 0, (400, 300)), (220, 12, (310, 260)), (260, -25, (500, 400)), (410, 4, (640, 500)),
    ]:
        landmarks = np.round(face(rng, width, degrees, centre), 1)
        faces.append({
            "landmarks": landmarks.tolist(),
            "aligned": adm(landmarks).round(3).tolist(),
            "deepfakebench": deepfakebench(landmarks).round(3).tolist(),
        })
    (HERE / "numbers.json").write_text(json.dumps({"template": template().round(3).tolist(), "faces": faces}) + "\n")


main()
