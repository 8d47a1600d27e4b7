"""Writes the golden files beside it with PyTorch: `python generate.py`.

Networks whose weights the user brings get weights from an integer hash of the parameter's name and
index, the same here and in `crates/test-support`; the shipped ones get the shipped
weights. Made with torch 2.15.0 on a CPU.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

HERE = pathlib.Path(__file__).parent


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
    """Weights of variance 1 / fan-in; batch statistics and slopes well away from 0 and 1."""
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


def pictures(*shape):
    """Normalised pictures in -1..1."""
    values = 2 * uniform("pictures", int(np.prod(shape))) - 1
    return torch.from_numpy(values.reshape(shape).astype(np.float32))


def sample(tensor, count=200):
    """Every n-th value, so that about `count` remain; n is odd, so that all columns take part."""
    flat = tensor.flatten().tolist()
    step = max(len(flat) // count, 1) | 1
    return {"shape": list(tensor.shape), "step": step, "values": flat[::step]}


class Trunk(nn.Module):
    """Convolutions with a slope for each channel; `pools` are the kernels between them."""

    def __init__(self, channels, kernels, pools):
        super().__init__()
        self.pools = pools
        for i, kernel in enumerate(kernels, 1):
            setattr(self, f"conv{i}", nn.Conv2d(channels[i - 1], channels[i], kernel))
            setattr(self, f"prelu{i}", nn.PReLU(channels[i]))

    def trunk(self, x):
        for i, pool in enumerate(self.pools, 1):
            x = getattr(self, f"prelu{i}")(getattr(self, f"conv{i}")(x))
            if pool:
                x = F.max_pool2d(x, pool, 2, ceil_mode=True)
        return x


class Proposal(Trunk):
    def __init__(self):
        super().__init__([3, 10, 16, 32], [3, 3, 3], [2, 0, 0])
        self.conv4_1 = nn.Conv2d(32, 2, 1)
        self.conv4_2 = nn.Conv2d(32, 4, 1)

    def forward(self, x):
        x = self.trunk(x)
        return {"offsets": self.conv4_2(x), "probabilities": self.conv4_1(x).softmax(1)}


class Refinement(Trunk):
    def __init__(self):
        super().__init__([3, 28, 48, 64], [3, 3, 2], [3, 3, 0])
        self.dense4 = nn.Linear(576, 128)
        self.prelu4 = nn.PReLU(128)
        self.dense5_1 = nn.Linear(128, 2)
        self.dense5_2 = nn.Linear(128, 4)

    def forward(self, x):
        x = self.prelu4(self.dense4(self.trunk(x).transpose(1, 3).flatten(1)))
        return {"offsets": self.dense5_2(x), "probabilities": self.dense5_1(x).softmax(1)}


class Output(Trunk):
    def __init__(self):
        super().__init__([3, 32, 64, 64, 128], [3, 3, 3, 2], [3, 3, 2, 0])
        self.dense5 = nn.Linear(1152, 256)
        self.prelu5 = nn.PReLU(256)
        self.dense6_1 = nn.Linear(256, 2)
        self.dense6_2 = nn.Linear(256, 4)
        self.dense6_3 = nn.Linear(256, 10)

    def forward(self, x):
        x = self.prelu5(self.dense5(self.trunk(x).transpose(1, 3).flatten(1)))
        heads = {"probabilities": self.dense6_1(x).softmax(1)}
        return heads | {"offsets": self.dense6_2(x), "points": self.dense6_3(x)}


def conv(inputs, outputs, kernel=3, stride=1, dilation=1, groups=1, bias=False):
    padding = dilation * (kernel // 2)
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, groups, bias)


def separable(inputs, outputs, stride):
    each = conv(inputs, inputs, stride=stride, groups=inputs)
    across = conv(inputs, outputs, 1)
    return nn.Sequential(
        each, nn.BatchNorm2d(inputs), nn.ReLU(), across, nn.BatchNorm2d(outputs), nn.ReLU()
    )


def head(inputs, outputs, stride=1):
    each = conv(inputs, inputs, stride=stride, groups=inputs, bias=True)
    return nn.Sequential(each, nn.ReLU(), conv(inputs, outputs, 1, bias=True))


class ConvNorm(nn.Module):
    def __init__(self, inputs, outputs, kernel, dilation=1, rectify=False):
        super().__init__()
        self.conv = conv(inputs, outputs, kernel, dilation=dilation)
        self.bn = nn.BatchNorm2d(outputs)
        self.rectify = rectify

    def forward(self, x):
        x = self.bn(self.conv(x))
        return x.relu() if self.rectify else x


class ReceptiveField(nn.Module):
    def __init__(self):
        super().__init__()
        branches = [
            [(64, 8, 1), (8, 16, 3, 1, True), (16, 16, 3, 2)],
            [(64, 8, 1), (8, 16, 3, 1, True), (16, 16, 3, 3)],
            [(64, 8, 1), (8, 12, 3, 1, True), (12, 16, 3, 1, True), (16, 16, 3, 5)],
        ]
        for i, branch in enumerate(branches):
            setattr(self, f"branch{i}", nn.Sequential(*(ConvNorm(*layer) for layer in branch)))
        self.ConvLinear = ConvNorm(48, 64, 1)
        self.shortcut = ConvNorm(64, 64, 1)

    def forward(self, x):
        joined = torch.cat([self.branch0(x), self.branch1(x), self.branch2(x)], 1)
        return (self.ConvLinear(joined) + self.shortcut(x)).relu()


class UltraFace(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [(16, 32, 1), (32, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 64, 1)]
        more = [(64, 128, 2), (128, 128, 1), (128, 128, 1), (128, 256, 2), (256, 256, 1)]
        first = nn.Sequential(conv(3, 16, stride=2), nn.BatchNorm2d(16), nn.ReLU())
        self.base_net = nn.Sequential(
            first, *(separable(*w) for w in widths), ReceptiveField(), *(separable(*w) for w in more)
        )
        extra = [conv(256, 64, 1, bias=True), nn.ReLU(), head(64, 256, 2), nn.ReLU()]
        self.extras = nn.ModuleList([nn.Sequential(*extra)])

        def heads(values):
            layers = [head(64, 3 * values), head(128, 2 * values), head(256, 2 * values)]
            return nn.ModuleList([*layers, conv(256, 3 * values, bias=True)])

        self.classification_headers = heads(2)
        self.regression_headers = heads(4)

    def forward(self, x):
        maps = []
        for layers in (self.base_net[:8], self.base_net[8:11], self.base_net[11:], self.extras[0]):
            x = layers(x)
            maps.append(x)

        def gather(heads, values):
            answers = [h(m).permute(0, 2, 3, 1).flatten(1) for h, m in zip(heads, maps)]
            return torch.cat(answers, 1).unflatten(1, (-1, values))

        probabilities = gather(self.classification_headers, 2).softmax(2)
        return {"probabilities": probabilities, "offsets": gather(self.regression_headers, 4)}


def shipped(name):
    """TensorFlow.js weights as a dictionary of float tensors, in TensorFlow's layout."""
    folder = HERE.parents[1] / "weights"
    manifest = json.loads((folder / f"{name}.json").read_text())
    data = np.fromfile(folder / f"{name}.bin", np.uint8)
    weights = {}
    for entry in manifest[0]["weights"]:
        count = int(np.prod(entry["shape"]))
        scale, least = entry["quantization"]["scale"], entry["quantization"]["min"]
        values = data[:count].astype(np.float32) * np.float32(scale) + np.float32(least)
        weights[entry["name"]] = torch.from_numpy(values.reshape(entry["shape"]))
        data = data[count:]
    return weights


def apply_conv(weights, name, x, stride=1):
    return F.conv2d(x, weights[f"{name}/filters"].permute(3, 2, 0, 1), weights[f"{name}/bias"], stride)


def apply_separable(weights, name, x, stride=1):
    """TensorFlow's `same` padding: at stride 2 the odd pixel lies right and below."""
    each = weights[f"{name}/depthwise_filter"].permute(2, 3, 0, 1)
    across = weights[f"{name}/pointwise_filter"].permute(3, 2, 0, 1)
    x = F.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
    x = F.conv2d(x, each, stride=stride, groups=each.shape[0])
    return F.conv2d(x, across, weights[f"{name}/bias"])


def tiny_face(x):
    weights = shipped("tiny_face_detector")
    x = F.leaky_relu(apply_conv(weights, "conv0", x), 0.1)
    for i in range(1, 6):
        x = F.max_pool2d(x, 2, 2, ceil_mode=True)
        x = F.leaky_relu(apply_separable(weights, f"conv{i}", x), 0.1)
    x = F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-torch.inf), 2, 1)
    return apply_conv(weights, "conv8", x)


def landmarks(x):
    weights = shipped("face_landmark_68")
    for block in range(4):
        name = f"dense{block}/conv"
        if block == 0:
            x = apply_conv(weights, f"{name}0", F.pad(x, (0, 1, 0, 1)), 2).relu()
        else:
            x = apply_separable(weights, f"{name}0", x, 2).relu()
        total = x
        for i in (1, 2, 3):
            total = total + apply_separable(weights, f"{name}{i}", x)
            x = total.relu()
    return x.mean((2, 3)) @ weights["fc/weights"] + weights["fc/bias"]


def write(name, content):
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


@torch.no_grad()
def main():
    cases = {
        "proposal": (Proposal(), (2, 3, 31, 40)),
        "refinement": (Refinement(), (3, 3, 24, 24)),
        "output": (Output(), (3, 3, 48, 48)),
        "ultra_face": (UltraFace(), (1, 3, 240, 320)),
    }
    for name, (model, shape) in cases.items():
        outputs = fill(model)(pictures(*shape))
        write(
            name,
            {
                "input": shape,
                "parameters": {
                    name: list(tensor.shape)
                    for name, tensor in model.state_dict().items()
                    if not name.endswith("num_batches_tracked")
                },
                "outputs": {name: sample(output) for name, output in outputs.items()},
            },
        )
    write("tiny_face", sample(tiny_face(pictures(1, 3, 128, 128))))
    write("landmarks", sample(landmarks(pictures(2, 3, 112, 112)), 272))


main()
