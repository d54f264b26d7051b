#!/usr/bin/env python3
"""Run the Dockerfile's steps without Docker: each stage is a folder, each RUN a chroot into it.

For machines without an engine; needs root and debootstrap. Proves that the commands work, in order,
as the user they are for. Does not prove layers, the builder's own syntax, or the base image itself:
the base here is a plain Debian with Debian's Python.

    sudo tools/dockerfile_steps.py /var/tmp/steps --arg RUNTIME=cpu --then 'fenceline version'

What a machine needs to reach its registries is passed, not written here:
--env PIP_CERT --copy /etc/pip.conf.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAID = {
    "LABEL",
    "EXPOSE",
    "VOLUME",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}  # nothing to run
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES = "ca-certificates,python3,python3-venv"  # what stands in for the image `python`
OPTIONS = (
    ("--arg", "NAME=VALUE", "a build argument"),
    ("--env", "NAME", "pass a variable of this machine to every RUN"),
    ("--copy", "PATH[:INSIDE]", "copy a file of this machine into every stage"),
    ("--show", "PATH", "let every RUN read a folder of this machine"),
    ("--then", "COMMAND", "run in the finished image as its user, read-only but for its volumes"),
)
# Mounts live in a namespace of their own and are gone with the command.
ENTER = """
root=$1 spec=$2 frozen=$3 shown=$4; shift 4
for path in $shown; do mkdir -p "$root$path" && mount --bind "$path" "$root$path"; done
if [ -n "$frozen" ]; then mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"; fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
for path in $frozen; do mount -t tmpfs -o "uid=${spec%:*},gid=${spec#*:}" tmpfs "$root$path"; done
exec chroot --userspec="$spec" "$root" "$@"
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of the Dockerfile."""

    line: int
    word: str
    rest: str


@dataclass(slots=True)
class Stage:
    """What a FROM begins: a root folder and what holds in it."""

    root: Path
    user: str = "0:0"
    workdir: str = "/"
    volumes: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    args: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Put the stage's variables into ${NAME} and $NAME."""
        known = self.args | self.env
        return re.sub(r"\$\{(\w+)\}|\$(\w+)", lambda m: known.get(m[1] or m[2], ""), text)


def parse(text: str) -> Iterator[Step]:
    """The instructions of a Dockerfile, lines joined, comments dropped."""
    start, pending = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not (line.strip() or pending):
            continue
        start = start if pending else number
        pending += line.removesuffix("\\") + "\n" if line.endswith("\\") else line
        if not line.endswith("\\"):
            word, _, rest = pending.partition(" ")
            yield Step(start, word.upper(), rest.strip().replace("\n", ""))
            pending = ""


def enter(
    stage: Stage,
    command: str,
    *,
    extra: Mapping[str, str],
    shown: Sequence[str] = (),
    frozen: bool = False,
) -> None:
    """Run a shell command in a stage; frozen: nothing but /tmp and the volumes can be written."""
    env = [f"{name}={value}" for name, value in (stage.env | dict(extra)).items()]
    line = f"cd {shlex.quote(stage.workdir)} && {command}"
    inside = ["/usr/bin/env", "-i", *env, "/bin/sh", "-ec", line]
    writable = " ".join(stage.volumes) if frozen else ""
    space = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-ec", ENTER]
    where = ["enter", str(stage.root), stage.user, writable, " ".join(shown)]
    code = subprocess.run([*space, *where, *inside], check=False).returncode
    if code:
        raise SystemExit(f"the command above failed with exit code {code}")


class Build:
    """Walks through the steps; knows the stages made so far."""

    def __init__(self, work: Path, base: Path, options: argparse.Namespace) -> None:
        self.work, self.base = work, base
        self.given = dict(pair.split("=", 1) for pair in options.arg)
        self.passed = {name: os.environ[name] for name in options.env if name in os.environ}
        self.copies: Sequence[str] = options.copy
        self.shown: Sequence[str] = options.show
        self.stages: dict[str, Stage] = {}
        self.stage = Stage(base)
        self.top: dict[str, str] = {}  # the ARGs before the first FROM

    def do(self, step: Step) -> str:
        """Carry out one step; return what was done with it."""
        if step.word in SAID:
            if step.word == "VOLUME":
                self.stage.volumes.append(step.rest)
            return "noted"
        actions = {"FROM": self._from, "ARG": self._arg, "ENV": self._env, "WORKDIR": self._workdir}
        actions |= {"COPY": self._copy, "USER": self._user, "RUN": self._run}
        if step.word not in actions:
            raise SystemExit(f"Dockerfile:{step.line}: this script does not know {step.word}")
        actions[step.word](step.rest)
        return "done"

    def _from(self, rest: str) -> None:
        image, _, name = Stage(self.base, args=self.top).fill(rest).partition(" AS ")
        parent = self.stages.get(image)
        name = name or "final"
        root = self.work / name
        clone(parent.root if parent else self.base, root)
        self.stage = Stage(root)
        if parent:
            self.stage.env, self.stage.workdir = dict(parent.env), parent.workdir
        self.stages[name] = self.stage
        self._bring()

    def _bring(self) -> None:
        for pair in self.copies:
            source, _, target = pair.partition(":")
            place(Path(source), inside(self.stage, target or source))

    def _arg(self, rest: str) -> None:
        name, _, default = rest.partition("=")
        scope = self.stage.args if self.stages else self.top
        scope[name] = self.given.get(name, default)

    def _env(self, rest: str) -> None:
        for word in shlex.split(self.stage.fill(rest)):
            name, _, value = word.partition("=")
            self.stage.env[name] = value

    def _workdir(self, rest: str) -> None:
        self.stage.workdir = rest
        inside(self.stage, rest).mkdir(parents=True, exist_ok=True)

    def _user(self, rest: str) -> None:
        self.stage.user = rest

    def _run(self, rest: str) -> None:
        enter(self.stage, rest, extra=self.passed | self.stage.args, shown=self.shown)

    def _copy(self, rest: str) -> None:
        words = shlex.split(rest)
        origin = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else ""
        *sources, target = words
        end = inside(self.stage, str(Path(self.stage.workdir) / target))
        for source in sources:
            path = inside(self.stages[origin], source) if origin else from_context(source)
            place(path, end / path.name if path.is_file() and target.endswith("/") else end)


def inside(stage: Stage, path: str) -> Path:
    """A path in a stage as this machine sees it."""
    return stage.root / path.lstrip("/")


def from_context(source: str) -> Path:
    """A path of the checkout, if .dockerignore lets it into the build."""
    allowed = [line[1:] for line in ignore_lines() if line.startswith("!")]
    path = ROOT / source
    names = [
        source.rstrip("/"),
        *(f"{source.rstrip('/')}/{child.name}" for child in path.glob("*")),
    ]
    if not any(fnmatch.fnmatch(name, pattern) for name in names for pattern in allowed):
        raise SystemExit(f".dockerignore keeps {source} out of the build")
    return path


def ignore_lines() -> list[str]:
    """The patterns of .dockerignore."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def place(source: Path, target: Path) -> None:
    """Copy a file, or what is in a folder, without what .dockerignore names at any depth."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copy2(source, target)
        return
    everywhere = [line[3:] for line in ignore_lines() if line.startswith("**/")]
    unwanted = shutil.ignore_patterns(*everywhere) if source.is_relative_to(ROOT) else None
    shutil.copytree(source, target, symlinks=True, ignore=unwanted, dirs_exist_ok=True)


def clone(source: Path, target: Path) -> None:
    """Make a folder anew as a copy of another."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)


def debian(root: Path) -> Path:
    """A plain Debian from the mirror that this machine's apt uses; made once."""
    if not (root / "usr").is_dir():
        suite = re.search(r"VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text())
        listed = [
            "apt-get",
            "indextargets",
            "--format",
            "$(CODENAME) $(REPO_URI)",
            "Created-By: Packages",
        ]
        mirrors = dict(
            line.split(" ", 1) for line in subprocess.check_output(listed, text=True).splitlines()
        )
        name = suite[1] if suite else "stable"
        command = [
            "debootstrap",
            "--variant=minbase",
            f"--include={PACKAGES}",
            name,
            root,
            mirrors[name],
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")  # as the image has it
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    return root


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("work", type=Path, help="a folder for the Debian and the stages; some GB")
    for name, metavar, about in OPTIONS:
        parser.add_argument(name, action="append", default=[], metavar=metavar, help=about)
    return parser.parse_args()


def main() -> int:
    """Run every step, then the commands given, and say what was done."""
    options = arguments()
    if os.getuid():
        raise SystemExit("this needs root: it makes a Debian and enters it with chroot")
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    build = Build(work, debian(work / "debian"), options)
    for step in parse((ROOT / "Dockerfile").read_text()):
        began = time.monotonic()
        print(f"--- {step.line}: {step.word} {step.rest[:90]}", flush=True)
        done = build.do(step)
        print(f"    {done}, {time.monotonic() - began:.1f} s", flush=True)
    for command in options.then:
        print(f"--- then, read-only, as {build.stage.user}: {command}", flush=True)
        enter(build.stage, command, extra={}, frozen=True)
    print("every step ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
