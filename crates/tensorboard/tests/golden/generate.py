"""Writes events.out.tfevents with the messages and the record writer of the package `tensorboard`.

    python3 -m venv venv && venv/bin/pip install tensorboard && venv/bin/python generate.py
"""
import pathlib

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.plugins.hparams import plugin_data_pb2 as hparams_pb2
from tensorboard.plugins.pr_curve.plugin_data_pb2 import PrCurvePluginData
from tensorboard.summary.writer.record_writer import RecordWriter

out = pathlib.Path(__file__).with_name("events.out.tfevents")


def shape(*sizes):
    return TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in sizes])


def plugin(name, content=b"", says=""):
    data = summary_pb2.SummaryMetadata.PluginData(plugin_name=name, content=content)
    return summary_pb2.SummaryMetadata(plugin_data=data, summary_description=says)


def summary(**value):
    return summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)])


text = tensor_pb2.TensorProto(
    dtype=types_pb2.DT_STRING, tensor_shape=shape(1), string_val=["rate **0.001**".encode()]
)
# Labels 0 1 1 0, scores 0.2 0.4 0.9 0.6, thresholds 0, 0.5, 1, by hand.
rows = [
    [2, 1, 0],  # true positives
    [2, 1, 0],  # false positives
    [0, 1, 2],  # true negatives
    [0, 1, 2],  # false negatives
    [0.5, 0.5, 0],  # precision
    [1, 0.5, 0],  # recall
]
curve = tensor_pb2.TensorProto(
    dtype=types_pb2.DT_FLOAT, tensor_shape=shape(6, 3), float_val=[x for row in rows for x in row]
)
picture = summary_pb2.Summary.Image(
    height=2, width=3, colorspace=3, encoded_image_string=b"\x89PNG and so on"
)
over = "Rate of true positives over that of false positives: *step* is the latter, in thousandths."
roc = [(0, 0.0), (500, 0.5), (1000, 1.0)]
start = hparams_pb2.SessionStartInfo(start_time_secs=1e9)
start.hparams["rate"].number_value = 0.001
start.hparams["model"].string_value = "pcl"
start.hparams["flip"].bool_value = True
nothing = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(1), float_val=[0])
events = [
    dict(file_version="brain.Event:2"),
    dict(step=20, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
    dict(step=30, summary=summary(tag="training/loss", simple_value=0.693)),
    dict(step=0, summary=summary(tag="recipe", metadata=plugin("text"), tensor=text)),
    dict(step=30, summary=summary(tag="face", metadata=plugin("images", says="score 0.9"), image=picture)),
    dict(
        step=40,
        summary=summary(
            tag="test",
            metadata=plugin("pr_curves", PrCurvePluginData(num_thresholds=3).SerializeToString()),
            tensor=curve,
        ),
    ),
    *(
        dict(
            step=step,
            summary=summary(
                tag="roc",
                metadata=plugin("scalars", says=over),
                simple_value=rate,
            ),
        )
        for step, rate in roc
    ),
    dict(
        summary=summary(
            tag="_hparams_/session_start_info",
            metadata=plugin(
                "hparams",
                hparams_pb2.HParamsPluginData(session_start_info=start).SerializeToString(),
            ),
            tensor=nothing,
        ),
    ),
]
with out.open("wb") as file:
    writer = RecordWriter(file)
    for number, event in enumerate(events):
        writer.write(event_pb2.Event(wall_time=1e9 + number, **event).SerializeToString())
    writer.flush()
