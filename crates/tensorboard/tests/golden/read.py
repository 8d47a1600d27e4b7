"""Reads a folder of event files with the package `tensorboard` and prints what is in it.

    venv/bin/python read.py FOLDER
"""
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

events = EventAccumulator(sys.argv[1], size_guidance=dict(scalars=0, tensors=0, images=0)).Reload()
tags = events.Tags()
for tag in tags["scalars"]:
    points = [(event.step, round(event.value, 6)) for event in events.Scalars(tag)]
    print(f"scalar {tag}: {len(points)} points, first {points[0]}, last {points[-1]}")
for tag in tags["tensors"]:
    plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
    for event in events.Tensors(tag):
        array = tensor_util.make_ndarray(event.tensor_proto)
        print(f"{plugin} {tag}: step {event.step}, {array.dtype} {array.shape}, {str(array.tolist())[:120]}")
for tag in tags["images"]:
    for event in events.Images(tag):
        print(f"image {tag}: step {event.step}, {event.width} x {event.height}")
