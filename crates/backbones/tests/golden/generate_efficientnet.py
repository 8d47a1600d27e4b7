"""Writes EfficientNet's golden files beside it with EfficientNet-PyTorch and timm:
`python generate_efficientnet.py`.

Made with torch 2.15.0, efficientnet-pytorch 0.7.1 and timm 1.0.31 on a CPU.
"""

import timm
import torch
from efficientnet_pytorch import EfficientNet
from generate import CLASSES, fill, images, sample, shapes, write

# Stages whose ends are compared; those before a stride, and the last.
STAGES = (1, 2, 3, 5, 7)


def record(name, model, seen):
    write(name, {"parameters": shapes(model), "samples": {k: sample(v) for k, v in seen.items()}})


@torch.no_grad()
def efficientnet_pytorch(name, variant, size, image_size):
    model = EfficientNet.from_name(variant, num_classes=CLASSES, image_size=image_size)
    model = fill(model)
    ends = list(model.extract_endpoints(images(*size)).values())
    seen = {f"stage{stage}": end for stage, end in zip(STAGES, ends)}
    seen["head"] = ends[-1]
    seen["features"] = ends[-1].mean((2, 3))
    seen["logits"] = model(images(*size))
    record(name, model, seen)


@torch.no_grad()
def in_timm(name, variant, size):
    model = fill(timm.create_model(variant, num_classes=CLASSES))
    taps = {f"stage{stage}": model.blocks[stage - 1] for stage in STAGES}
    taps |= {"head": model.bn2, "features": model.global_pool, "logits": model.classifier}
    seen = {}
    for tap, module in taps.items():
        hook = lambda _m, _i, out, tap=tap: seen.update({tap: out.clone()})
        module.register_forward_hook(hook)
    model(images(*size))
    record(name, model, seen)


if __name__ == "__main__":
    efficientnet_pytorch("efficientnet_b3", "efficientnet-b3", (67, 90), None)
    # Padded for 300 pixels, and fed with others.
    efficientnet_pytorch("efficientnet_b3_static", "efficientnet-b3", (56, 64), 300)
    in_timm("efficientnet_b4", "tf_efficientnet_b4", (64, 53))
    in_timm("efficientnet_b0_symmetric", "efficientnet_b0", (56, 71))
    in_timm("efficientnet_lite0", "tf_efficientnet_lite0", (75, 64))
