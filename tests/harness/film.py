"""Looks at finished videos with ffprobe, and at the ffmpeg processes of a server."""
import array
import json
import pathlib
import re
import subprocess
from fractions import Fraction

import httpx


def download(url, to):
    """Without credentials: the link carries its authorisation."""
    with httpx.stream("GET", url) as answer:
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
        with open(to, "wb") as file:
            for piece in answer.iter_bytes():
                file.write(piece)
    return pathlib.Path(to)


class Film:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        done = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json",
                               str(path)], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        self.format = found["format"]
        self.video = next((one for one in found["streams"] if one["codec_type"] == "video"), None)
        self.audio = next((one for one in found["streams"] if one["codec_type"] == "audio"), None)
        self.duration = float(self.format.get("duration", 0))

    @property
    def size(self):
        return f"{self.video['width']}x{self.video['height']}"

    @property
    def fps(self):
        return Fraction(self.video["avg_frame_rate"])

    @property
    def frames(self):
        return int(self.video["nb_read_frames"])

    def pictures(self):
        """A hash of every decoded frame."""
        done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(self.path), "-map", "0:v", "-f", "framemd5", "-"],
                              capture_output=True, text=True, check=True)
        return [line.split(",")[-1].strip() for line in done.stdout.splitlines() if not line.startswith("#")]

    def is_playable_while_it_loads(self):
        """The index (moov) lies before the data (mdat)."""
        data = self.path.read_bytes()
        return 0 <= data.find(b"moov") < data.find(b"mdat")


def children(pid, name="ffmpeg"):
    """Process ids of the descendants of pid that run a program of that name."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        program, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
        parents[int(stat.parent.name)] = (int(rest[1]), program, rest[0])

    def descends(one):
        while one in parents:
            one = parents[one][0]
            if one == pid:
                return True
        return False

    return [one for one, (_, program, state) in parents.items()
            if program == name and state != "Z" and descends(one)]


def loudness_of(path):
    """(loudness of the whole in LUFS, true peak in dBTP) as ffmpeg measures them."""
    done = subprocess.run(["ffmpeg", "-hide_banner", "-nostdin", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null",
                           "-"], capture_output=True, text=True, check=True)
    summary = done.stderr[done.stderr.rindex("Summary:"):]
    return float(re.search(r"I: +(\S+) LUFS", summary)[1]), float(re.search(r"Peak: +(\S+) dBFS", summary)[1])


def heard(path, start, end):
    """The mean size (0..1) of the sound between two times."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-ss", str(start), "-to", str(end), "-ac", "1",
                           "-f", "f32le", "-"], capture_output=True, check=True)
    samples = array.array("f", done.stdout)
    return sum(map(abs, samples)) / len(samples)
