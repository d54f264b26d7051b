"""Contract messages as JSON: ProtoJSON with the names of the .proto file, and its schema."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

WELL_KNOWN = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d+)?s$"},
}
NUMBERS = {  # ProtoJSON writes 64-bit integers as strings: a double can't hold them
    FieldDescriptor.CPPTYPE_INT32: "integer",
    FieldDescriptor.CPPTYPE_UINT32: "integer",
    FieldDescriptor.CPPTYPE_FLOAT: "number",
    FieldDescriptor.CPPTYPE_DOUBLE: "number",
    FieldDescriptor.CPPTYPE_BOOL: "boolean",
}


def to_json(message: Message) -> dict[str, Any]:
    """Canonical ProtoJSON; a field that has its default value is left out."""
    return MessageToDict(message, preserving_proto_field_name=True)


def schema_of(message: type[Message]) -> dict[str, Any]:
    """The JSON Schema of what `to_json` makes of such a message."""
    return _object(message.DESCRIPTOR)


def _field(field: FieldDescriptor) -> dict[str, Any]:
    one = _single(field)
    return {"type": "array", "items": one} if field.is_repeated else one


def _single(field: FieldDescriptor) -> dict[str, Any]:
    if field.message_type is not None:
        return _object(field.message_type)
    if field.enum_type is not None:
        return {"type": "string", "enum": [value.name for value in field.enum_type.values]}
    return {"type": NUMBERS.get(field.cpp_type, "string")}


def _object(message: Any) -> dict[str, Any]:
    if message.full_name in WELL_KNOWN:
        return WELL_KNOWN[message.full_name]
    fields = {field.name: _field(field) for field in message.fields}
    return {"type": "object", "title": message.full_name, "properties": fields}
