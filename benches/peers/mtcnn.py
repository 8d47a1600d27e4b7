"""From videos to crops of faces: this workspace beside OpenCV and facenet-pytorch's MTCNN.

    pip install opencv-python-headless torch facenet-pytorch
    cargo build
    python benches/peers/mtcnn.py CLIPS [--xtask target/debug/xtask] [--frames 32] [--clips N]

CLIPS is a folder of H.264 MP4s. Both take the same number of frames, spread over each clip, find the
faces, and write the largest one's crops as PNG, on one thread; this workspace follows the face through
the frames, finds its 68 landmarks and keeps everything in a store, MTCNN gives boxes and five points.
Printed is CPU time, not time on the clock, so that other work on the machine counts little.
"""

import argparse
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from facenet_pytorch import MTCNN  # noqa: E402


def cpu_seconds(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def chosen(path, count):
    """The frames of a clip at `count` places from its first to its last."""
    capture = cv2.VideoCapture(str(path))
    total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    wanted = set(np.linspace(0, total - 1, count).round().astype(int).tolist())
    for index in range(total):
        if not capture.grab():
            break
        if index in wanted:
            ok, frame = capture.retrieve()
            if ok:
                yield index, frame
    capture.release()


def with_mtcnn(clips, frames, out):
    """CPU seconds, frames looked at, crops written."""
    detector = MTCNN(keep_all=True, device="cpu")
    begun = cpu_seconds(resource.RUSAGE_SELF)
    looked = crops = 0
    for clip in clips:
        for index, frame in chosen(clip, frames):
            looked += 1
            boxes, _, _ = detector.detect(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), landmarks=True)
            if boxes is None:
                continue
            left, top, right, bottom = max(boxes, key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))
            margin = 0.3 * max(right - left, bottom - top)
            height, width = frame.shape[:2]
            x0, y0 = int(max(left - margin, 0)), int(max(top - margin, 0))
            x1, y1 = int(min(right + margin, width)), int(min(bottom + margin, height))
            cv2.imwrite(str(out / f"{clip.stem}-{index}.png"), frame[y0:y1, x0:x1])
            crops += 1
    return cpu_seconds(resource.RUSAGE_SELF) - begun, looked, crops


def with_this_workspace(xtask, clips, frames, folder):
    """CPU seconds and what the program said last."""
    data = folder / "data"
    for kind in ("real", "fake"):
        (data / kind).mkdir(parents=True)
    for clip in clips:
        (data / "real" / clip.name).symlink_to(clip.resolve())
    command = [xtask, "prep", data, "--out", folder / "store", "--frames", frames, "--workers", 1]
    environment = os.environ | {"RAYON_NUM_THREADS": "1"}
    begun = cpu_seconds(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 2):
        raise SystemExit(done.stderr)
    return cpu_seconds(resource.RUSAGE_CHILDREN) - begun, done.stdout.splitlines()[0]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("clips", type=Path)
    arguments.add_argument("--xtask", type=Path, default=Path("target/debug/xtask"))
    arguments.add_argument("--frames", type=int, default=32)
    arguments.add_argument("--clips", dest="most", type=int, help="only the first N")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    clips = sorted(options.clips.glob("*.mp4"))[: options.most]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ours, said = with_this_workspace(options.xtask, clips, options.frames, folder)
        theirs, looked, crops = with_mtcnn(clips, options.frames, folder)
    print(f"{len(clips)} clips, {options.frames} frames of each; {time.strftime('%Y-%m-%d')}")
    print(f"this workspace:  {ours:8.1f} s of CPU, {1000 * ours / looked:6.0f} ms a frame; {said}")
    print(f"OpenCV + MTCNN:  {theirs:8.1f} s of CPU, {1000 * theirs / looked:6.0f} ms a frame; {crops} crops")
    print(f"ratio: {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
