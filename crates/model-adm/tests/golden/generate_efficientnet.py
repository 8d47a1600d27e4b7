"""Writes `efficientnet.json` beside it with EfficientNet-PyTorch: `python generate_efficientnet.py`.

A narrow and shallow EfficientNet-b3 (as narrow as the published skips allow) under the published structure, as the published code builds it:
every layer padded for an input of 300 pixels, and fed with 224. Made with torch 2.15.0 and
efficientnet-pytorch 0.7.1 on a CPU, whose padding is counted anew as in its versions before 0.7.
"""

from efficientnet_pytorch import EfficientNet
from generate import Module, parity
from torch import nn


def pad_uniformly(network, size):
    """Gives every strided or spatial convolution the padding for an input of `size` pixels."""
    for conv in network.modules():
        if isinstance(conv, nn.Conv2d):
            kernel, stride = conv.kernel_size[0], conv.stride[0]
            needed = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            before, after = needed // 2, needed - needed // 2
            conv.static_padding = nn.ZeroPad2d((before, after, before, after))
    return network


class Base(EfficientNet):
    def forward(self, x):
        return self.extract_features(x)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        base = Base.from_name(
            "efficientnet-b3", width_coefficient=0.3, depth_coefficient=0.1, num_classes=3
        )
        self.base_model = pad_uniformly(base, 300)
        c = self.base_model._fc.in_features
        self.adm = Module(c, 7, 4)
        self.fc = nn.Linear(c, 2)

    def forward(self, x):
        x = self.base_model(x)
        offsets, confidences, end = self.adm(x)
        return self.fc(x.mean((2, 3)) + end[:, :, 0, 0]), offsets, confidences


if __name__ == "__main__":
    parity("efficientnet", Network(), 224, 2, gain=1.3)
