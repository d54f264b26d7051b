"""The house rules that a machine can check."""

import ast
from pathlib import Path

import pytest

EDGE = Path(__file__).parents[1] / "edge"
ROOMS = {"stream", "detect", "track", "rules", "events", "serve"}
GROUND = {
    "types",
    "status",
    "picture",
    "geometry",
    "errors",
    "metrics",
    "privacy",
    "orders",
    "compiled",
}
SPEAKS_PROTO = {"events", "serve"}  # these rooms carry the contract's messages
OWNER = {
    "av": {"stream"},
    "onnxruntime": {"detect"},
    "onnx": {"detect"},
    "openvino": {"detect"},
    "numba": {"track", "rules", "compiled.py"},
    "scipy": {"track", "scoring.py"},
    "sqlite3": {"events"},
    "grpc": {"serve"},
    "grpc_health": {"serve"},
    "grpc_status": {"serve"},
    "httpx": {"serve"},
    "nats": {"serve"},
    "paho": {"serve"},
    "fastapi": {"serve"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
    "pydantic": {
        "settings.py",
        "settings_base.py",
        "settings_rules.py",
        "settings_schedule.py",
        "settings_labels.py",
        "settings_life.py",
        "settings_report.py",
        "settings_serve.py",
        "config.py",
        "config_words.py",
    },
    "pydantic_core": {"config_words.py"},
    "ruamel": {"config.py"},
    "prometheus_client": {"metrics.py"},
    "typer": {"__main__.py", "cli_receive.py", "cli_certs.py"},
    "cryptography": {"authority.py"},
}
FILES = [path for path in sorted(EDGE.rglob("*.py")) if path.parent.name != "rpc"]


def imports(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{a.name}" for a in node.names}
    return {tuple(name.split(".")) for name in names}


def room_of(path):
    return path.relative_to(EDGE).parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(EDGE)))
def test_rooms_import_only_the_ground_floor(path):
    room = room_of(path)
    allowed = GROUND | {room} | ({"rpc"} if room in SPEAKS_PROTO else set())
    for top, *rest in imports(path):
        if room in ROOMS and top == "edge":
            assert rest[0] in allowed, f"{room} imports edge.{'.'.join(rest)}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(EDGE)))
def test_each_library_has_one_room(path):
    for top, *_ in imports(path):
        assert room_of(path) in OWNER.get(top, {room_of(path)}), f"{top} outside its room"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(EDGE)))
def test_no_file_is_longer_than_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("room", ["detect", "track", "rules"])
def test_pure_rooms_read_no_clock(room):
    for path in sorted((EDGE / room).rglob("*.py")):
        assert not {("time",), ("datetime", "datetime", "now"), ("random",)} & imports(path), path


def test_the_pipeline_is_pure():
    assert not {("time",), ("threading",), ("random",), ("sqlite3",)} & imports(
        EDGE / "pipeline.py"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(EDGE)))
def test_nothing_runs_on_import(path):
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    allowed += (ast.Assign, ast.AnnAssign, ast.If)
    for node in ast.parse(path.read_text()).body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        adds_commands = path.name == "__main__.py" and isinstance(node, ast.Expr)
        assert is_text or adds_commands or isinstance(node, allowed), f"{path}:{node.lineno}"


def test_no_words_of_what_this_product_never_does():
    never = ("face_recognition", "embedding", "reid", "licence_plate", "license_plate", "gait")
    for path in FILES:
        words = path.read_text().lower()
        assert not [word for word in never if word in words], path
