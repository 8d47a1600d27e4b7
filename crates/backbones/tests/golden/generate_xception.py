"""Writes Xception's golden files beside it with timm's `legacy_xception`:
`python generate_xception.py`.

Made with torch 2.15.0 and timm 1.0.31 on a CPU.
"""

import timm
import torch
from generate import CLASSES, fill, images, sample, shapes, write


def without_last_strides(model):
    """Output stride 8: `block3` and `block12` neither pool nor stride."""
    for block in (model.block3, model.block12):
        block.rep = block.rep[:-1]
        block.skip.stride = (1, 1)
    return model


@torch.no_grad()
def parity(name, size, change=lambda model: model):
    model = fill(change(timm.create_model("legacy_xception", num_classes=CLASSES)))
    # The tests' names of the feature maps, in their order; a ReLU may write into its input.
    taps = {"act2": "stem"} | {f"block{i}": f"block{i}" for i in (1, 2, 3, 4, 11, 12)}
    taps |= {"act4": "tail", "global_pool": "features", "fc": "logits"}
    seen = {}
    for module, tap in taps.items():
        hook = lambda _m, _i, out, tap=tap: seen.update({tap: out.clone()})
        getattr(model, module).register_forward_hook(hook)
    model(images(*size))
    write(name, {"parameters": shapes(model), "samples": {k: sample(v) for k, v in seen.items()}})


if __name__ == "__main__":
    parity("xception", (64, 75))
    parity("xception_os8", (53, 64), without_last_strides)
