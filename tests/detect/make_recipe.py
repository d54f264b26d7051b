"""A recipe in small: a wheel made here, a converter that copies a file out of it, a manifest."""

import hashlib
import zipfile
from pathlib import Path

from edge.detect.manifest import find

MANIFEST = """
[recipes.small]
source = "smallmodel==1.0"
source_sha256 = "{wheel}"
pythons = ["{python}"]

[[model]]
name = "small"
family = "picodet"
licence = "none"
recipe = "small"
size = [32, 32]
sha256 = "{onnx}"
"""
CONVERTER = """
import sys, zipfile
wheel, out, width, height = sys.argv[1:]
assert (width, height) == ("32", "32")
open(out, "wb").write(zipfile.ZipFile(wheel).read("smallmodel/checkpoint"))
"""
METADATA = "Metadata-Version: 2.1\nName: smallmodel\nVersion: 1.0\n"
TAGS = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
CHECKPOINT = b"a small network"


def wheel(folder):
    """The registry: a folder with one wheel."""
    path = folder / "smallmodel-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("smallmodel/checkpoint", CHECKPOINT)
        archive.writestr("smallmodel-1.0.dist-info/METADATA", METADATA)
        archive.writestr("smallmodel-1.0.dist-info/WHEEL", TAGS)
        archive.writestr("smallmodel-1.0.dist-info/RECORD", "")
    return path


def ship(folder: Path, source: Path, *, converter=CONVERTER, python="3.11", **digests):
    """A folder as `models/` of the repository; other digests than the true ones make it fail."""
    (folder / "recipes").mkdir(parents=True)
    (folder / "recipes" / "small.py").write_text(converter)
    (folder / "recipes" / "small-requirements.txt").write_text("# nothing\n")
    true = {
        "wheel": hashlib.sha256(source.read_bytes()).hexdigest(),
        "onnx": hashlib.sha256(CHECKPOINT).hexdigest(),
    }
    (folder / "manifest.toml").write_text(MANIFEST.format(python=python, **true | digests))


def model():
    """The one model of the manifest."""
    return find("small")
