"""What a loaded network offers, whatever runs it, and how its input is made from pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.types import Image

Shape = tuple[int | None, ...]  # None: any
FLOAT = "float"
Values = tuple[float, float, float]  # one per channel


class Node(NamedTuple):
    """One input or output of a network."""

    shape: Shape
    kind: str = FLOAT  # the number type, as ONNX names it in small letters


@dataclass(frozen=True, slots=True)
class Input:
    """How a family wants its picture: float32 [b, 3, H, W], (x - mean) * scale of 0..255."""

    name: str
    rgb: bool  # or BGR
    mean: Values  # in the order of the network's channels
    scale: Values
    letterbox: bool = False  # the ratio is kept, or the picture is stretched to the input's size
    side: int = 416  # of a network that takes any size

    def tensor(self, images: Sequence[Image], out: NDArray[np.float32]) -> None:
        """Write images of the input's size into (b, 3, H, W), plane by plane: four times faster."""
        for image, planes in zip(images, out, strict=True):
            channels = cv2.split(image)
            ordered = reversed(channels) if self.rgb else channels
            for plane, channel, mean, scale in zip(
                planes, ordered, self.mean, self.scale, strict=True
            ):
                np.multiply(channel, np.float32(scale), out=plane)
                np.add(plane, np.float32(-mean * scale), out=plane)


class Session(Protocol):
    """A network in memory, for one thread."""

    @property
    def name(self) -> str:
        """Of the file."""

    @property
    def provider(self) -> str:
        """What really runs it."""

    @property
    def precision(self) -> str:
        """What it computes in: fp32, bf16 or fp16."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture it takes."""

    @property
    def batch(self) -> int:
        """How many pictures it takes at once."""

    @property
    def inputs(self) -> Mapping[str, Node]:
        """By name, the picture's included, as the file declares them."""

    @property
    def outputs(self) -> Mapping[str, Node]:
        """By name, as the file declares them."""

    def run(
        self, outputs: Sequence[str], images: Sequence[Image], **more: NDArray[Any]
    ) -> list[NDArray[np.float32]]:
        """The outputs asked for, in that order, of BGR images of `size`; raises ModelError.

        `more` is what the network takes besides the picture, for each image the same. What is
        returned is good until the next call.
        """


def expect(session: Session, inputs: Mapping[str, Node], outputs: Mapping[str, Node]) -> None:
    """Raise ModelError where the names, shapes or number types are not these."""
    for kind, wanted, found in (
        ("inputs", inputs, session.inputs),
        ("outputs", outputs, session.outputs),
    ):
        fits = wanted.keys() == found.keys() and all(
            _fits(wanted[name], found[name]) for name in wanted
        )
        if not fits:
            raise ModelError(
                f"{session.name} has the {kind} {_words(found)}, not {_words(wanted)}",
                "it is of another family or version; see `fenceline models list`",
            )


def picture_size(shape: Shape, wanted: Input) -> tuple[int, int]:
    """Width and height of an input [b, 3, H, W]; the family's own where the network takes any."""
    height, width = shape[2:] if len(shape) == 4 else (None, None)  # noqa: PLR2004 - a picture
    return width or wanted.side, height or wanted.side


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def first_line(error: Exception) -> str:
    """What a runtime says, short enough for an error."""
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _fits(wanted: Node, found: Node) -> bool:
    sizes = zip(wanted.shape, found.shape, strict=False)
    return (
        wanted.kind == found.kind
        and len(wanted.shape) == len(found.shape)
        and all(w is None or f is None or w == f for w, f in sizes)
    )


def _words(nodes: Mapping[str, Node]) -> str:
    """Inputs or outputs as people read them, with the number type where it is a strange one."""
    return ", ".join(_word(name, node) for name, node in nodes.items()) or "none"


def _word(name: str, node: Node) -> str:
    shape = "x".join("?" if size is None else str(size) for size in node.shape)
    return f"{name} {shape}" + ("" if node.kind == FLOAT else f" {node.kind}")


def shape_of(sizes: Iterable[object]) -> Shape:
    """A runtime's own shape as ours."""
    return tuple(size if isinstance(size, int) and size >= 0 else None for size in sizes)


def joined(parts: Sequence[list[NDArray[np.float32]]]) -> list[NDArray[np.float32]]:
    """The outputs of several runs as those of one."""
    if len(parts) == 1:
        return parts[0]
    return [np.concatenate(values) for values in zip(*parts, strict=True)]
