"""Writes the small checkpoints beside it: `python generate_checkpoints.py`.

All hold a linear layer from 2 to 3, `weight` = 0 to 5 and `bias` = 6 to 8, as a training script
leaves it; the malicious ones ask for a call, the overrunning ones for more than was stored. Made
with torch 2.15.0.
"""

import collections
import os
import pathlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
LINEAR = {
    "weight": torch.arange(6, dtype=torch.float32).reshape(3, 2),
    "bias": torch.arange(6, 9, dtype=torch.float32),
}


class Malicious:
    """Unpickling it runs a command."""

    def __reduce__(self):
        return os.system, ("touch malicious-pickle-was-executed",)


class Overrun:
    """A tensor of 3 x 2 values over a storage of 4."""

    def __reduce__(self):
        storage = torch.zeros(4)._typed_storage()
        arguments = (storage, 0, (3, 2), (2, 1), False, collections.OrderedDict())
        return torch._utils._rebuild_tensor_v2, arguments


def save(name, content):
    torch.save(content, HERE / f"{name}.pth")
    torch.save(content, HERE / f"{name}_legacy.pth", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    checkpoint = {
        "network": LINEAR,
        "epoch": 3,
        "auc": np.float64(0.5),
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "optimizer": {"momentum": torch.zeros(3)},
    }
    save("checkpoint", checkpoint)
    save("malicious", LINEAR | {"helpers": {"loader": [Malicious()]}})
    save("malicious_root", Malicious())
    save("overrun", LINEAR | {"weight": Overrun()})
