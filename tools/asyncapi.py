"""Write the schemas of docs/asyncapi.yaml from proto/; with --check, say if they are up to date."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet, SourceCodeInfo
from ruamel.yaml import YAML

from edge.rpc import event_pb2 as pb
from edge.serve.protojson import schema_of

ROOT = Path(__file__).parents[1]
PROTO = ROOT / "proto"
DOCUMENT = ROOT / "docs" / "asyncapi.yaml"
GENERATED = "\n  schemas:\n"  # everything behind it
MESSAGES, FIELDS = 4, 2  # numbers of fields in FileDescriptorProto and DescriptorProto
Words = dict[tuple[str, ...], str]


def document() -> str:
    """The whole document, as it should be."""
    written, _, _ = DOCUMENT.read_text().partition(GENERATED)
    found: dict[str, Any] = {}
    _hoist(schema_of(pb.Event), found, _comments())
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 10_000
    yaml.dump(dict(sorted(found.items())), text)
    indented = "".join(f"    {line}" for line in text.getvalue().splitlines(keepends=True))
    return written + GENERATED + indented


def _hoist(schema: dict[str, Any], found: dict[str, Any], words: Words) -> dict[str, Any]:
    """Messages get a schema of their own, to which the others refer."""
    if schema["type"] == "array":
        return {**schema, "items": _hoist(schema["items"], found, words)}
    if "properties" not in schema:
        return schema
    name = schema["title"]
    if name not in found:
        found[name] = {"type": "object", "description": words[name,]}
        found[name]["properties"] = {
            field: _described(_hoist(one, found, words), words[name, field])
            for field, one in schema["properties"].items()
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _described(schema: dict[str, Any], words: str) -> dict[str, Any]:
    """Beside a reference nothing else is read, in the JSON Schema that AsyncAPI took over."""
    both = {"allOf": [schema]} if "$ref" in schema else schema
    return {**both, "description": words}


def _comments() -> Words:
    """What proto/ says of messages and their fields."""
    import grpc_tools  # noqa: PLC0415 - a development dependency

    include = Path(grpc_tools.__file__).parent / "_proto"
    with tempfile.NamedTemporaryFile() as out:
        options = [f"-I{PROTO}", f"-I{include}", "--include_source_info"]
        files = sorted(str(path) for path in PROTO.rglob("*.proto"))
        command = [sys.executable, "-m", "grpc_tools.protoc", *options]
        subprocess.run([*command, f"--descriptor_set_out={out.name}", *files], check=True)
        described = FileDescriptorSet.FromString(Path(out.name).read_bytes())
    words: Words = {}
    for file in described.file:
        places = {tuple(one.path): _text(one) for one in file.source_code_info.location}
        for at, message in enumerate(file.message_type):
            for place, names in _named(message, (MESSAGES, at)):
                words[f"{file.package}.{names[0]}", *names[1:]] = places.get(place, "")
    return words


def _named(
    message: DescriptorProto, place: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    yield place, (message.name,)
    for at, field in enumerate(message.field):
        yield (*place, FIELDS, at), (message.name, field.name)


def _text(location: SourceCodeInfo.Location) -> str:
    return " ".join(location.leading_comments.split())


def main() -> int:
    """Write it, or compare."""
    wanted = document()
    if "--check" not in sys.argv:
        DOCUMENT.write_text(wanted)
        return 0
    stale = DOCUMENT.read_text() != wanted
    if stale:
        print("docs/asyncapi.yaml is not what proto/ says; run `make proto` and commit the result")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
