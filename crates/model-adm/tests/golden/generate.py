"""Writes the networks' golden files beside it with PyTorch: `python generate.py`.

The network is the published structure of CADDM, spelled out anew from its description: torchvision's
ResNet up to its last stage (or the one before), four extra layers, heads, and a classifier on the sum
of the pooled map and the last extra layer's. Its parameters bear the published checkpoints' names. No
weights are stored but in `checkpoint.pkl`: they come from the formula of the crate `backbones`'s
goldens. Made with torch 2.15.0 and torchvision 0.29.2 on a CPU.
"""

import importlib.util
import json
import pathlib

import numpy as np
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

HERE = pathlib.Path(__file__).parent
source = HERE.parents[2] / "backbones/tests/golden/generate.py"
spec = importlib.util.spec_from_file_location("backbones_golden", source)
formula = importlib.util.module_from_spec(spec)
spec.loader.exec_module(formula)


class Base(ResNet):
    """A ResNet of any width; its own head stays in the state dictionary, unused."""

    def __init__(self, blocks, width, stages):
        super().__init__(BasicBlock, blocks)
        self.inplanes = width
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        for stage in range(1, 5):
            if stage <= stages:
                layer = self._make_layer(
                    BasicBlock, width << stage - 1, blocks[stage - 1], stride=min(stage, 2)
                )
            else:
                layer = nn.Identity()
            setattr(self, f"layer{stage}", layer)
        self.fc = nn.Linear(self.inplanes, 3)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class Extra(nn.Module):
    def __init__(self, c, kernel):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, kernel)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)
        self.downsample = nn.Sequential(nn.Conv2d(c, c, kernel, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + self.downsample(x)).relu()


class End(nn.Module):
    def __init__(self, c, kernel):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, kernel)
        self.conv2 = nn.Conv2d(c, c, 1)
        self.downsample = nn.Conv2d(c, c, kernel)

    def forward(self, x):
        return (self.conv2(self.conv1(x).relu()) + self.downsample(x)).relu()


class Heads(nn.Module):
    def __init__(self, c, levels):
        super().__init__()
        shapes = [(3, 1)] * 3 + [(1, 0)]
        head = lambda outputs: nn.ModuleList(
            nn.Conv2d(c, outputs, kernel, padding=padding) for kernel, padding in shapes[:levels]
        )
        self.ms_dets = head(2 * 4)
        self.ms_cls = head(2 * 2)


class Module(nn.Module):
    def __init__(self, c, side, levels):
        super().__init__()
        blocks = [nn.Sequential(Extra(c, kernel)) for kernel in (1, 3, 3)]
        self.adm_extra_layers = nn.ModuleList([*blocks, End(c, side - 4)])
        self.multi_scale_detection_module = Heads(c, levels)

    def forward(self, x):
        offsets, confidences = [], []
        heads = self.multi_scale_detection_module
        for level, layer in enumerate(self.adm_extra_layers):
            x = layer(x)
            if level < len(heads.ms_dets):
                for head, values, rows in (
                    (heads.ms_dets[level], 4, offsets),
                    (heads.ms_cls[level], 2, confidences),
                ):
                    y = head(x)
                    # anchor by anchor: rows, columns, the two orientations
                    for i in range(y.shape[2]):
                        for j in range(y.shape[3]):
                            for o in range(2):
                                rows.append(y[:, o * values : (o + 1) * values, i, j])
        return torch.stack(offsets, 1), torch.stack(confidences, 1), x


class Network(nn.Module):
    def __init__(self, blocks, width, stages, side, levels):
        super().__init__()
        self.base_model = Base(blocks, width, stages)
        c = width << stages - 1
        self.adm = Module(c, side, levels)
        self.fc = nn.Linear(c, 2)

    def forward(self, x):
        x = self.base_model(x)
        offsets, confidences, end = self.adm(x)
        return self.fc(x.mean((2, 3)) + end[:, :, 0, 0]), offsets, confidences


@torch.no_grad()
def fill(model, gain):
    """The formula's weights, those of normalisations times `gain`: so much that both pictures of a
    batch tell in the outputs, and so little that a deep network's values stay near one."""
    formula.fill(model)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight *= gain
    return model


def sample(tensor, count):
    """Every n-th value, n odd, so that about `count` remain."""
    flat = tensor.flatten().tolist()
    step = max(len(flat) // count, 1) | 1
    values = [float(f"{value:.9g}") for value in flat[::step]]
    return {"shape": list(tensor.shape), "step": step, "values": values}


@torch.no_grad()
def outputs(model, size, batch):
    values = 4 * formula.uniform("images", batch * 3 * size * size) - 2
    images = torch.from_numpy(values.reshape(batch, 3, size, size).astype(np.float32))
    logits, offsets, confidences = model(images)
    return {
        "logits": sample(logits, 4),
        "offsets": sample(offsets, 600),
        "confidences": sample(confidences, 600),
    }


def write(name, golden):
    (HERE / name).write_text(json.dumps(golden, separators=(",", ":")) + "\n")


def parity(name, model, size, batch, gain):
    fill(model, gain)
    parameters = {name: list(t.shape) for name, t in model.state_dict().items()}
    golden = {"gain": gain, "parameters": parameters, **outputs(model, size, batch)}
    write(f"{name}.json", golden)


def checkpoint():
    """What the published training script saves: the network beside the optimiser's state."""
    model = fill(Network([2, 2, 2, 2], width=1, stages=4, side=7, levels=4), 0.8)
    state = {
        "network": model.state_dict(),
        "opt_state": {"param_groups": [{"lr": 1e-3}], "state": {0: {"exp_avg": torch.ones(3)}}},
        "epoch": 7,
    }
    torch.save(state, HERE / "checkpoint.pkl")
    write("checkpoint.json", outputs(model, 224, 1))


if __name__ == "__main__":
    two, three = [2, 2, 2, 2], [3, 4, 6, 3]
    parity("official", Network(two, width=4, stages=4, side=7, levels=4), 224, 2, gain=0.8)
    parity("paper", Network(three, width=64, stages=4, side=7, levels=3), 224, 1, gain=0.8)
    parity("small", Network(two, width=4, stages=3, side=8, levels=3), 128, 2, gain=0.8)
    checkpoint()
