"""Writes `c23_444.mp4`, `raw_rgb.mp4` and `raw_420.mp4` beside this file: a few frames of our own renderer,
coded as FaceForensics++ is published (H.264 High 4:4:4 Predictive; lossless RGB), and without loss in
4:2:0. `full_colour.json` beside them has what FFmpeg decodes: checksums of the lossless frames, which
are those that were rendered, and mean colours of 16 x 16 blocks of the others.

Needs cargo and ffmpeg with libx264 (made with FFmpeg 5.1.9 of Debian 12).
"""

import hashlib
import json
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
FRAMES, SIZE = 6, 96


def ffmpeg(*arguments):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-bitexact", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def decoded(clip):
    raw = ffmpeg("-i", str(clip), "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    size = SIZE * SIZE * 3
    return [raw[i:i + size] for i in range(0, len(raw), size)]


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        ["cargo", "run", "-q", "-p", "fixtures", "--example", "clip_frames", "--", folder, str(FRAMES),
         str(SIZE)], check=True, cwd=HERE)
    pictures = ["-framerate", "25", "-i", f"{folder}/%03d.png"]
    # FaceForensics++'s own options: compression.py of its repository.
    x264 = ["-x264-params", "info=0", "-threads", "1", "-movflags", "faststart"]
    ffmpeg(*pictures, "-c:v", "libx264rgb", "-crf", "0", *x264, str(HERE / "raw_rgb.mp4"))
    ffmpeg(*pictures, "-c:v", "libx264", "-pix_fmt", "yuv444p", "-crf", "23", *x264,
           str(HERE / "c23_444.mp4"))
    ffmpeg(*pictures, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "0", *x264,
           str(HERE / "raw_420.mp4"))
    rendered = [ffmpeg("-i", f"{folder}/{i:03}.png", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
                for i in range(FRAMES)]

assert decoded(HERE / "raw_rgb.mp4") == rendered


def block(frame, left, top, channel):
    rows = [frame[3 * (SIZE * y + left) + channel:][:48:3] for y in range(top, top + 16)]
    return round(sum(map(sum, rows)) / 256, 2)


def blocks(clip):
    """Of each frame, block by block in rows, the means of red, green and blue."""
    places = [(left, top, channel) for top in range(0, SIZE, 16) for left in range(0, SIZE, 16)
              for channel in range(3)]
    return [[block(frame, *place) for place in places] for frame in decoded(clip)]


golden = {
    "frames": FRAMES,
    "size": SIZE,
    "raw_rgb_sha256": [hashlib.sha256(frame).hexdigest() for frame in rendered],
    "c23_444_blocks": blocks(HERE / "c23_444.mp4"),
    "raw_420_blocks": blocks(HERE / "raw_420.mp4"),
}
(HERE / "full_colour.json").write_text(json.dumps(golden) + "\n")
