"""Writes ResNet's golden files beside it with torchvision: `python generate.py`.

No weights are stored: they come from an integer hash of the parameter's name and index, the same
here and in `crates/test-support`. Made with torch 2.15.0 and torchvision 0.29.2 on a CPU.
"""

import json
import pathlib

import numpy as np
import torch
import torchvision
from safetensors.torch import save_file
from torchvision.models.resnet import BasicBlock, ResNet

HERE = pathlib.Path(__file__).parent
CLASSES = 10


def uniform(name, count):
    """`count` numbers in 0..1: FNV-1a of the name, then MurmurHash3's finaliser of each index."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.arange(count, dtype=np.uint64) * 0x9E3779B9 + seed & 0xFFFFFFFF
    x = (x ^ x >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    x = (x ^ x >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    x ^= x >> 16
    return (x >> 8).astype(np.float64) / 2**24


def parameter(name, shape):
    """Weights of variance 1 / fan-in; batch statistics and affine terms well away from 0 and 1."""
    u = uniform(name, int(np.prod(shape)))
    if len(shape) > 1:
        values = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:]))
    elif name.endswith(("running_var", "weight")):
        values = 0.5 + u
    else:
        values = (2 * u - 1) * 0.5
    return torch.from_numpy(values.reshape(shape).astype(np.float32))


def fill(model):
    for name, tensor in model.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(parameter(name, tuple(tensor.shape)))
    return model.eval()


def images(height=64, width=64):
    values = 4 * uniform("images", 2 * 3 * height * width) - 2
    return torch.from_numpy(values.reshape(2, 3, height, width).astype(np.float32))


def shapes(model):
    return {name: list(tensor.shape) for name, tensor in model.state_dict().items()}


def write(name, golden):
    (HERE / f"{name}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


def sample(tensor, count=200):
    """Every n-th value, so that about `count` remain; n is odd, so that all columns take part."""
    flat = tensor.flatten().tolist()
    step = max(len(flat) // count, 1) | 1
    return {"shape": list(tensor.shape), "step": step, "values": flat[::step]}


@torch.no_grad()
def parity(depth):
    model = fill(getattr(torchvision.models, f"resnet{depth}")(num_classes=CLASSES))
    seen = {}
    model.layer1.register_forward_hook(lambda _m, _i, out: seen.update(layer1=out))
    model.avgpool.register_forward_hook(lambda _m, _i, out: seen.update(pooled=out.flatten(1)))
    logits = model(images())
    golden = {
        "parameters": shapes(model),
        "samples": {
            "layer1": sample(seen["layer1"]),
            "features": sample(seen["pooled"]),
            "logits": sample(logits),
        },
    }
    write(f"resnet{depth}", golden)


class Narrow(ResNet):
    """ResNet-18 with base width 1: its state dictionary is a few kilobytes."""

    def __init__(self):
        super().__init__(BasicBlock, [2, 2, 2, 2], num_classes=3)
        self.inplanes = 1
        self.conv1 = torch.nn.Conv2d(3, 1, 7, stride=2, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(1)
        self.layer1 = self._make_layer(BasicBlock, 1, 2)
        self.layer2 = self._make_layer(BasicBlock, 2, 2, stride=2)
        self.layer3 = self._make_layer(BasicBlock, 4, 2, stride=2)
        self.layer4 = self._make_layer(BasicBlock, 8, 2, stride=2)
        self.fc = torch.nn.Linear(8, 3)


@torch.no_grad()
def state_dicts():
    model = fill(Narrow())
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, HERE / "narrow.safetensors")
    torch.save(state, HERE / "narrow.pth")
    torch.save(state, HERE / "narrow_legacy.pth", _use_new_zipfile_serialization=False)
    logits = model(images())
    (HERE / "narrow.json").write_text(json.dumps({"logits": logits.flatten().tolist()}) + "\n")


if __name__ == "__main__":
    for depth in (18, 34, 50):
        parity(depth)
    state_dicts()
