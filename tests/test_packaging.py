"""What is shipped is whole, clean and says what it does."""

import configparser
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import edge
from edge.config import read
from edge.rpc import event_pb2 as pb
from edge.settings_base import is_loopback
from tools.dockerfile_steps import from_context, parse

ROOT = Path(__file__).parents[1]
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
STEPS = list(parse((ROOT / "Dockerfile").read_text()))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
WEIGHTS_AND_FILMS = {".onnx", ".pt", ".pth", ".engine", ".pdmodel", ".pdiparams", ".avi", ".mp4"}
# In two parts, so that this file does not hold what it looks for.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "deb.debian" + ".org"]
PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/opt/" + "pypi"]


def run(*command, **options):
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )


def dockerfile(word):
    return [step.rest for step in STEPS if step.word == word]


def locked(name):
    text = (ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))


def secrets():
    lines = (ROOT / "deploy" / "fenceline.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def box_settings(name):
    loaded, problems = read(ROOT / "deploy" / name, secrets())
    assert problems == []
    return loaded.settings


@pytest.fixture(scope="module")
def repository():
    """Files that are committed, or would be with the next `git add`."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=ROOT)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    made = run(*pip, "--wheel-dir", out, ROOT)
    assert made.returncode == 0, made.stderr
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_wheel_has_what_a_fresh_machine_needs(wheel):
    needed = {"models/manifest.toml", "models/recipes/picodet.py", "examples/demo.yaml"}

    assert {f"edge/assets/{name}" for name in needed} <= set(wheel)
    assert {"edge/serve/console/index.html", "edge/rpc/event_pb2.py"} <= set(wheel)


def test_the_wheel_has_no_weights_tests_or_leftovers(wheel):
    assert not [name for name in wheel if Path(name).suffix in WEIGHTS_AND_FILMS]
    assert {name.split("/")[0] for name in wheel} == {
        "edge",
        f"fenceline-{edge.__version__}.dist-info",
    }
    assert not [name for name in wheel if "__pycache__" in name]


def test_no_weights_or_films_are_committed(repository):
    assert not [path for path in repository if path.suffix in WEIGHTS_AND_FILMS]
    assert not [path for path in repository if path.stat().st_size > 2**20]


@pytest.mark.parametrize("wrong", [*HOSTS, *PATHS])
def test_no_file_names_a_registry_or_a_path_of_one_machine(wrong, repository):
    # A lock lists hashes only; which registry serves them is the user's affair.
    found = [path for path in repository if wrong.encode() in path.read_bytes()]

    assert not found


def test_the_licence_is_the_whole_apache_2():
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_each_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)[1]

    assert [line for line in block.splitlines() if not re.search(r'",\s+# \S', line)] == []


def test_each_dependency_is_locked_with_the_same_version_everywhere():
    text = (ROOT / "pyproject.toml").read_text()
    names = re.findall(
        r'^  "([a-z][a-z0-9.-]*)[><=]', text.split("[project.scripts]")[0], re.MULTILINE
    )
    run_pins, dev_pins = locked("run.txt"), locked("dev.txt")

    assert {name.replace(".", "-") for name in names} <= set(run_pins)
    assert run_pins.items() <= dev_pins.items()
    assert locked("build.txt").items() <= dev_pins.items()


def test_the_lock_of_the_sinks_is_that_of_their_extras_and_fits_beside_the_others():
    extras = re.findall(
        r'^(?:mqtt|nats) = \["([^"]+)"\]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    asked = (ROOT / "requirements" / "sinks.in").read_text().splitlines()[1:]
    pins = locked("sinks.txt")

    assert sorted(extras) == sorted(asked)
    assert {"paho-mqtt", "nats-py"} <= set(pins)
    assert pins.items() <= locked("dev.txt").items()
    assert not [
        name for name in pins.keys() & locked("run.txt") if pins[name] != locked("run.txt")[name]
    ]


def test_cuda_takes_the_place_of_the_cpu_runtime_and_changes_nothing_else():
    cpu, cuda = locked("run.txt"), locked("run-cuda.txt")
    without = re.search(
        r"^onnxruntime==.*'never'", (ROOT / "requirements/run-cuda.txt").read_text(), re.MULTILINE
    )

    assert without
    assert cpu.items() <= cuda.items()
    assert {name for name in cuda.keys() - cpu.keys() if not name.startswith("nvidia-")} == {
        "onnxruntime-gpu"
    }


def test_make_lists_its_targets_and_the_docs_know_them_all():
    listed = set(re.findall(r"^make (\w+)", run("make", cwd=ROOT).stdout, re.MULTILINE))
    told = set(re.findall(r"`make (\w+)", (ROOT / "CONTRIBUTING.md").read_text()))

    assert listed == told == TARGETS


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_a_page_names_no_target_and_no_file_that_is_not_there(page):
    text = page.read_text()
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", text)

    assert set(re.findall(r"`make (\w+)", text)) <= TARGETS
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_privacy_page_explains_every_field_of_an_event():
    page = (ROOT / "docs" / "privacy.md").read_text()
    fields = [field.name for field in pb.Event.DESCRIPTOR.fields if field.name != "object"]
    fields += [f"object.{field.name}" for field in pb.Object.DESCRIPTOR.fields]

    assert [name for name in fields if f"`{name}`" not in page] == []


def test_loading_the_model_runtime_leaves_no_identifier_behind(tmp_path):
    kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}  # not CI, which silences it too

    loaded = run(sys.executable, "-c", "import edge.detect.session", env=kept, cwd=tmp_path)

    assert loaded.returncode == 0, loaded.stderr
    assert list(tmp_path.rglob("*")) == []


def test_dockerfile_steps_are_read_as_docker_reads_them():
    text = "# about\nFROM a AS b\n\nRUN one \\\n    # a comment inside\n    && two\nenv X=1\n"

    steps = [(step.line, step.word, step.rest) for step in parse(text)]

    assert steps == [(2, "FROM", "a AS b"), (4, "RUN", "one     && two"), (7, "ENV", "X=1")]


def test_the_image_runs_as_nobody_special_and_says_how_it_is():
    user = dockerfile("USER")[-1]

    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert [step.word for step in STEPS].count("HEALTHCHECK") == 1
    assert dockerfile("VOLUME") == ["/var/lib/fenceline"]
    assert dockerfile("ENTRYPOINT") == ['["fenceline"]']


def test_what_the_image_copies_is_there_and_let_into_the_build():
    own = [rest for rest in dockerfile("COPY") if not rest.startswith("--from=")]

    assert own
    assert all(from_context(source).exists() for rest in own for source in rest.split()[:-1])


def test_image_compose_file_and_package_are_of_one_version():
    compose = (ROOT / "compose.yaml").read_text()

    assert f'image.version="{edge.__version__}"' in (ROOT / "Dockerfile").read_text()
    assert f"image: fenceline:{edge.__version__}" in compose


def test_the_container_can_change_nothing_and_is_reached_from_its_host_only():
    service = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]["fenceline"]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_containers_example_fits_the_image():
    settings = box_settings("site.container.yaml")
    ports = {settings.serve.http.listen.split(":")[1], settings.serve.grpc.listen.split(":")[1]}

    assert ports == set(dockerfile("EXPOSE")[0].split())
    assert str(settings.storage.dir) == dockerfile("VOLUME")[0]
    assert any(
        settings.serve.http.listen.split(":")[1] + "/healthz" in rest for rest in dockerfile("ENV")
    )


def test_the_boxs_example_listens_on_the_box_only():
    settings = box_settings("site.yaml")

    assert is_loopback(settings.serve.http.listen)
    assert is_loopback(settings.serve.grpc.listen)
    assert not settings.serve.allow_insecure


def test_the_unit_is_fenced_in_and_keeps_state_where_the_example_does():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(ROOT / "deploy" / "fenceline.service")
    service = unit["Service"]

    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == service["DynamicUser"] == "yes"
    assert service["LimitCORE"] == "0"
    assert f"/var/lib/{service['StateDirectory']}" == str(box_settings("site.yaml").storage.dir)


@pytest.mark.parametrize("script", [".ci/run", "tools/install.sh", "tools/lock.sh"])
def test_a_script_can_be_run_and_stops_at_the_first_error(script):
    assert os.access(ROOT / script, os.X_OK)
    assert "set -euo pipefail" in (ROOT / script).read_text()
    assert run("bash", "-n", ROOT / script).returncode == 0


@pytest.mark.parametrize(("strict", "code"), [("", 0), ("1", 1)])
def test_a_skip_fails_where_nothing_may_be_skipped(strict, code, tmp_path):
    shutil.copy(Path(__file__).parent / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.skip(reason='no camera')\ndef test_it(): ...\n"
    )
    env = {**os.environ, "FENCELINE_NO_SKIP": strict}

    told = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path, env=env)

    assert told.returncode == code, told.stdout
    assert ("no camera (FENCELINE_NO_SKIP" in told.stdout) == bool(strict)
