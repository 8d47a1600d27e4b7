"""Writes the clips beside this file and `clips.json`: what FFmpeg decodes from them.

Needs ffmpeg with libx264 (made with FFmpeg 5.1.9 of Debian 12) and numpy.
"""

import hashlib
import json
import pathlib
import subprocess

import numpy as np

HERE = pathlib.Path(__file__).parent
PATTERN = "testsrc2=size={size}:rate=25:duration={seconds}"


def ffmpeg(*arguments):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-bitexact", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def encode(name, *options, size="160x112", seconds=1.2, crf=34, x264=""):
    source = ["-f", "lavfi", "-i", PATTERN.format(size=size, seconds=seconds)]
    if not any("pix_fmt" in option for option in options):
        options = ("-pix_fmt", "yuv420p", *options)
    ffmpeg(*source, "-c:v", "libx264", "-threads", "1", "-crf", str(crf),
           "-x264-params", "info=0:keyint=12:" + x264, *options, str(HERE / name))


# Index first, so that a part of the file can be read.
encode("bframes.mp4", "-movflags", "faststart", x264="bframes=3:b-pyramid=2:ref=4:weightp=2")
encode("cavlc_slices.mp4", x264="cabac=0:8x8dct=0:slices=3:bframes=2:direct=temporal")
encode("baseline.mp4", "-profile:v", "baseline")
encode("cropped.mp4", size="150x102", x264="bframes=2")
encode("open_group.mp4", x264="open-gop=1:bframes=3:b-pyramid=2:scenecut=0")
encode("one_group.mp4", x264="keyint=250:bframes=2")
encode("fragmented.mp4", "-movflags", "frag_keyframe+empty_moov")
encode("quicktime.mov", x264="bframes=2")
encode("variable_rate.mp4", "-vf", "setpts=(N+floor(N/5)*3+mod(N\\,3)/4)/(25*TB)",
       "-fps_mode", "vfr", "-video_track_timescale", "12800", x264="bframes=2")
encode("bt709_full.mp4", "-vf", "scale=out_color_matrix=bt709:out_range=full",
       "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
       "-color_range", "pc")
for degrees in (90, 180, 270):
    ffmpeg("-i", str(HERE / "bframes.mp4"), "-c", "copy", "-frames:v", "6",
           "-metadata:s:v", f"rotate={degrees}", str(HERE / f"rotated_{degrees}.mp4"))
# Copying from the middle of a group leaves frames that an edit list hides.
ffmpeg("-ss", "0.8", "-i", str(HERE / "bframes.mp4"), "-c", "copy", str(HERE / "edited.mp4"))

# Not to be decoded.
encode("ten_bits.mp4", "-pix_fmt", "yuv420p10le", seconds=0.2)
encode("interlaced.mp4", "-flags", "+ilme+ildct", x264="interlaced=1", seconds=0.2)
encode("lossless.mp4", crf=0, size="64x48", seconds=0.08)
ffmpeg("-f", "lavfi", "-i", PATTERN.format(size="64x48", seconds=0.2), "-c:v", "mpeg4",
       str(HERE / "mpeg4.mp4"))
ffmpeg("-f", "lavfi", "-i", "sine=duration=0.3", "-c:a", "aac", str(HERE / "sound.mp4"))

UNREADABLE = {"ten_bits.mp4", "interlaced.mp4", "lossless.mp4", "mpeg4.mp4", "sound.mp4"}


def probe(clip):
    fields = "stream=width,height:frame=best_effort_timestamp_time"
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", fields, "-of", "json",
         str(clip)], check=True, stdout=subprocess.PIPE).stdout
    out = json.loads(out)
    stream = out["streams"][0]
    times = [float(frame["best_effort_timestamp_time"]) for frame in out["frames"]]
    return stream["width"], stream["height"], [round(t - times[0], 6) for t in times]


def corners(clip, width, height):
    """Mean R, G, B of the 32x32 pixels at each corner of the first upright picture."""
    raw = ffmpeg("-i", str(clip), "-frames:v", "1", "-sws_flags", "accurate_rnd+full_chroma_int",
                 "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    picture = np.frombuffer(raw, np.uint8)
    turned = "rotated_90" in clip.name or "rotated_270" in clip.name
    picture = picture.reshape((width, height, 3) if turned else (height, width, 3))
    parts = picture[:32, :32], picture[:32, -32:], picture[-32:, :32], picture[-32:, -32:]
    return [[round(float(v), 2) for v in part.mean((0, 1))] for part in parts]


golden = {}
for clip in sorted([*HERE.glob("*.mp4"), *HERE.glob("*.mov")]):
    if clip.name in UNREADABLE:
        continue
    width, height, times = probe(clip)
    raw = ffmpeg("-noautorotate", "-i", str(clip), "-fps_mode", "passthrough", "-f", "rawvideo",
                 "-pix_fmt", "yuvj420p" if "full" in clip.name else "yuv420p", "-")
    frame_bytes = width * height * 3 // 2
    frames = [raw[i:i + frame_bytes] for i in range(0, len(raw), frame_bytes)]
    assert len(frames) == len(times), clip
    golden[clip.name] = {
        "decoded_size": [width, height],
        "times_seconds": times,
        "planes_sha256": [hashlib.sha256(frame).hexdigest()[:16] for frame in frames],
        "corners": corners(clip, width, height),
    }
(HERE / "clips.json").write_text(json.dumps(golden, indent=1) + "\n")
