"""Writes the golden files beside it: `python generate.py`.

The paper's equations in PyTorch, written for reading: planes are permuted to where a plain 2-D
convolution runs over them, both directions are taken apart, and the learned kernel is a grouped
convolution with one group for each channel of each snippet. No weights are stored: they come from
the formula of the backbones' golden files, by name, and the names and shapes that the equations
asked for are stored. Made with torch 2.15.0 on a CPU.
"""

import importlib.util
import json
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
FORMULA = HERE.parents[2] / "backbones" / "tests" / "golden" / "generate.py"
spec = importlib.util.spec_from_file_location("formula", FORMULA)
formula = importlib.util.module_from_spec(spec)
spec.loader.exec_module(formula)


def tensor(name, *shape):
    """Numbers in -2..2."""
    values = 4 * formula.uniform(name, torch.Size(shape).numel()) - 2
    return torch.from_numpy(values.astype("float32")).reshape(shape)


class Weights:
    """Weights by name, and which of what shape were asked for."""

    def __init__(self, prefix="", shapes=None):
        self.prefix, self.shapes = prefix, {} if shapes is None else shapes

    def __truediv__(self, name):
        return Weights(f"{self.prefix}{name}.", self.shapes)

    def get(self, name, *shape):
        name = self.prefix + name
        assert self.shapes.setdefault(name, list(shape)) == list(shape)
        return formula.parameter(name, shape)

    def conv(self, x, out, kernel, stride=1, bias=False, groups=1):
        height, width = kernel
        weight = self.get("weight", out, x.shape[1] // groups, height, width)
        bias = self.get("bias", out) if bias else None
        return F.conv2d(x, weight, bias, stride, (height // 2, width // 2), groups=groups)

    def norm(self, x):
        names = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(self.get(name, x.shape[1]) for name in names), eps=1e-5)

    def linear(self, x, out, bias=True):
        weight = self.get("weight", out, x.shape[-1])
        return F.linear(x, weight, self.get("bias", out) if bias else None)


INTRA = dict(
    bidirectional=True,
    coordinate_attention=True,
    learned_kernel=True,
    reduction=16,
    expansion=2,
    kernel_size=3,
    separate_directions=False,
    extra_norm=False,
)
INTER = dict(reduction=16, conv_u="depthwise")


def intra_path(w, d, half, plane):
    """Eq. 2 and 3, or their layers over the frame: `d` is [N, T, c, H, W]."""
    order = {"HT": (0, 4, 2, 3, 1), "TW": (0, 3, 2, 1, 4), "HW": (0, 1, 2, 3, 4)}[plane]
    permuted = d.permute(order)
    flat = permuted.flatten(0, 1)
    out = (w / "conv3x3").conv(flat, d.shape[2], (3, 3)) + flat
    out = (w / "conv1x1").conv(out, half, (1, 1), bias=True)
    out = out.unflatten(0, permuted.shape[:2])
    back = [order.index(axis) for axis in range(5)]
    return out.permute(back)


def intra_sim(w, x, frames, config, watch=lambda attention: attention):
    """Eq. 1 to 6: `x` is [N * T, C, H, W]."""
    c = {**INTRA, **config}
    half = x.shape[1] // 2
    i1, i2 = x[:, :half], x[:, half:]
    squeezed = max(half // c["reduction"], 1)
    f = (w / "squeeze").conv(i2, squeezed, (1, 1))
    if c["extra_norm"]:
        f = (w / "squeeze_norm").norm(f)
    f = f.unflatten(0, (-1, frames))
    x2 = i2.unflatten(0, (-1, frames))

    def difference(path, backward):
        d = torch.zeros_like(f)
        (path / "conv").get("weight", squeezed, 1, 3, 3)  # even if there is one frame alone
        for t in range(frames - 1):
            this, other = (t + 1, t) if backward else (t, t + 1)
            conv = (path / "conv").conv(f[:, other], squeezed, (3, 3), groups=squeezed)
            d[:, this] = f[:, this] - conv
        return d

    directions = [(w / "forward_path", difference(w / "forward_path", False))]
    if c["bidirectional"]:
        path = w / ("backward_path" if c["separate_directions"] else "forward_path")
        directions.append((path, difference(path, True)))
    attention = 1
    for index, plane in enumerate(("HT", "TW") if c["coordinate_attention"] else ("HW",)):
        paths = [intra_path(p / f"attention.{index}", d, half, plane) for p, d in directions]
        attention = attention * torch.sigmoid(sum(paths) / len(paths))
    attention = watch(attention)

    o2 = attention * x2 + x2
    if c["learned_kernel"]:
        pooled = x2.mean((3, 4)).transpose(1, 2).flatten(0, 1)
        hidden = (w / "kernel.phi1").linear(pooled, c["expansion"] * frames, bias=False)
        if c["extra_norm"]:
            hidden = (w / "kernel.norm").norm(hidden)
        size = c["kernel_size"]
        kernel = (w / "kernel.phi2").linear(hidden.relu(), size, bias=False).softmax(1)
        groups = len(kernel)
        n, _, _, height, width = o2.shape
        o2 = o2.transpose(1, 2).reshape(1, groups, frames, height * width)
        o2 = F.conv2d(o2, kernel.view(groups, 1, size, 1), padding=(size // 2, 0), groups=groups)
        o2 = o2.view(n, half, frames, height, width).transpose(1, 2)
    return torch.cat([i1, o2.flatten(0, 1)], 1), attention


def inter_sim(w, x, snippets, frames, config, watch=lambda attention: attention):
    """Eq. 7 to 11: `x` is [N * U * T, C, H, W]."""
    c = {**INTER, **config}
    channels = x.shape[1]
    squeezed = max(channels // c["reduction"], 1)
    clips = x.unflatten(0, (-1, snippets, frames))
    pooled = clips.mean((4, 5)).permute(0, 3, 1, 2)

    one = w / "interaction"
    f1 = (one / "norm").norm((one / "conv3x1").conv(pooled, squeezed, (3, 1)))
    f1 = torch.sigmoid((one / "conv1x1").conv(f1, channels, (1, 1), bias=True))

    two = w / "motion"
    f_hat = (two / "squeeze").conv(pooled, squeezed, (1, 1))
    conv = (two / "conv1x3").conv(f_hat, squeezed, (1, 3), groups=squeezed)
    to_next, to_previous = torch.zeros_like(f_hat), torch.zeros_like(f_hat)
    for u in range(snippets - 1):
        to_next[:, :, u] = f_hat[:, :, u] - conv[:, :, u + 1]
        to_previous[:, :, u + 1] = f_hat[:, :, u + 1] - conv[:, :, u]
    f2 = (two / "conv1x1").conv(to_next + to_previous, channels, (1, 1), bias=True)
    attention = watch(f1 * torch.sigmoid(f2))

    out = attention.permute(0, 2, 3, 1)[..., None, None] * clips + clips
    # [N * T, C, U, H * W]
    n, _, _, _, height, width = clips.shape
    out = out.permute(0, 2, 3, 1, 4, 5).reshape(n * frames, channels, snippets, height * width)
    groups = channels if c["conv_u"] == "depthwise" else 1
    out = (w / "conv_u").conv(out, channels, (3, 1), groups=groups)
    out = out.view(n, frames, channels, snippets, height, width).permute(0, 3, 1, 2, 4, 5)
    return out.flatten(0, 2), attention


def model(w, clips, width, layout, intra, inter):
    """`layout`: for each block of each stage a for Intra-SIM, e for Inter-SIM, - for neither."""
    batch, snippets, frames = clips.shape[:3]
    maps, attentions = clips.flatten(0, 2), []

    def watch(attention):
        attentions.append(attention.requires_grad_() if attention.is_leaf else attention)
        return attentions[-1]

    net = w / "backbone"
    maps = (net / "bn1").norm((net / "conv1").conv(maps, width, (7, 7), 2)).relu()
    maps = F.max_pool2d(maps, 3, 2, 1)
    for stage, blocks in enumerate(layout):
        inner = width << stage
        for index, kind in enumerate(blocks):
            block = net / f"layer{stage + 1}.{index}"
            stride = 2 if stage > 0 and index == 0 else 1
            skip = maps
            if index == 0:
                skip = (block / "downsample.0").conv(maps, 4 * inner, (1, 1), stride)
                skip = (block / "downsample.1").norm(skip)
            out = (block / "bn1").norm((block / "conv1").conv(maps, inner, (1, 1))).relu()
            place = "".join(layout[:stage]) + blocks[:index]
            if kind == "a":
                sim = w / f"intra.{place.count('a')}"
                out, _ = intra_sim(sim, out, frames, intra, watch)
            elif kind == "e":
                sim = w / f"inter.{place.count('e')}"
                out, _ = inter_sim(sim, out, snippets, frames, inter, watch)
            out = (block / "bn2").norm((block / "conv2").conv(out, inner, (3, 3), stride)).relu()
            out = (block / "bn3").norm((block / "conv3").conv(out, 4 * inner, (1, 1)))
            maps = (out + skip).relu()
    pooled = maps.mean((2, 3)).view(batch, snippets * frames, -1)
    class_logits = (w / "fc").linear(pooled.mean(1), 2)
    frame_logits = (w / "fc").linear(pooled, 2).view(batch, snippets, frames, 2)
    return maps, attentions, class_logits, frame_logits


def attention_maps(attentions, gradients, batch):
    """The channels' mean, and Grad-CAM, of every attention."""
    means, cams = [], []
    for attention, gradient in zip(attentions, gradients):
        axis, plane = (2, (3, 4)) if attention.dim() == 5 else (1, (2, 3))
        weights = gradient.mean(plane, keepdim=True)
        for maps, map in (means, attention.mean(axis)), (cams, (weights * attention).sum(axis).relu()):
            maps.append(map.unflatten(0, (batch, -1)) if axis == 2 else map)
    return means, cams


def whole(clips, width, layout, intra, inter):
    weights = Weights()
    maps, attentions, class_logits, frame_logits = model(
        weights, clips.requires_grad_(), width, layout, intra, inter
    )
    labels = torch.arange(len(clips)) % 2
    odds = (class_logits[:, 1] - class_logits[:, 0]).sum()
    *gradients, last = torch.autograd.grad(odds, [*attentions, maps])
    means, cams = attention_maps(attentions, gradients, len(clips))
    # Grad-CAM of the last maps, up to the factor that averaging divides the gradient by.
    area = maps.shape[2] * maps.shape[3] * clips.shape[1] * clips.shape[2]
    activation = (area * last.mean((2, 3), keepdim=True) * maps).sum(1).relu()
    probability = torch.softmax(class_logits, 1)[:, 1]
    return {
        "layout": layout,
        "width": width,
        "clips": list(clips.shape),
        "parameters": weights.shapes,
        "class_logits": sample(class_logits),
        "frame_logits": sample(frame_logits),
        "class_activation": sample(activation.unflatten(0, clips.shape[:3])),
        "means": [sample(mean) for mean in means],
        "grad_cams": [sample(cam) for cam in cams],
        "loss": F.binary_cross_entropy(probability, labels.float()).item(),
    }


class TrainedWeights(Weights):
    """Weights that learn: normalisation by the batch's own statistics, kept running as it does."""

    def __init__(self, prefix="", shapes=None, values=None):
        super().__init__(prefix, shapes)
        self.values = {} if values is None else values

    def __truediv__(self, name):
        return TrainedWeights(f"{self.prefix}{name}.", self.shapes, self.values)

    def get(self, name, *shape):
        full = self.prefix + name
        if full not in self.values:
            self.values[full] = super().get(name, *shape).double()
            self.values[full].requires_grad_("running" not in name)
        return self.values[full]

    def norm(self, x):
        names = ("running_mean", "running_var", "weight", "bias")
        values = (self.get(name, x.shape[1]) for name in names)
        return F.batch_norm(x, *values, training=True, momentum=0.1, eps=1e-5)


def product(name, values):
    """One number of a tensor that each of its values takes part in."""
    draw = torch.from_numpy(2 * formula.uniform(f"{name}.product", values.numel()) - 1)
    return (values.detach().double().flatten() * draw).sum().item()


def training(clips, width, layout, intra, inter):
    """A step of training: the loss, all gradients, the running statistics after it. In double precision:
    in single, gradients come out up to 2 % apart by the order of sums alone."""
    weights = TrainedWeights()
    _, _, class_logits, _ = model(weights, clips.double(), width, layout, intra, inter)
    probability = torch.softmax(class_logits, 1)[:, 1]
    loss = F.binary_cross_entropy(probability, (torch.arange(len(clips)) % 2).double())
    loss.backward()
    learnt = {name: value.grad for name, value in weights.values.items() if value.grad is not None}
    running = {name: value for name, value in weights.values.items() if "running" in name}
    return {
        "width": width,
        "clips": list(clips.shape),
        "parameters": weights.shapes,
        "loss": loss.item(),
        "gradients": {name: product(name, value) for name, value in learnt.items()},
        "running": {name: product(name, value) for name, value in running.items()},
    }


def sample(x):
    return formula.sample(x.detach(), 120)


def module(function, x, *args, config):
    weights = Weights()
    output, attention = function(weights, x, *args, config)
    return {
        "config": config,
        "parameters": weights.shapes,
        "output": sample(output),
        "attention": sample(attention),
    }


def write(name, golden):
    (HERE / f"{name}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    cases = []
    for frames, config in [
        (4, {"reduction": 2}),
        (4, {"reduction": 2, "bidirectional": False}),
        (4, {"reduction": 2, "coordinate_attention": False}),
        (4, {"reduction": 2, "learned_kernel": False}),
        (4, {"reduction": 2, "separate_directions": True}),
        (4, {"reduction": 4, "extra_norm": True}),
        (4, {"reduction": 2, "kernel_size": 5, "expansion": 3}),
        (3, {}),
        (1, {"reduction": 2}),
    ]:
        x = tensor("intra", 6 * frames, 16, 7, 5)
        case = module(intra_sim, x, frames, config=config)
        cases.append({"frames": frames, **case})
    write("intra", cases)

    cases = []
    for snippets, frames, config in [
        (5, 4, {"reduction": 2}),
        (5, 4, {"reduction": 2, "conv_u": "full"}),
        (2, 3, {}),
        (1, 4, {"reduction": 2}),
        (4, 1, {"reduction": 2, "conv_u": "full"}),
    ]:
        x = tensor("inter", 2 * snippets * frames, 12, 7, 5)
        case = module(inter_sim, x, snippets, frames, config=config)
        cases.append({"snippets": snippets, "frames": frames, **case})
    write("inter", cases)

    clips = tensor("clips", 2, 3, 4, 3, 48, 64)
    shallow = whole(clips, 8, ["a", "ea", "e", "a"], {"reduction": 2}, {"reduction": 2})
    write("shallow", shallow)
    clips = tensor("clips", 1, 2, 4, 3, 64, 64)
    resnet50 = whole(clips, 4, ["aea", "aeae", "aeaeae", "aea"], {}, {})
    write("resnet50", resnet50)
    # Other clips: with those above a number lies so near a ReLU's zero that rounding decides its sign.
    clips = tensor("clips in training", 2, 3, 4, 3, 48, 64)
    write("training", training(clips, 8, ["a", "ea", "e", "a"], {"reduction": 2}, {"reduction": 2}))
