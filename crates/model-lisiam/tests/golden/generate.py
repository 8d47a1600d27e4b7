"""Writes `lisiam.json` beside it with PyTorch: `python generate.py`.

The network is written from the paper's equations 1 to 19, its letters included, on Xception up
to block 12 and on torchvision's ResNet-18 of base width 4 up to `layer2`. No weights are stored:
they come from an integer hash of the parameter's name and index, the same here and in the Rust
test. Made with torch 2.15.0 and torchvision 0.29.2 on a CPU.
"""

import json
import pathlib
from collections import namedtuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.resnet import BasicBlock, ResNet

HERE = pathlib.Path(__file__).parent
SIZE = 64

# Channels of the features, of OCR's relation, of the transformer's queries, keys and values; the
# ratio of its squeeze; the width of the classifier.
Widths = namedtuple("Widths", "c relation inner ratio mlp")
SMALL = Widths(8, 6, 10, 4, 12)
PAPER = Widths(512, 256, 512, 16, 1024)


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


def formula(name, shape):
    """Weights of variance 1 / fan-in; batch statistics and affine terms well away from 0 and 1."""
    u = uniform(name, int(np.prod(shape)))
    if len(shape) > 1:
        values = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:]))
    elif name.endswith(("running_var", "weight")):
        values = 0.5 + u
    else:
        values = (2 * u - 1) * 0.5
    return torch.from_numpy(values.reshape(shape).astype(np.float32))


def batch(name):
    values = 4 * uniform(name, 2 * 3 * SIZE * SIZE) - 2
    return torch.from_numpy(values.reshape(2, 3, SIZE, SIZE).astype(np.float32))


class NarrowResNet(ResNet):
    """ResNet-18 of base width 4 up to `layer2`: maps of strides 4 and 8."""

    channels = (4, 8)

    def __init__(self):
        super().__init__(BasicBlock, [2, 2, 2, 2])
        self.inplanes = 4
        self.conv1 = nn.Conv2d(3, 4, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = self._make_layer(BasicBlock, 4, 2)
        self.layer2 = self._make_layer(BasicBlock, 8, 2, stride=2)
        del self.layer3, self.layer4, self.fc

    def forward(self, x):
        shallow = self.layer1(self.maxpool(self.relu(self.bn1(self.conv1(x)))))
        return shallow, self.layer2(shallow)


class Separable(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x):
        return self.pointwise(self.conv1(x))


class XceptionBlock(nn.Module):
    def __init__(self, channels, stride=1, relu_first=True, project=True):
        super().__init__()
        steps = []
        for inputs, outputs in zip(channels, channels[1:]):
            steps += [nn.ReLU(), Separable(inputs, outputs), nn.BatchNorm2d(outputs)]
        self.rep = nn.Sequential(*steps[0 if relu_first else 1 :])
        self.pool = nn.MaxPool2d(3, 2, 1) if stride == 2 else nn.Identity()
        if project:
            self.skip = nn.Conv2d(channels[0], channels[-1], 1, stride, bias=False)
            self.skipbn = nn.BatchNorm2d(channels[-1])

    def forward(self, x):
        skip = self.skipbn(self.skip(x)) if hasattr(self, "skip") else x
        return self.pool(self.rep(x)) + skip


class Xception(nn.Module):
    """Xception up to block 12 with three strides of 2: neither block 3 nor block 12 pools."""

    def __init__(self, width):
        super().__init__()
        a, b, c, d, e, f = (round(n * width) for n in (32, 64, 128, 256, 728, 1024))
        self.channels = (e, f)
        self.conv1 = nn.Conv2d(3, a, 3, stride=2, bias=False)
        self.bn1 = nn.BatchNorm2d(a)
        self.conv2 = nn.Conv2d(a, b, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(b)
        self.block1 = XceptionBlock([b, c, c], 2, relu_first=False)
        self.block2 = XceptionBlock([c, d, d], 2)
        self.block3 = XceptionBlock([d, e, e])
        for i in range(4, 12):
            setattr(self, f"block{i}", XceptionBlock([e, e, e, e], project=False))
        self.block12 = XceptionBlock([e, e, f])

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        for i in range(1, 13):
            x = getattr(self, f"block{i}")(x)
            if i == 4:
                shallow = x
        return shallow, x


class ConvNormRelu(nn.Module):
    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class Ocr(nn.Module):
    """Sections 3.2 and 3.3 of the OCR paper: soft object regions, relation, augmentation."""

    def __init__(self, shallow, deep, w):
        super().__init__()
        self.bottleneck = ConvNormRelu(deep, w.c, 3)
        self.auxiliary = ConvNormRelu(shallow, w.c, 3)
        self.auxiliary_logits = nn.Conv2d(w.c, 2, 1)
        d = w.relation
        self.query = nn.Sequential(ConvNormRelu(w.c, d, 1), ConvNormRelu(d, d, 1))
        self.key = nn.Sequential(ConvNormRelu(w.c, d, 1), ConvNormRelu(d, d, 1))
        self.value = ConvNormRelu(w.c, d, 1)
        self.context = ConvNormRelu(d, w.c, 1)
        self.fuse = ConvNormRelu(2 * w.c, w.c, 3)

    def forward(self, shallow, deep):
        auxiliary = self.auxiliary_logits(self.auxiliary(shallow))
        x = self.bottleneck(deep)
        m = F.interpolate(auxiliary, size=x.shape[2:], mode="bilinear", align_corners=False)
        m = torch.exp(m) / torch.exp(m).sum((2, 3), keepdim=True)
        f = torch.einsum("bkhw,bchw->bck", m, x)[..., None]
        q, k = self.query(x), self.key(f)[..., 0]
        kappa = torch.einsum("bdhw,bdk->bkhw", q, k) / q.shape[1] ** 0.5
        w = torch.exp(kappa) / torch.exp(kappa).sum(1, keepdim=True)
        y = self.context(torch.einsum("bkhw,bdk->bdhw", w, self.value(f)[..., 0]))
        return self.fuse(torch.cat([x, y], 1)), auxiliary


class Scu(nn.Module):
    def __init__(self, c, full):
        super().__init__()
        groups = 1 if full else c
        self.down_1 = nn.Conv2d(c, c, 3, stride=2, padding=1, groups=groups, bias=full)
        self.point_1 = nn.Conv2d(c, c, 1, padding=1, bias=full)
        self.norm_1 = nn.BatchNorm2d(c)
        self.down_2 = nn.Conv2d(c, c, 3, stride=2, padding=1, groups=groups, bias=full)
        self.point_2 = nn.Conv2d(c, c, 1, padding=1, bias=full)
        self.norm_2 = nn.BatchNorm2d(c)

    def forward(self, x):
        x = F.relu(self.norm_1(self.point_1(self.down_1(x))))
        return self.norm_2(self.point_2(self.down_2(x)))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, ratio):
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // ratio, bias=False)
        self.excite = nn.Linear(channels // ratio, channels, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3))))))[..., None, None]


class Transformer(nn.Module):
    def __init__(self, w, normalized_sum):
        super().__init__()
        self.query = nn.Conv2d(w.c, w.inner, 1, bias=False)
        self.key = nn.Conv2d(w.c, w.inner, 1, bias=False)
        self.value = nn.Conv2d(w.c, w.inner, 1, bias=False)
        self.out = nn.Conv2d(w.inner, w.c, 1, bias=False)
        self.out_norm = nn.BatchNorm2d(w.c)
        self.sum_norm = nn.BatchNorm2d(w.c) if normalized_sum else nn.Identity()
        self.excitation = SqueezeExcitation(2 * w.c, w.ratio)

    def forward(self, x_s, x_c, seen):
        x_s = F.interpolate(torch.softmax(x_s, 1), x_c.shape[2:], mode="bilinear", align_corners=False)  # 6
        x_r = x_c * x_s[:, 0:1]  # 7
        x_f = x_c * x_s[:, 1:2]  # 8
        q, k, v = self.query(x_f), self.key(x_r), self.value(x_r)  # 9, 10, 11
        n, d, h, w = q.shape
        a = torch.einsum("bdhw,bdyx->bhwyx", q, k)
        a = torch.softmax(a.reshape(n, h, w, -1), 3).reshape(a.shape)  # 12
        y = self.out_norm(self.out(torch.einsum("bhwyx,bdyx->bdhw", a, v)))  # 13
        z = self.excitation(torch.cat([self.sum_norm(y + x_f), x_c], 1))  # 14
        seen.update(real=x_r, fake=x_f, attention=a.reshape(n, h * w, h * w), transformed=y, z=z)
        return z


class Mlp(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.hidden = nn.Linear(inputs, width)
        self.norm = nn.BatchNorm1d(width)
        self.out = nn.Linear(width, 2)

    def forward(self, z):
        return self.out(F.relu(self.norm(self.hidden(z.mean((2, 3))))))


class Lisiam(nn.Module):
    def __init__(self, backbone, w=SMALL, full=False, normalized_sum=False, transformer=True):
        super().__init__()
        self.backbone = backbone
        self.ocr = Ocr(*self.backbone.channels, w)
        self.decoder = nn.Conv2d(w.c, 2, 1)
        self.scu = Scu(w.c, full)
        if transformer:
            self.transformer = Transformer(w, normalized_sum)
        self.mlp = Mlp(2 * w.c if transformer else w.c, w.mlp)

    @torch.no_grad()
    def filled(self):
        for name, tensor in self.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(formula(name, tuple(tensor.shape)))
        return self

    def forward(self, images):
        seen = {}
        x_i, auxiliary = self.ocr(*self.backbone(images))  # 2
        x_s = self.decoder(x_i)  # 3
        x_c = self.scu(x_i)  # 4
        z = self.transformer(x_s, x_c, seen) if hasattr(self, "transformer") else x_c
        alpha = self.mlp(z)  # 18
        return seen | {"features": x_i, "auxiliary": auxiliary, "segmentation": x_s, "encoded": x_c, "classes": alpha}


def cross_entropy(logits, labels):
    return -torch.log(torch.softmax(logits, 1)[torch.arange(len(labels)), labels]).mean()


def segmentation_cross_entropy(logits, masks):
    p = torch.softmax(F.interpolate(logits, masks.shape[2:], mode="bilinear", align_corners=False), 1)
    return -(masks * torch.log(p[:, 1:]) + (1 - masks) * torch.log(p[:, :1])).mean()


def sample(tensor, count=60):
    """Every n-th value, so that about `count` remain; n is odd, so that all columns take part."""
    flat = tensor.flatten().tolist()
    step = max(len(flat) // count, 1) | 1
    return {"shape": list(tensor.shape), "step": step, "values": flat[::step]}


def state(model):
    names = model.state_dict().items()
    return {name: list(t.shape) for name, t in names if not name.endswith("num_batches_tracked")}


@torch.no_grad()
def inference(backbone, **options):
    model = Lisiam(backbone, **options).filled().eval()
    seen = {name: sample(tensor) for name, tensor in model(batch("images")).items()}
    return {"parameters": state(model), "seen": seen}


def training(joint):
    """Both branches in training mode, all terms on both, as Model-B with the auxiliary loss."""
    model = Lisiam(NarrowResNet()).filled().train()
    original, degraded = batch("images"), batch("degraded")
    if joint:
        both = model(torch.cat([original, degraded]))
        first, second = ({k: v[s] for k, v in both.items()} for s in (slice(0, 2), slice(2, 4)))
    else:
        first, second = model(original), model(degraded)
    masks = torch.from_numpy((uniform("masks", 2 * SIZE * SIZE) < 0.3).astype(np.float32))
    masks = masks.reshape(2, 1, SIZE, SIZE)
    masks[0] = 0
    labels = torch.tensor([0, 1])
    li = (first["segmentation"] - second["segmentation"]).abs().mean()  # 15
    cls = sum(cross_entropy(branch["classes"], labels) for branch in (first, second))  # 16
    seg = sum(segmentation_cross_entropy(branch["segmentation"], masks) for branch in (first, second))  # 17
    auxiliary = sum(segmentation_cross_entropy(branch["auxiliary"], masks) for branch in (first, second))
    total = 0.5 * li + 1.5 * cls + 2.0 * seg + 0.4 * auxiliary  # 19
    total.backward()
    gradients = {}
    for name, parameter in model.named_parameters():
        weights = torch.from_numpy(uniform("gradient of " + name, parameter.numel()).astype(np.float32))
        gradients[name] = (parameter.grad.flatten() * (2 * weights - 1)).sum().item()
    losses = {"li": li, "cls": cls, "seg": seg, "auxiliary": auxiliary, "total": total}
    running = {n: t.tolist() for n, t in model.state_dict().items() if n.endswith("norm.running_mean")}
    return {
        "losses": {name: loss.item() for name, loss in losses.items()},
        "gradients": gradients,
        "running_means": running,
    }


def size():
    """Of the paper's network: trained parameters, and running statistics beside them."""
    model = Lisiam(Xception(1), PAPER)
    running = [t for name, t in model.named_buffers() if not name.endswith("num_batches_tracked")]
    return [sum(t.numel() for t in ts) for ts in (model.parameters(), running)]


if __name__ == "__main__":
    golden = {
        "xception": inference(Xception(1 / 32)),
        "official": inference(NarrowResNet(), full=True, normalized_sum=True),
        "without_transformer": inference(NarrowResNet(), transformer=False),
        "separate": training(joint=False),
        "joint": training(joint=True),
        "size": size(),
    }
    (HERE / "lisiam.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
