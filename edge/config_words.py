"""What pydantic finds wrong with settings, in words for people."""

from __future__ import annotations

import difflib

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edge.settings import Config
from edge.settings_labels import LabelledClip

Path_ = tuple[str | int, ...]
COORDINATES = "coordinates are parts of the picture, 0..1 from its top left corner"


def details(error: ValidationError) -> list[ErrorDetails]:
    """All of them, without the lists that are too short only because an item of theirs is wrong."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    parents = {one["loc"][:end] for one in details for end in range(len(one["loc"]))}
    return [one for one in details if one["type"] != "too_short" or one["loc"] not in parents]


def explained(detail: ErrorDetails) -> tuple[Path_, str, str]:
    """A pydantic error as a reason and a remedy; never the value, it may be a secret."""
    at, kind = detail["loc"], detail["type"]
    at = at[:-1] if at[-1:] == ("[key]",) else at  # what is wrong is the key itself
    reason, _, remedy = detail["msg"].removeprefix("Value error, ").partition("; ")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(at[-1]), _known_keys(), n=1)
        remedy = f"did you mean {near[0]}?" if near else "leave it out"
        return at, "unknown key", remedy
    if kind == "missing":
        return at, "is missing", f"add `{at[-1]}: ...`"
    if kind == "union_tag_not_found":
        kind = (
            "grpc`, or another kind of sink"
            if "report" in at
            else "tripwire`, or another kind of rule"
        )
        return at, "has no type", f"add `type: {kind}"
    if not remedy and {"line", "polygon", "masks"} & set(at):
        remedy = COORDINATES
    reason = reason.replace("tuple", "list").replace(" after validation", "")
    return at, reason[:1].lower() + reason[1:], remedy


def _known_keys() -> list[str]:
    schemas = [model.model_json_schema() for model in (Config, LabelledClip)]
    models = [one for schema in schemas for one in (schema, *schema.get("$defs", {}).values())]
    return sorted({key for model in models for key in model.get("properties", {})})
