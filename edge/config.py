"""The configuration file, parsed once: YAML to frozen settings, every error with its line."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edge.config_checks import (
    Found,
    missing_libraries,
    repeated_names,
    shared_files,
    skipped_times,
    unknown_inputs,
    unknown_routes,
    unknown_schedules,
    unreadable_files,
    without_ground,
)
from edge.config_words import details, explained
from edge.errors import ConfigError
from edge.settings import Config

VARIABLE = re.compile(r"\$\{(\w+)\}")
Path_ = tuple[str | int, ...]
Node = CommentedMap | CommentedSeq
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration file."""

    file: str
    line: int  # from 1
    key: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        where = (
            f"{self.file}:{self.line}: {self.key}: " if self.key else f"{self.file}:{self.line}: "
        )
        return f"{where}{self.reason}" + (f"; {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings that are known good, where they came from and which text they had."""

    settings: Config
    path: Path
    revision: str  # 12 hexadecimal digits of the SHA-256 of the file, before secrets are put in

    def resolve(self, path: Path) -> Path:
        """A path as the file means it: relative to the file's own folder."""
        return (self.path.parent / path.expanduser()).absolute()

    def file(self, path: Path | None) -> Path | None:
        """The same, of a path that need not be given."""
        return None if path is None else self.resolve(path)


def load(path: Path, environment: Mapping[str, str] | None = None) -> Loaded:
    """Read and check a file; raise ConfigError that lists everything wrong with it."""
    loaded, problems = read(path, environment)
    if loaded is None:
        raise _unusable(path, problems)
    return loaded


def read(
    path: Path, environment: Mapping[str, str] | None = None
) -> tuple[Loaded | None, list[Problem]]:
    """Read and check a file; return the settings, or everything that is wrong with it."""
    text, document, problem = _parsed(path)
    if problem is not None:
        return None, [problem]
    if not isinstance(document, CommentedMap):
        remedy = "start from examples/demo.yaml"
        return None, [Problem(str(path), 1, "", "holds no settings", remedy)]
    return _check(path, text, document, os.environ if environment is None else environment)


def load_list(
    path: Path, kind: type[T], check: Callable[[Sequence[T]], Iterable[Found]]
) -> tuple[T, ...]:
    """A file that is a list of these; raise ConfigError that lists everything wrong with it.

    `check` tells what else is wrong with a list of good items.
    """
    _, document, problem = _parsed(path)
    if problem is None and not isinstance(document, CommentedSeq):
        names = ", ".join(kind.model_fields)
        problem = Problem(str(path), 1, "", "is no list", f"write a list with {names}")
    if problem is not None:
        raise _unusable(path, [problem])
    made, found = _items(document, kind)
    found = found or [*check(made)]
    if found:
        raise _unusable(path, _problems(path, document, found))
    return tuple(made)


def wrong(model: type[BaseModel], values: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why values that came from no file are none of a model's, and what to do about it."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        _, reason, remedy = explained(details(error)[0])
        return reason, remedy
    return None


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the configuration file, for editors."""
    made = Config.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _check(
    path: Path, text: str, document: CommentedMap, environment: Mapping[str, str]
) -> tuple[Loaded | None, list[Problem]]:
    unset: list[tuple[Path_, str]] = []
    values = _expand(document, (), environment, unset)
    found = [
        (at, f"environment variable {name} is not set", f"export {name}=... before the start")
        for at, name in unset
    ]
    config = None
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        bad = {at for at, _ in unset}
        found += [explained(one) for one in details(error) if one["loc"] not in bad]
    found += [*repeated_names(values), *unknown_schedules(values), *unknown_inputs(values)]
    found += [
        *unknown_routes(values),
        *without_ground(values),
        *missing_libraries(values),
        *shared_files(values, path.parent),
        *unreadable_files(values, path.parent),
    ]
    found += skipped_times(config) if config else ()
    problems = _problems(path, document, found)
    if config is None or problems:
        return None, problems
    revision = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Loaded(config, path.absolute(), revision), []


def _parsed(path: Path) -> tuple[str, Any, Problem | None]:
    """A file's text and what it holds, or why that can't be told."""
    try:
        text = path.read_text(encoding="utf-8")
        return text, YAML().load(text), None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return "", None, Problem(str(path), 1, "", f"can't be read: {reason}", "check the path")
    except YAMLError as error:
        return "", None, _yaml_problem(path, error)
    except ValueError as error:  # a date that is none
        return "", None, Problem(str(path), 1, "", f"not valid YAML: {error}", "correct the value")


def _items(document: CommentedSeq, kind: type[T]) -> tuple[list[T], list[Found]]:
    """What is good of a list, and what is wrong with the rest."""
    made: list[T] = []
    found: list[Found] = []
    for index, item in enumerate(document):
        try:
            made.append(kind.model_validate(item))
        except ValidationError as error:
            said = [explained(one) for one in details(error)]
            found += [((index, *at), reason, remedy) for at, reason, remedy in said]
    return made, found


def _unusable(path: Path, problems: list[Problem]) -> ConfigError:
    count = f"{len(problems)} error{'s' if len(problems) > 1 else ''}"
    listed = "\n".join(f"  {problem}" for problem in problems)
    return ConfigError(f"{path} can't be used, {count}:\n{listed}")


def _problems(path: Path, document: Node, found: list[tuple[Path_, str, str]]) -> list[Problem]:
    """By their lines."""
    problems = [
        Problem(str(path), _line(document, at), _key(document, at), reason, remedy)
        for at, reason, remedy in found
    ]
    return sorted(problems, key=lambda problem: problem.line)


def _expand(
    node: Any, at: Path_, environment: Mapping[str, str], unset: list[tuple[Path_, str]]
) -> Any:
    """Plain values with ${NAME} put in; what is not set is noted."""
    if isinstance(node, CommentedMap):
        return {key: _expand(node[key], (*at, key), environment, unset) for key in node}
    if isinstance(node, CommentedSeq):
        return [_expand(item, (*at, i), environment, unset) for i, item in enumerate(node)]
    if not isinstance(node, str):
        return node
    unset += [(at, name) for name in VARIABLE.findall(node) if name not in environment]
    credentials = node.rfind("@") if "://" in node else -1

    def put_in(match: re.Match[str]) -> str:
        value = environment.get(match[1], "")
        return quote(value, safe="") if match.start() < credentials else value

    return VARIABLE.sub(put_in, node)


def _yaml_problem(path: Path, error: YAMLError) -> Problem:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    reason = getattr(error, "problem", None) or "is not YAML"
    line = mark.line + 1 if mark else 1
    if "duplicate key" in reason:
        key = reason.partition('"')[2].partition('"')[0]
        return Problem(str(path), line, key, "is written twice", "leave one of them out")
    return Problem(str(path), line, "", f"not valid YAML: {reason}", "check indentation and quotes")


def _steps(document: Node, at: Path_) -> Iterator[tuple[str | int, int]]:
    """The parts of a location that stand in the file, each with its line from 0."""
    node: Any = document
    for part in at:
        if isinstance(node, CommentedMap) and part in node:
            yield part, node.lc.key(part)[0]
            node = node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            yield part, node.lc.item(part)[0]
            node = node[part]


def _line(document: Node, at: Path_) -> int:
    lines = [line for _, line in _steps(document, at)]
    return lines[-1] + 1 if lines else 1


def _key(document: Node, at: Path_) -> str:
    parts = [part for part, _ in _steps(document, at)]
    if at and at[-1] not in parts:
        parts.append(at[-1])
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return key.removeprefix(".")
