"""Reads damaged recordings and streams, one after the other, in a process that may crash.

    python -m tests.stream.damage FOLDER FIRST COUNT

FOLDER holds the sound ones. Each case is made of one or two of them by its number alone, so that
a case that crashes can be made again. Prints what came of all as JSON.
"""

import collections
import faulthandler
import json
import sys
from pathlib import Path

import numpy as np

from edge.errors import StreamError
from edge.stream import source_for
from edge.stream.dialects import Dialect
from edge.stream.live import LiveSource
from edge.stream.options import Options

HANG_S = 20
MOST_PICTURES = 200  # of a clip of 20: damage may not multiply them


def flip(random, data, _other):
    """A few bits, anywhere or in the header."""
    reach = len(data) if random.random() < 0.7 else min(400, len(data))
    for place in random.integers(0, reach, random.integers(1, 30)):
        data[place] ^= 1 << random.integers(0, 8)
    return data


def cut(random, data, _other):
    """The end, the beginning, or a piece in the middle is missing."""
    one, two = sorted(random.integers(0, len(data), 2))
    return [data[:one], data[one:], np.delete(data, slice(one, two))][random.integers(0, 3)]


def splice(random, data, other):
    """Goes on as another one, or has a piece of it in the middle."""
    at, start = random.integers(0, len(data)), random.integers(0, len(other))
    piece = other[start : start + random.integers(1, len(other))]
    rest = data[at + len(piece) :] if random.random() < 0.5 else data[:0]
    return np.concatenate((data[:at], piece, rest))


def scramble(random, data, _other):
    """A stretch of noise."""
    at, length = random.integers(0, len(data)), random.integers(1, 2000)
    part = data[at : at + length]
    data[at : at + length] = random.integers(0, 256, len(part))
    return data


WAYS = (flip, cut, splice, scramble)


def case(sound, number):
    """The damaged file's content and suffix."""
    random = np.random.default_rng(number)
    first, second = random.integers(0, len(sound), 2)
    data = WAYS[number % len(WAYS)](random, sound[first][1].copy(), sound[second][1])
    return data.tobytes(), sound[first][0]


def recording(path):
    return source_for("gate", str(path), realtime=False, start=0.0)


def stream(path):
    """The same bytes as if a camera sent them."""
    source = LiveSource("gate", str(path), Options(fps=1000, stall_s=1))
    source._dialect = Dialect("a file", read_s=1)
    return source


def read(source):
    """What comes of reading it: how it ended."""
    count = 0
    try:
        for frame in source.frames(0):
            assert frame.image.shape[2] == 3
            count += 1
            assert count <= MOST_PICTURES
    except StreamError:
        return "broken off" if count else "refused"
    return "read"


def main(folder, first, count):
    sound = [(p.suffix, np.fromfile(p, np.uint8)) for p in sorted(Path(folder).glob("sound*"))]
    outcomes = collections.Counter()
    for number in range(first, first + count):
        data, suffix = case(sound, number)
        path = Path(folder) / f"case{first}{suffix}"
        path.write_bytes(data)
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        try:
            outcomes[read(recording(path))] += 1
            outcomes[f"live {read(stream(path))}"] += 1
        except Exception as error:
            raise RuntimeError(f"case {number}") from error
    faulthandler.cancel_dump_traceback_later()
    print(json.dumps(outcomes))


if __name__ == "__main__":
    faulthandler.enable()
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
