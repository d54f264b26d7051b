"""The tensors of an ONNX file: whole, of a size that fits, and in the file itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path, PureWindowsPath
from types import MappingProxyType

from onnx import TensorProto

from edge.detect.onnx_wire import AGAIN
from edge.errors import ModelError

MOST_NUMBERS = 1 << 28  # in a tensor, 1 GiB of float32: 32 pictures in YOLOX-X's widest layer
MOST_AXES = 16  # windowed attention has seven
MOST_LETTERS = 80  # of a name in an error

EXPORT = "export it again"
SMALLER = f"{EXPORT} for smaller pictures or batches"


_IN_INTS = "int32_data"
_STORED: Mapping[int, tuple[int, str]] = MappingProxyType(
    {  # the bits of a number, and the field for those not in raw_data
        TensorProto.FLOAT: (32, "float_data"),
        TensorProto.DOUBLE: (64, "double_data"),
        TensorProto.INT64: (64, "int64_data"),
        TensorProto.UINT64: (64, "uint64_data"),
        TensorProto.UINT32: (32, "uint64_data"),
        TensorProto.INT32: (32, _IN_INTS),
        TensorProto.INT16: (16, _IN_INTS),
        TensorProto.UINT16: (16, _IN_INTS),
        TensorProto.FLOAT16: (16, _IN_INTS),
        TensorProto.BFLOAT16: (16, _IN_INTS),
        TensorProto.INT8: (8, _IN_INTS),
        TensorProto.UINT8: (8, _IN_INTS),
        TensorProto.BOOL: (8, _IN_INTS),
        TensorProto.FLOAT8E4M3FN: (8, _IN_INTS),
        TensorProto.FLOAT8E4M3FNUZ: (8, _IN_INTS),
        TensorProto.FLOAT8E5M2: (8, _IN_INTS),
        TensorProto.FLOAT8E5M2FNUZ: (8, _IN_INTS),
        TensorProto.INT4: (4, _IN_INTS),
        TensorProto.UINT4: (4, _IN_INTS),
    }
)
NUMBER_FIELDS = (
    "raw_data", "float_data", "double_data", "int64_data", "uint64_data", _IN_INTS, "string_data",
)  # fmt: skip


def check_tensor(tensor: TensorProto, named: str, folder: Path) -> None:
    """Raise ModelError where a tensor's numbers aren't all in the file, as many as it says.

    `folder` is where the file lies: a tensor outside of it is called hostile.
    """
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise _elsewhere(tensor, named, folder)
    check_kind(tensor.data_type, named)
    check_sizes(tensor.dims, named)
    if not _is_whole(tensor):
        raise ModelError(
            f"has {named} that does not hold the {math.prod(tensor.dims)} numbers "
            f"it says, {in_words(tensor.dims)}",
            AGAIN,
        )


def check_kind(kind: int, named: str) -> None:
    """Raise ModelError where the number type is none of a detector's."""
    if kind == TensorProto.STRING:
        raise ModelError(f"has {named} of text", f"{EXPORT} as a detector, which needs no text")
    if kind not in _STORED:
        raise ModelError(f"has {named} of number type {kind}, which is not supported", EXPORT)


def check_sizes(sizes: Sequence[int | None], named: str) -> None:
    """Raise ModelError where a tensor of these sizes can't be or is huge; one unknown is 1."""
    if len(sizes) > MOST_AXES:
        raise ModelError(f"has {named} with {len(sizes)} axes, more than {MOST_AXES}", EXPORT)
    known = [size for size in sizes if size is not None]
    if min(known, default=0) < 0:
        raise ModelError(
            f"has {named} with a negative size, {in_words(sizes)}",
            f"{EXPORT} with fixed or named sizes",
        )
    if math.prod(known) > MOST_NUMBERS:
        raise ModelError(
            f"has {named} of {in_words(sizes)}, more than {MOST_NUMBERS} numbers",
            SMALLER,
        )


def in_words(sizes: Sequence[float | None]) -> str:
    """Sizes as `1x3x?x416`."""
    return "x".join("?" if size is None else str(size) for size in sizes)


def quoted(name: str | bytes, most: int = MOST_LETTERS) -> str:
    """A name out of a file, made safe and short enough for an error."""
    text = plain(name)
    return repr(text if len(text) <= most else f"{text[:most]}...")


def plain(name: str | bytes) -> str:
    """A name out of a file as text: the parser gives bytes where it is no UTF-8."""
    return name.decode(errors="replace") if isinstance(name, bytes) else name


def _is_whole(tensor: TensorProto) -> bool:
    """Whether the numbers are all there, in one place."""
    count, (bits, field) = math.prod(tensor.dims), _STORED[tensor.data_type]
    packed = math.ceil(count * bits / 8)
    stored = {name: len(getattr(tensor, name)) for name in NUMBER_FIELDS}
    filled = {name: length for name, length in stored.items() if length}
    if not count:
        return not filled
    return filled in (
        {"raw_data": packed},
        {field: count if bits >= 8 else packed},  # noqa: PLR2004 - of a byte
    )


def _elsewhere(tensor: TensorProto, named: str, folder: Path) -> ModelError:
    found = {plain(entry.key): plain(entry.value) for entry in tensor.external_data}
    location = found.get("location", "")
    if _is_outside(location, folder):
        return ModelError(
            f"is hostile: it reads {named} from {quoted(location)}, outside of its folder",
            "don't use it, and ask where it comes from",
        )
    return ModelError(
        f"has {named} in another file, {quoted(location)}",
        "put it all into one file: onnx.save(onnx.load(FILE), NEW_FILE)",
    )


def _is_outside(location: str, folder: Path) -> bool:
    """Whether a path, as Linux or Windows reads it, leads out of the folder."""
    parts = PureWindowsPath(location)  # takes / and \\ alike
    if parts.anchor or ".." in parts.parts or "\0" in location:
        return True
    try:
        return not (folder / location).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a name too long, a loop of links
        return True
