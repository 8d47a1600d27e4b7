"""Writes a golden file for each kind of checkpoint beside it with PyTorch: `python generate.py [KIND ...]`.

Each network is the published one at full size, and its state dictionary has the names of the published
file, with what training scripts put before them. EfficientNets are EfficientNet-PyTorch's, Xception timm's,
CADDM's and LiSiam's own parts are spelled out from their descriptions. No weights are stored: they come from the formula
of the crate `backbones`'s goldens, by the names in the file, times a factor for some. Pictures are bytes by
formula; what the authors do to them comes before the network here. Made with torch 2.15.0, torchvision 0.29.2,
timm 1.0.31 and efficientnet-pytorch 0.7.1 on a CPU.
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np
import timm
import torch
from efficientnet_pytorch import EfficientNet
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
CRATES = HERE.parents[2]


def module(path, name):
    spec = importlib.util.spec_from_file_location(name, CRATES / path)
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


formula = module("backbones/tests/golden/generate.py", "backbones_golden")
adm = module("model-adm/tests/golden/generate.py", "generate")
adm_efficientnet = module("model-adm/tests/golden/generate_efficientnet.py", "adm_efficientnet")


def pictures(size):
    """Two pictures of bytes, [2, size, size, 3], RGB: 16 x 16 squares of one colour each."""
    colours = np.floor(formula.uniform("pictures", 2 * 16 * 16 * 3) * 256).reshape(2, 16, 16, 3)
    place = np.arange(size) * 16 // size
    return torch.from_numpy(colours[:, place][:, :, place].astype(np.float32))


def unit_rgb(bytes):
    return bytes.permute(0, 3, 1, 2) / 255


def signed_rgb(bytes):
    return (bytes.permute(0, 3, 1, 2) / 255 - 0.5) / 0.5


def raw_bgr(bytes):
    return bytes.flip(3).permute(0, 3, 1, 2)


class Sbi(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = EfficientNet.from_name("efficientnet-b4", num_classes=2)

    def forward(self, x):
        return self.net(x)


class BenchEfficientNet(nn.Module):
    """Its first convolution is replaced by one that does not pad, its head by another."""

    def __init__(self):
        super().__init__()
        self.efficientnet = EfficientNet.from_name("efficientnet-b4")
        self.efficientnet._conv_stem = nn.Conv2d(3, 48, 3, stride=2, bias=False)
        self.efficientnet._fc = nn.Identity()
        self.last_layer = nn.Linear(1792, 2)

    def forward(self, x):
        return self.last_layer(self.efficientnet.extract_features(x).mean((2, 3)))


class BenchXception(nn.Module):
    """With the names of the first published Xception, and a layer that is not called."""

    def __init__(self):
        super().__init__()
        network = timm.create_model("legacy_xception", num_classes=0)
        for name, child in network.named_children():
            setattr(self, name, child)
        self.last_linear = nn.Linear(2048, 2)
        self.adjust_channel = nn.Sequential(nn.Conv2d(2048, 512, 1), nn.BatchNorm2d(512), nn.ReLU())
        self.features = network.forward_features

    def forward(self, x):
        return self.last_linear(self.features(x).mean((2, 3)))


class Backbone(nn.Module):
    """DeepfakeBench's detectors hold their network so."""

    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone

    def forward(self, x):
        return self.backbone(x)


class CaddmResNet(adm.Network):
    def __init__(self):
        super().__init__([3, 4, 6, 3], width=64, stages=4, side=7, levels=4)
        self.base_model.fc = nn.Linear(512, 1000)

    def forward(self, x):
        return super().forward(x)[0]


class CaddmEfficientNet(nn.Module):
    def __init__(self, name, size):
        super().__init__()
        base = adm_efficientnet.Base.from_name(name)
        self.base_model = adm_efficientnet.pad_uniformly(base, size)
        c = base._fc.in_features
        self.adm = adm.Module(c, 7, 4)
        self.fc = nn.Linear(c, 2)

    def forward(self, x):
        x = self.base_model(x)
        return self.fc(x.mean((2, 3)) + self.adm(x)[2][:, :, 0, 0])


def conv_norm_relu(inputs, outputs, kernel):
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


class ObjectContext(nn.Module):
    def __init__(self, c, d):
        super().__init__()
        two = lambda: nn.Sequential(conv_norm_relu(c, d, 1), conv_norm_relu(d, d, 1))
        self.key_project, self.query_project = two(), two()
        self.value_project = conv_norm_relu(c, d, 1)
        self.out_project = conv_norm_relu(d, c, 1)
        self.bottleneck = conv_norm_relu(2 * c, c, 3)

    def forward(self, x, regions):
        q = self.query_project(x).flatten(2)
        k, v = self.key_project(regions).flatten(2), self.value_project(regions).flatten(2)
        weights = torch.softmax(q.transpose(1, 2) @ k / q.shape[1] ** 0.5, 2)
        context = (v @ weights.transpose(1, 2)).reshape(len(x), -1, *x.shape[2:])
        return self.bottleneck(torch.cat([self.out_project(context), x], 1))


class SqueezeExcitation(nn.Module):
    def __init__(self, c):
        super().__init__()
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.fc = nn.Sequential(linear(c, c // 16), nn.ReLU(), linear(c // 16, c), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class Lisiam(nn.Module):
    """`LiSiam_A` of the authors' code."""

    def __init__(self, c=512):
        super().__init__()
        x = timm.create_model("legacy_xception", num_classes=0)
        for block in (x.block3, x.block12):
            block.rep = block.rep[:-1]
            block.skip.stride = (1, 1)
        names = ["conv1", "bn1", "conv2", "bn2"] + [f"block{i}" for i in range(1, 13)]
        self.backbone_net = nn.ModuleDict({name: getattr(x, name) for name in names})
        self.bottleneck = conv_norm_relu(1024, c, 3)
        self.auxiliary_decoder = conv_norm_relu(728, c, 3)
        self.auxiliary_decoder.extend([nn.Identity(), nn.Conv2d(c, 2, 1)])
        self.object_context_block = ObjectContext(c, 256)
        self.segDecoder = nn.Sequential(nn.Identity(), nn.Conv2d(c, 2, 1))
        down = lambda: [
            nn.Conv2d(c, c, 3, stride=2, padding=1), nn.Conv2d(c, c, 1, padding=1), nn.BatchNorm2d(c),
        ]
        self.clsE = nn.Sequential(*down(), nn.Identity(), nn.ReLU(), *down(), nn.Identity())
        one = lambda: nn.Conv2d(c, c, 1, bias=False)
        self.Qf, self.Kf, self.Vf = one(), one(), one()
        self.W_z = nn.Sequential(one(), nn.BatchNorm2d(c))
        self.BN = nn.BatchNorm2d(c)
        self.se = SqueezeExcitation(2 * c)
        self.getScore = nn.Sequential(
            nn.Linear(2 * c, 1024), nn.BatchNorm1d(1024), nn.ReLU(), nn.Linear(1024, 2)
        )

    def maps(self, x):
        b = self.backbone_net
        x = F.relu(b["bn1"](b["conv1"](x)))
        x = F.relu(b["bn2"](b["conv2"](x)))
        for i in range(1, 13):
            x = b[f"block{i}"](x)
            if i == 4:
                shallow = x.clone()
        return shallow, x

    def forward(self, x):
        shallow, deep = self.maps(x)
        x = self.bottleneck(deep)
        coarse = torch.softmax(self.auxiliary_decoder(shallow).flatten(2), 2)
        regions = (x.flatten(2) @ coarse.transpose(1, 2))[..., None]
        x = self.object_context_block(x, regions)
        encoded = self.clsE(x)
        mask = torch.softmax(self.segDecoder(x), 1)
        mask = F.interpolate(mask, encoded.shape[2:], mode="bilinear", align_corners=False)
        real, fake = encoded * mask[:, :1], encoded * mask[:, 1:]
        q, k, v = self.Qf(fake).flatten(2), self.Kf(real).flatten(2), self.Vf(real).flatten(2)
        attention = torch.softmax(q.transpose(1, 2) @ k, 2)
        attended = (v @ attention.transpose(1, 2)).reshape(fake.shape)
        joint = self.BN(self.W_z(attended) + fake)
        return self.getScore(self.se(torch.cat([encoded, joint], 1)).mean((2, 3)))


# Network; what its names begin with in the file; size; normalisation; what weights of normalisations are
# times, so that pictures tell in the logits and values stay near one; other factors.
RAW = lambda stem: {f"{stem}.running_mean": 100.0, f"{stem}.running_var": 10000.0}
KINDS = {
    "sbi": (Sbi, "model.", 380, unit_rgb, 1.2, {}),
    "deepfakebench-xception": (lambda: Backbone(BenchXception()), "", 256, signed_rgb, 1.05, {}),
    "deepfakebench-efficientnet-b4": (lambda: Backbone(BenchEfficientNet()), "", 256, signed_rgb, 1.2, {}),
    "caddm-resnet34": (CaddmResNet, "network.", 224, raw_bgr, 0.8, RAW("network.base_model.bn1")),
    "caddm-efficientnet-b3": (
        lambda: CaddmEfficientNet("efficientnet-b3", 300), "network.", 224, raw_bgr, 1.2,
        RAW("network.base_model._bn0"),
    ),
    "caddm-efficientnet-b4": (
        lambda: CaddmEfficientNet("efficientnet-b4", 380), "network.", 224, raw_bgr, 1.2,
        RAW("network.base_model._bn0"),
    ),
    "lisiam": (Lisiam, "model.", 299, signed_rgb, 1.0, {}),
}


def tree(shapes):
    """Names that are joined by dots as dictionaries in dictionaries, with shapes at their ends."""
    root = {}
    for name, shape in shapes.items():
        *path, last = name.split(".")
        place = root
        for part in path:
            place = place.setdefault(part, {})
        place[last] = shape
    return root


@torch.no_grad()
def golden(kind):
    build, begins, size, normalise, gain, factors = KINDS[kind]
    network = build().eval()
    norms = (nn.BatchNorm1d, nn.BatchNorm2d)
    norms = {f"{begins}{name}." for name, child in network.named_modules() if isinstance(child, norms)}
    state = {begins + name: tensor for name, tensor in network.state_dict().items()}
    state = {name: t for name, t in state.items() if not name.endswith("num_batches_tracked")}
    for name, tensor in state.items():
        values = formula.parameter(name, tuple(tensor.shape))
        if name.endswith(".weight") and name[: -len("weight")] in norms:
            values = values * np.float32(gain)
        tensor.copy_(values * np.float32(factors.get(name, 1.0)))
    logits = network(normalise(pictures(size)))
    print(kind, logits.tolist())
    write = {
        "gain": gain,
        "factors": factors,
        "logits": [float(f"{value:.9g}") for value in logits.flatten().tolist()],
        "parameters": tree({name: list(t.shape) for name, t in state.items()}),
    }
    (HERE / f"{kind}.json").write_text(json.dumps(write, separators=(",", ":")) + "\n")
    return network


if __name__ == "__main__":
    for kind in sys.argv[1:] or KINDS:
        golden(kind)
    # A pickle that is no state dictionary.
    torch.save([torch.ones(2), 3], HERE / "list.pth")
