"""Writes `grad_cam.json` beside it: Grad-CAM of a narrow torchvision ResNet, by PyTorch's autograd.

The weights and pictures are those of `backbones/tests/golden/generate.py`, which this imports. Made
with torch 2.15.0 and torchvision 0.29.2 on a CPU.
"""

import json
import pathlib
import sys

import torch
from torchvision.models.resnet import BasicBlock, ResNet

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "backbones/tests/golden"))

from generate import fill, images, shapes  # noqa: E402

WIDTH = 6


class Narrow(ResNet):
    """One basic block a stage, base width 6, two classes: real and forged."""

    def __init__(self):
        super().__init__(BasicBlock, [1, 1, 1, 1], num_classes=2)
        self.inplanes = WIDTH
        self.conv1 = torch.nn.Conv2d(3, WIDTH, 7, stride=2, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(WIDTH)
        self.layer1 = self._make_layer(BasicBlock, WIDTH, 1)
        self.layer2 = self._make_layer(BasicBlock, 2 * WIDTH, 1, stride=2)
        self.layer3 = self._make_layer(BasicBlock, 4 * WIDTH, 1, stride=2)
        self.layer4 = self._make_layer(BasicBlock, 8 * WIDTH, 1, stride=2)
        self.fc = torch.nn.Linear(8 * WIDTH, 2)


def grad_cam(activation, odds):
    (gradient,) = torch.autograd.grad(odds, activation, retain_graph=True)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    return torch.relu((weights * activation).sum(dim=1))


with torch.no_grad():
    model = fill(Narrow())
activations = {}
for name in ("relu", "layer1", "layer2", "layer3", "layer4"):
    def keep(_module, _inputs, output, name=name):
        # The stem's ReLU runs once; blocks have their own.
        activations.setdefault(name, output)
    getattr(model, name).register_forward_hook(keep)
logits = model(images())
odds = (logits[:, 1] - logits[:, 0]).sum()
layers = []
for name in ("relu", "layer1", "layer2", "layer3", "layer4"):
    cam = grad_cam(activations[name], odds).detach()
    print(name, tuple(cam.shape), float(cam.max()))
    layers.append({"shape": list(cam.shape), "values": [round(v, 8) for v in cam.flatten().tolist()]})
golden = {"parameters": shapes(model), "logits": logits.flatten().tolist(), "layers": layers}
(HERE / "grad_cam.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
