"""An ONNX file's bytes walked before they are parsed: two hostile bytes become two hundred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from onnx import ModelProto

from edge.errors import ModelError

LARGEST_PARSED = 1 << 28  # bytes beside the weights; 20 000 operators take about 100 MB
FIELD_BYTES = 200  # of memory: an empty attribute, the worst measured, takes 190
DEEPEST = 40  # messages inside one another; a graph inside a graph is three, parsers end at 100
AGAIN = "copy or download it again"

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types; ONNX uses no others
_AS_IS = {FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE}
_STRING = FieldDescriptor.CPPTYPE_STRING
_LAST = 128  # a number's last byte is smaller
_IR_VERSION = b"\x08"  # every exporter writes this field first

_Part = tuple[int, int, Descriptor]  # a message: where it begins and ends, and what it is


def measure(content: bytes) -> None:
    """Raise ModelError where the bytes are no ONNX file, cut short, or a bomb for the parser."""
    level: list[_Part] = [(0, len(content), cast("Descriptor", ModelProto.DESCRIPTOR))]
    left = LARGEST_PARSED
    for _ in range(DEEPEST):
        inner: list[_Part] = []
        for size, part in _fields(content, level):
            left -= size
            if left < 0:
                raise ModelError("has more parts than any network has", AGAIN)
            if part:
                inner.append(part)
        if not inner:
            return
        level = inner
    raise ModelError(
        f"has more than {DEEPEST} parts inside one another",
        "export it again without graphs inside graphs",
    )


def _fields(content: bytes, level: Iterable[_Part]) -> Iterator[tuple[int, _Part | None]]:
    """What each field of these messages takes in memory, and the message that it may be."""
    for first, end, kind in level:
        messages, packed = _known(kind)
        at = first
        while at < end:
            number, start, at = _field(content, at, end)
            if number in messages:
                yield FIELD_BYTES, (start, at, messages[number])
            elif number in packed:
                yield FIELD_BYTES + 8 * (at - start), None  # a byte becomes an int64
            else:
                yield FIELD_BYTES, None


@cache
def _known(kind: Descriptor) -> tuple[dict[int, Descriptor], set[int]]:
    """The fields of a message that are messages, and those that may be lists of integers."""
    fields = kind.fields_by_number.items()
    messages = {number: field.message_type for number, field in fields if field.message_type}
    as_is = {number for number, field in fields if field.cpp_type in {*_AS_IS, _STRING}}
    return messages, set(kind.fields_by_number) - as_is - set(messages)


def _field(content: bytes, at: int, end: int) -> tuple[int, int, int]:
    """A field's number, and where its bytes begin and end; the end is next."""
    key, at = _varint(content, at, end)
    start, wire = at, key & 7
    if wire == _BYTES:
        size, start = _varint(content, at, end)
        at = start + size
    elif wire == _VARINT:
        _, at = _varint(content, at, end)
        start = at
    elif wire in {_FIXED32, _FIXED64}:
        start = at = at + (4 if wire == _FIXED32 else 8)
    else:
        raise _broken(content)
    if at > end:
        raise _short(content, end, at - end)
    return key >> 3, start, at


def _varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of one to ten bytes, and where the next begins."""
    if at < end and content[at] < _LAST:  # nearly all
        return content[at], at + 1
    value = 0
    for shift in range(0, 70, 7):
        if at + shift // 7 >= end:
            raise _short(content, end, 1)
        byte = content[at + shift // 7]
        value |= (byte & 127) << shift
        if byte < _LAST:
            return value, at + shift // 7 + 1
    raise _broken(content)


def _short(content: bytes, end: int, missing: int) -> ModelError:
    """A part that ends behind its whole: the file was cut short where the whole is the file."""
    if end < len(content) or not content.startswith(_IR_VERSION):
        return _broken(content)
    return ModelError(f"is cut short: {missing} bytes or more are missing at its end", AGAIN)


def _broken(content: bytes) -> ModelError:
    if content.startswith(_IR_VERSION):
        return ModelError("is damaged: its parts don't fit into one another", AGAIN)
    return ModelError("is not an ONNX file", "bring the file that the exporter wrote")
