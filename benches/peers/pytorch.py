"""Times training steps and inference side by side: PyTorch's eager mode, ONNX Runtime, and ours.

    python benches/peers/pytorch.py [--threads 1 2] [--repeats 5] [--only NAME ...]

Needs torch, torchvision and timm (for the row of ONNX Runtime also onnx, onnxscript and onnxruntime), and `cargo build --workspace --example steps` (done by
`cargo xtask bench --against torch`, which calls this file). Both sides keep a network each in a process
of their own and step in turns, so that whatever else the machine does falls on both. Seconds are medians;
the ratio is ours / the peer's. PyTorch's networks are torchvision's, timm's, and those of the golden files.
"""

import argparse
import importlib.util
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Network, training batch, side of its pictures.
ROWS = [
    ("resnet34", 8, 224),
    ("xception", 4, 299),
    ("efficientnet_lite0", 16, 224),
    ("pcl", 8, 256),
    ("lisiam", 2, 299),
    ("adm", 8, 224),
    ("snippet", 1, 224),
]


def golden(crate):
    """The independent network beside a crate's golden files."""
    path = ROOT / "crates" / crate / "tests" / "golden" / "generate.py"
    spec = importlib.util.spec_from_file_location(crate, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def network(name):
    """A network and its training loss on a batch: (module, loss(module, images, labels))."""
    import torch
    import torchvision
    from torch import nn
    from torch.nn import functional as F

    def entropy(module, images, labels):
        return F.cross_entropy(module(images), labels)

    if name == "resnet34":
        return torchvision.models.resnet34(num_classes=2), entropy
    if name in ("xception", "efficientnet_lite0"):
        import timm

        name = {"xception": "legacy_xception"}.get(name, name)
        return timm.create_model(name, num_classes=2), entropy
    if name == "pcl":

        class Pcl(nn.Module):
            def __init__(self):
                super().__init__()
                net = torchvision.models.resnet34(num_classes=2)
                self.low = nn.Sequential(*list(net.children())[:7])
                self.high, self.fc = net.layer4, net.fc
                self.theta, self.phi = nn.Conv2d(256, 256, 1), nn.Conv2d(256, 256, 1)

            def forward(self, x):
                x = self.low(x)
                theta, phi = self.theta(x).flatten(2), self.phi(x).flatten(2)
                volume = torch.sigmoid(theta.transpose(1, 2) @ phi / 16)
                return self.fc(self.high(x).mean((2, 3))), volume

        def loss(module, images, labels):
            classes, volume = module(images)
            masks = (torch.rand(len(images), volume.shape[1]) > 0.5).float()
            targets = 1 - (masks[:, :, None] - masks[:, None]).abs()
            # Autocast refuses this one.
            with torch.autocast(images.device.type, enabled=False):
                consistency = F.binary_cross_entropy(volume.float(), targets)
            return F.cross_entropy(classes, labels) + 10 * consistency

        return Pcl(), loss
    if name == "lisiam":
        source = golden("model-lisiam")

        def loss(module, images, labels):
            masks = (torch.rand(len(images), 1, *images.shape[2:]) > 0.5).float()
            branches = [module(images), module(images)]
            total = (branches[0]["segmentation"] - branches[1]["segmentation"]).abs().mean()
            for branch in branches:
                total = total + F.cross_entropy(branch["classes"], labels)
                for logits in (branch["segmentation"], branch["auxiliary"]):
                    total = total + source.segmentation_cross_entropy(logits, masks)
            return total

        return source.Lisiam(source.Xception(1), source.PAPER), loss
    if name == "adm":
        source = golden("model-adm")

        class Module(source.Module):
            def forward(self, x):
                heads, offsets, confidences = self.multi_scale_detection_module, [], []
                for level, layer in enumerate(self.adm_extra_layers):
                    x = layer(x)
                    if level < len(heads.ms_dets):
                        for head, values, rows in (
                            (heads.ms_dets[level], 4, offsets),
                            (heads.ms_cls[level], 2, confidences),
                        ):
                            rows.append(head(x).permute(0, 2, 3, 1).reshape(len(x), -1, values))
                return torch.cat(offsets, 1), torch.cat(confidences, 1), x

        source.Module = Module

        def loss(module, images, labels):
            classes, offsets, confidences = module(images)
            anchors = torch.zeros(confidences.shape[:2], dtype=torch.long)
            found = F.cross_entropy(confidences.flatten(0, 1), anchors.flatten())
            places = F.smooth_l1_loss(offsets, torch.zeros_like(offsets))
            return F.cross_entropy(classes, labels) + 0.1 * (found + places)

        return source.Network([3, 4, 6, 3], width=64, stages=4, side=7, levels=4), loss
    source = golden("model-snippet")
    kept = {}

    class Weights(source.Weights):
        """Parameters that are drawn once and learn, and batch statistics while they do."""

        def __truediv__(self, name):
            return Weights(f"{self.prefix}{name}.", self.shapes)

        def get(self, name, *shape):
            name = self.prefix + name
            if name not in kept:
                scale = (3 / torch.Size(shape[1:]).numel()) ** 0.5
                value = scale * (2 * torch.rand(shape) - 1) if len(shape) > 1 else torch.ones(shape)
                kept[name] = nn.Parameter(value, requires_grad="running" not in name)
            return kept[name]

        def norm(self, x):
            names = ("running_mean", "running_var", "weight", "bias")
            statistics = [self.get(name, x.shape[1]) for name in names]
            return F.batch_norm(x, *statistics, training=torch.is_grad_enabled())

    class Snippet(nn.Module):
        def forward(self, clips):
            layout = ["aea", "aeae", "aeaeae", "aea"]
            return source.model(Weights(), clips, 64, layout, {}, {})[2]

        def parameters(self):
            return [value for value in kept.values() if value.requires_grad]

    return Snippet(), entropy


def session(module, images, threads):
    """The network in ONNX Runtime."""
    import onnxruntime
    import torch

    # Standard output is for seconds alone.
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file, redirect_stdout(sys.stderr):
        torch.onnx.export(module, (images,), file.name, external_data=False, verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        opened = onnxruntime.InferenceSession(file.name, options)
    name = opened.get_inputs()[0].name
    return lambda images: opened.run(None, {name: images.numpy()})


def peer(name, mode, batch, device="cpu", precision="f32"):
    """PyTorch's half: a step for every line on standard input, and in the end the MiB that it took."""
    import torch

    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    torch.set_default_device(device)
    kind = torch.device(device).type
    on_gpu = kind == "cuda"
    half = torch.autocast(kind, torch.bfloat16, enabled=precision == "bf16")
    batch, side = int(batch), next(side for row, _, side in ROWS if row == name)
    module, loss = network(name)
    module.to(device)
    shape = (batch, 4, 4, 3, side, side) if name == "snippet" else (batch, 3, side, side)
    images, labels = torch.randn(shape), torch.arange(batch) % 2
    if mode == "train":
        module.train()
        loss(module, images, labels)  # what is made at the first call
        adam = torch.optim.Adam(module.parameters(), 1e-4)
    else:
        module.eval()
        judge = session(module, images, threads) if mode == "onnxruntime" else module
    print("ready", flush=True)
    for _ in sys.stdin:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        wall, cpu = time.perf_counter(), usage.ru_utime + usage.ru_stime
        if mode == "train":
            adam.zero_grad()
            with half:
                total = loss(module, images, labels)
            total.backward()
            adam.step()
        else:
            with torch.no_grad(), half:
                judge(images)
        if on_gpu:
            torch.cuda.synchronize()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        print(time.perf_counter() - wall, usage.ru_utime + usage.ru_stime - cpu, flush=True)
    most = torch.cuda.max_memory_reserved() >> 20 if on_gpu else usage.ru_maxrss >> 10
    print("memory", most, flush=True)


class Side:
    """One of the two, in a process of its own."""

    def __init__(self, command, threads):
        limits = {name: str(threads) for name in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS")}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **limits}
        )
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"{' '.join(command)} did not begin")
        self.times = []

    def step(self, counts=True):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        wall, cpu = map(float, self.process.stdout.readline().split())
        if counts:
            self.times.append((wall, cpu))

    def medians(self):
        self.process.stdin.close()
        self.process.wait()
        return [statistics.median(values) for values in zip(*self.times)]


def compare(ours, name, mode, batch, threads, repeats):
    python = [sys.executable, __file__, "--peer", name, mode, str(batch)]
    our_mode = "train" if mode == "train" else "infer"
    sides = [Side(python, threads), Side([ours, name, our_mode, str(batch)], threads)]
    for number in range(repeats + 1):
        for each in sides:
            each.step(counts=number > 0)
    (peer_wall, peer_cpu), (our_wall, our_cpu) = (each.medians() for each in sides)
    print(
        f"| {name} | {mode} | {batch} | {threads} | {peer_wall:.3f} | {our_wall:.3f} "
        f"| {our_wall / peer_wall:.2f} | {peer_cpu:.2f} | {our_cpu:.2f} | {our_cpu / peer_cpu:.2f} |",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--ours", default=str(ROOT / "target/debug/examples/steps"))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=[name for name, _, _ in ROWS])
    parser.add_argument("--modes", nargs="+", default=["train", "infer", "onnxruntime"])
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(*arguments.peer)
    print("| network | work | batch | threads | peer, s | ours, s | ratio | peer, CPU s | ours, CPU s | ratio |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for threads in arguments.threads:
        for name, batch, _ in ROWS:
            if name not in arguments.only:
                continue
            works = [("train", batch), ("infer", 1), ("infer", 8)]
            works += [("onnxruntime", 1)] if name == "resnet34" else []
            for mode, batch in works:
                if mode in arguments.modes:
                    compare(arguments.ours, name, mode, batch, threads, arguments.repeats)


if __name__ == "__main__":
    main()
