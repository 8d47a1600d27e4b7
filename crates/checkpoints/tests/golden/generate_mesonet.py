"""Writes mesonet.json beside it with Keras: `KERAS_BACKEND=torch python generate_mesonet.py [H5 PICTURE ...]`.

MesoInception-4 built from its description, 256 pixels, channels last, with the names of the published files and
values by formula (../../../backbones/tests/golden/generate.py) in Keras's layout. With a published file and pictures,
prints what Keras says of these in place of that, and writes beside each what the network saw. Made with Keras 3.15.1 on torch 2.15.0 on a CPU.
"""

import importlib.util
import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
from keras import layers
from PIL import Image

HERE = pathlib.Path(__file__).parent
SIZE = 256


def formula():
    path = HERE.parents[2] / "backbones/tests/golden/generate.py"
    spec = importlib.util.spec_from_file_location("backbones_golden", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def network():
    count = iter(range(1, 17))
    conv = lambda x, filters, kernel, dilation=1: layers.Conv2D(
        filters, kernel, padding="same", activation="relu", dilation_rate=dilation, name=f"conv2d_{next(count)}"
    )(x)

    def inception(x, widths):
        branches = [conv(x, widths[0], 1)]
        for dilation, width in enumerate(widths[1:], 1):
            branches.append(conv(conv(x, width, 1), width, 3, dilation))
        return layers.Concatenate()(branches)

    def norm_pool(x, number, pool):
        x = layers.BatchNormalization(name=f"batch_normalization_{number}")(x)
        return layers.MaxPooling2D(pool, padding="same")(x)

    images = x = layers.Input((SIZE, SIZE, 3))
    x = norm_pool(inception(x, [1, 4, 4, 2]), 1, 2)
    x = norm_pool(inception(x, [2, 4, 4, 2]), 2, 2)
    x = norm_pool(conv(x, 16, 5), 3, 2)
    x = norm_pool(conv(x, 16, 5), 4, 4)
    x = layers.Dense(16, name="dense_1")(layers.Flatten()(x))
    x = layers.LeakyReLU(negative_slope=0.1)(x)
    return keras.Model(images, layers.Dense(1, activation="sigmoid", name="dense_2")(x))


def pictures(uniform):
    """Two pictures in 0..1, [2, SIZE, SIZE, 3]: 16 x 16 squares of one colour each."""
    colours = np.floor(uniform("pictures", 2 * 16 * 16 * 3) * 256).reshape(2, 16, 16, 3)
    place = np.arange(SIZE) * 16 // SIZE
    return colours[:, place][:, :, place] / 255


def value(name, shape, uniform):
    """Weights of variance 2 / fan-in; batch statistics and affine terms well away from 0 and 1."""
    u = uniform(name, int(np.prod(shape)))
    if len(shape) > 1:
        values = (2 * u - 1) * np.sqrt(6 / np.prod(shape[:-1]))
    elif name.endswith(("moving_variance", "gamma")):
        values = 0.5 + u
    else:
        values = (2 * u - 1) * 0.5
    return values.reshape(shape).astype(np.float32)


def main():
    model = network()
    if len(sys.argv) > 1:
        model.load_weights(sys.argv[1])
        for path in sys.argv[2:]:
            # As Keras's generator of pictures does, by default.
            picture = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.Resampling.NEAREST)
            picture.save(pathlib.Path(path).with_suffix(".png"))
            picture = np.asarray(picture, np.float32)[None] / 255
            print(path, float(model.predict(picture, verbose=0)[0, 0]))
        return
    uniform = formula().uniform
    parameters = {}
    for layer in model.layers:
        for weight in layer.weights:
            name = f"{layer.name}/{layer.name}/{weight.name}:0"
            parameters[name] = list(weight.shape)
            weight.assign(value(name.removesuffix(":0"), weight.shape, uniform))
    real = model.predict(pictures(uniform), verbose=0).flatten().tolist()
    print(real)
    golden = {"real": [float(f"{p:.9g}") for p in real], "parameters": parameters}
    (HERE / "mesonet.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
