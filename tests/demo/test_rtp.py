import itertools
import struct

import pytest

from edge.demo.rtp import (
    CLOCK_HZ,
    MTU,
    NTP_EPOCH,
    Clip,
    Sender,
    nal_units,
    payloads,
    read_clip,
    split,
)
from edge.errors import StreamError

SPS, PPS = b"\x67\x42\x00\x1e", b"\x68\xce"
KEY, FIRST, NEXT = b"\x65\x88key", b"\x41\x9afirst", b"\x41\x40next"  # first_mb_in_slice: 0, 0, 1
DELIMITER, SEI = b"\x09\xf0", b"\x06\x05sei"
START = b"\0\0\0\1"


def joined(parts):
    """What a receiver makes of the payloads of one NAL unit (RFC 6184 5.8)."""
    if len(parts) == 1:
        return parts[0]
    assert parts[0][1] & 0x80
    assert parts[-1][1] & 0x40
    assert not any(part[1] & 0xC0 for part in parts[1:-1])
    header = bytes((parts[0][0] & 0xE0 | parts[0][1] & 0x1F,))
    return header + b"".join(part[2:] for part in parts)


def test_nal_units_are_cut_at_both_kinds_of_start_codes():
    stream = START + SPS + b"\0\0\1" + PPS + START + KEY

    assert list(nal_units(stream)) == [SPS, PPS, KEY]


def test_pictures_are_split_with_and_without_delimiters():
    bare = [SPS, PPS, SEI, KEY, FIRST, NEXT, FIRST]
    marked = [DELIMITER, SPS, PPS, SEI, KEY, DELIMITER, FIRST, NEXT, DELIMITER, FIRST]

    assert list(split(bare)) == [[SPS, PPS, SEI, KEY], [FIRST, NEXT], [FIRST]]
    assert [len(picture) for picture in split(marked)] == [5, 3, 2]


@pytest.mark.parametrize("size", [2, MTU - 1, MTU, MTU + 1, 3 * MTU, 100_000])
def test_a_nal_unit_survives_its_packets(size):
    nal = b"\x65" + bytes(index % 251 for index in range(size - 1))

    parts = payloads(nal)

    assert max(map(len, parts)) <= MTU
    assert joined(parts) == nal


def sender(pictures=3, fps=10.0):
    return Sender(Clip(((b"a", b"b"),) * pictures, SPS, PPS, fps))


def headers(packets):
    return [struct.unpack(">BBHII", packet[:12]) for packet in packets]


def test_timestamps_go_on_through_the_loop():
    source = sender(pictures=3, fps=10)

    times = [headers(source.picture(number))[0][3] for number in range(7)]

    steps = {(b - a) % 2**32 for a, b in itertools.pairwise(times)}
    assert steps == {CLOCK_HZ // 10}


def test_sequence_numbers_have_no_gap_and_the_last_packet_is_marked():
    source = sender()

    found = headers([*source.picture(0), *source.picture(1)])

    assert [(b[2] - a[2]) % 2**16 for a, b in itertools.pairwise(found)] == [1, 1, 1]
    assert [head[1] >> 7 for head in found] == [0, 1, 0, 1]


def test_a_report_ties_a_picture_to_the_wall_clock():
    source = sender()
    rtp = headers(source.picture(2))[0][3]

    report = struct.unpack(">BBHIIIIII", source.report(2, 1_700_000_000.5))

    assert report[1] == 200
    assert report[4] - NTP_EPOCH == 1_700_000_000
    assert report[5] == 2**31
    assert report[6] == rtp
    assert report[7:] == (2, 2)  # packets and octets


def test_a_file_that_is_no_stream_is_told(tmp_path):
    (tmp_path / "clip.h264").write_bytes(b"no start code")

    with pytest.raises(StreamError, match=r"'clip\.h264' is no H\.264 elementary stream"):
        read_clip(tmp_path / "clip.h264", fps=10)
