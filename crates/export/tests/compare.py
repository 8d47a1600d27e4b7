"""A detector's answers beside those of its ONNX file in ONNX Runtime, for crops of faces in the input's size.

    cargo xtask export --to onnx
    cargo xtask detect --whole --json crops/ > answers.jsonl
    python compare.py shipped-detector.onnx answers.jsonl

Needs onnx, onnxruntime, numpy and pillow. Exits with 1 where a verdict differs.
"""

import json
import sys

import numpy
import onnx
import onnxruntime
from PIL import Image

model, answers = sys.argv[1:]
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
said = session.get_modelmeta().custom_metadata_map
given, decision = (json.loads(said[key]) for key in ["input", "decision"])
print(said["detector"], said["preprocessing"], said["postprocessing"], sep="\n")


def prepared(file):
    picture = Image.open(file).convert("RGB")
    assert picture.size == (given["size"],) * 2, f"{file} is no crop of the input's size"
    pixels = numpy.asarray(picture, numpy.float32)
    if given["order"] == "bgr":
        pixels = pixels[..., ::-1]
    pixels = (pixels / given["range"] - given["mean"]) / given["std"]
    return pixels.transpose(2, 0, 1).astype(numpy.float32)


def verdict(probability):
    if probability >= decision["threshold"]:
        return "forged"
    return "uncertain" if probability >= decision.get("uncertain_from", 2) else "real"


rows = [json.loads(line) for line in open(answers)]
faces = numpy.stack([prepared(row["file"]) for row in rows])
batches = [faces[start : start + 16] for start in range(0, len(faces), 16)]
probability = numpy.concatenate([session.run(["probability"], {"images": b})[0] for b in batches])
theirs = numpy.array([row["score"] for row in rows])
other = [row["file"] for row, p in zip(rows, probability) if verdict(p) != row["verdict"]]
print(f"{len(rows)} faces, probabilities from {theirs.min():.4f} to {theirs.max():.4f}")
print(f"largest difference {abs(probability - theirs).max():.1e}, other verdicts: {len(other)}", *other)
sys.exit(bool(other))
