"""Reads WebVTT as its specification wants it written (https://www.w3.org/TR/webvtt1/), and SubRip; whatever is not
right is told with its line. As a program: python3 tests/harness/captions.py FILE.vtt|FILE.srt ..."""
import re
import sys
from dataclasses import dataclass

TIME = r"((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})"
TIMING = re.compile(rf"{TIME}[ \t]+-->[ \t]+{TIME}((?:[ \t]+(?:vertical|line|position|size|align|region):\S+)*)[ \t]*")
ESCAPE = re.compile(r"&(?:amp|lt|gt|lrm|rlm|nbsp|#\d+|#[xX][0-9a-fA-F]+);")
TAG = re.compile(rf"</?(?:c|i|b|u|ruby|rt|v|lang)(?:\.[^\s<>&.]+)*(?:[ \t][^<>&]*)?>|<{TIME}>")
MEANT = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&lrm;": "\u200e", "&rlm;": "\u200f", "&nbsp;": "\xa0"}
SRT_TIMING = re.compile(r"(\d\d:[0-5]\d:[0-5]\d),(\d{3}) --> (\d\d:[0-5]\d:[0-5]\d),(\d{3})")


@dataclass
class Cue:
    start: float  # seconds
    end: float
    rows: list  # as they are read, escapes undone


class Wrong(Exception):
    def __init__(self, line, what):
        super().__init__(f"line {line}: {what}")


def seconds(time):
    parts = [float(part) for part in time.split(":")]
    return sum(part * 60 ** i for i, part in enumerate(reversed(parts)))


def blocks(text, first):
    """Runs of lines without an empty one: (number of the first line, lines)."""
    block = []
    for number, line in enumerate(text.split("\n")[first - 1:] + [""], first):
        if line:
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def read_row(number, row):
    if "-->" in row:
        raise Wrong(number, "an arrow in a text")
    bare = TAG.sub("", row)
    if "<" in bare:
        raise Wrong(number, f"no tag: {row}")
    if "&" in ESCAPE.sub("", bare):
        raise Wrong(number, f"no escape: {row}")
    return ESCAPE.sub(lambda found: MEANT.get(found[0], found[0]), bare)


def read_cue(number, block):
    if "-->" not in block[0]:  # an identifier
        number, block = number + 1, block[1:]
    timing = TIMING.fullmatch(block[0]) if block else None
    if not timing:
        raise Wrong(number, f"no timing: {block[:1]}")
    if len(block) == 1:
        raise Wrong(number, "a cue without text")
    return Cue(seconds(timing[1]), seconds(timing[2]), [read_row(number + 1 + i, row) for i, row in enumerate(block[1:])])


def in_order(cues):
    for i, (number, cue) in enumerate(cues):
        if cue.start >= cue.end:
            raise Wrong(number, "ends before it begins")
        if i > 0 and cue.start < cues[i - 1][1].start:
            raise Wrong(number, "begins before the one before it")
    return [cue for _, cue in cues]


def read_vtt(data):
    """The cues of a WebVTT file, given as bytes."""
    text = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise Wrong(1, "a NUL")
    if not re.match(r"WEBVTT(?:[ \t][^\n]*)?\n", text):
        raise Wrong(1, "no signature")
    if not re.match(r"WEBVTT[^\n]*\n\n", text):
        raise Wrong(2, "no empty line after the signature")
    return in_order([(number, read_cue(number, block)) for number, block in blocks(text, 3)
                     if not re.match(r"(NOTE|STYLE|REGION)(?:[ \t]|$)", block[0])])


def read_srt(data):
    """The cues of a SubRip file, given as bytes; what players read differently counts as wrong."""
    cues = []
    for number, block in blocks(data.decode("utf-8"), 1):
        timing = SRT_TIMING.fullmatch(block[1]) if len(block) > 2 else None
        if block[0] != str(len(cues) + 1) or not timing:
            raise Wrong(number, f"no cue: {block[:2]}")
        cues.append((number, Cue(seconds(f"{timing[1]}.{timing[2]}"), seconds(f"{timing[3]}.{timing[4]}"), block[2:])))
    return in_order(cues)


def main(paths):
    for path in paths:
        with open(path, "rb") as file:
            cues = (read_srt if path.endswith(".srt") else read_vtt)(file.read())
        longest = max((len(row) for cue in cues for row in cue.rows), default=0)
        print(f"{path}: valid, {len(cues)} cues, the longest row has {longest} letters")


if __name__ == "__main__":
    main(sys.argv[1:])
