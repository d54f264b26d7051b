"""Files the demo plays: found in the cache, or fetched from the first source that has them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from platformdirs import user_cache_dir

from edge.errors import FencelineError
from edge.progress import Report

URL_TIMEOUT_S = 10.0
APT_TIMEOUT_S = 300.0
CHUNK = 2**18
GIVEN = "FENCELINE_CLIP"
Fetch = Callable[[IO[bytes]], None]  # writes the file's bytes; raises FencelineError or OSError


@dataclass(frozen=True, slots=True)
class Asset:
    """One row of the manifest."""

    name: str
    about: str
    licence: str
    sha256: str
    size_bytes: int
    url: str
    package: str  # of Debian
    member: str  # the file's path in it


def find_example(name: str) -> Path:
    """The path of a file of examples/, in a source checkout or an installed wheel."""
    package = Path(__file__).parents[1]
    for folder in (package / "assets" / "examples", package.parent / "examples"):
        if (folder / name).is_file():
            return folder / name
    raise FencelineError(f"the example file '{name}' is missing", "install fenceline again")


def get_asset(
    name: str,
    *,
    given: Path | None = None,
    progress: Report | None = None,
    manifest: Path | None = None,
) -> Path:
    """Return the file's path in the cache, fetching it at first; its checksum is always checked.

    A copy that the user has, `given` or named by FENCELINE_CLIP, is tried before the network:
    it costs nothing. Raises FencelineError, which tells every attempt.
    """
    asset = _look_up(name, manifest or find_example("assets.toml"))
    path = _cache() / name
    if path.is_file() and _sha256(path) == asset.sha256:
        return path
    report = progress or _silent
    failures = []
    for source, fetch in _sources(asset, given, report):
        try:
            with _arriving(path, asset) as out:
                fetch(out)
        except (FencelineError, OSError) as error:
            failures.append(f"{source}: {error}")
        else:
            return path
    raise FencelineError(
        f"'{name}' can't be had from any source ({'; '.join(failures)})",
        f"connect to the network, or name a copy of yours with --clip or {GIVEN}",
    )


def _look_up(name: str, manifest: Path) -> Asset:
    rows = [Asset(**row) for row in tomllib.loads(manifest.read_text())["asset"]]
    for asset in rows:
        if asset.name == name:
            return asset
    known = ", ".join(asset.name for asset in rows)
    raise FencelineError(f"no asset is named '{name}'", f"choose from {known}")


def _cache() -> Path:
    root = os.environ.get("FENCELINE_CACHE") or user_cache_dir("fenceline")
    return Path(root) / "assets"


def _sources(asset: Asset, given: Path | None, report: Report) -> Iterator[tuple[str, Fetch]]:
    """Every way to get the file, and how to call it, best first."""
    named = os.environ.get(GIVEN)
    own = given or (Path(named) if named else None)
    if own is not None:
        yield str(own), lambda out: _from_file(own, out)
    yield asset.url, lambda out: _from_url(asset, out, report)
    yield f"Debian package {asset.package}", lambda out: _from_package(asset, out, report)


@contextmanager
def _arriving(path: Path, asset: Asset) -> Iterator[IO[bytes]]:
    """A file that takes its name only when it is whole and right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as out:
        part = Path(out.name)
        try:
            yield out
            out.flush()
            if _sha256(part) != asset.sha256:
                raise FencelineError(
                    f"the file's sha256 is {_sha256(part)}, not {asset.sha256}: it is another file"
                )
            part.chmod(0o644)
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()


def _from_file(own: Path, out: IO[bytes]) -> None:
    with own.open("rb") as source:
        _copy(source, out, _silent, stage="", size=0)


def _from_url(asset: Asset, out: IO[bytes], report: Report) -> None:
    try:
        with urllib.request.urlopen(asset.url, timeout=URL_TIMEOUT_S) as answer:  # noqa: S310 - the manifest's own address
            _copy(answer, out, report, stage=f"{asset.name} by URL", size=asset.size_bytes)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the answer's body
        raise FencelineError(f"HTTP {error.code}") from None
    except urllib.error.URLError as error:
        raise FencelineError(str(error.reason)) from None


def _from_package(asset: Asset, out: IO[bytes], report: Report) -> None:
    """Take one file out of a Debian package, without root and without installing it."""
    report(f"{asset.name} from {asset.package}", 0, 0)
    with tempfile.TemporaryDirectory(prefix="fenceline-deb-") as name:
        folder = Path(name)
        try:
            _apt(folder, "download", asset.package)
        except FencelineError:  # a fresh machine has no package lists; make private ones
            (folder / "lists" / "partial").mkdir(parents=True)
            private = (f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache")
            (folder / "cache" / "archives" / "partial").mkdir(parents=True)
            _apt(folder, "update", options=private)
            _apt(folder, "download", asset.package, options=private)
        package = next(folder.glob("*.deb"), None)
        if package is None:
            raise FencelineError("apt-get brought no package")
        _extract(package, asset, out)


def _apt(folder: Path, *words: str, options: tuple[str, ...] = ()) -> None:
    settings = [part for option in options for part in ("-o", option)]
    command = ["apt-get", "-q", *settings, *words]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=APT_TIMEOUT_S, check=False
        )
    except FileNotFoundError:
        raise FencelineError("this system has no apt-get") from None
    except subprocess.TimeoutExpired:
        raise FencelineError(f"apt-get took more than {APT_TIMEOUT_S:.0f} s") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise FencelineError(f"apt-get {words[0]} failed: {said[-1]}")


def _extract(package: Path, asset: Asset, out: IO[bytes]) -> None:
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for member in archive:
            if member.name.removeprefix("./") == asset.member:
                source = archive.extractfile(member)
                if source is not None:
                    _copy(source, out, _silent, stage="", size=0)
                process.kill()  # nothing after it is of use
                return
    raise FencelineError(f"the package holds no {asset.member}")


def _copy(source: IO[bytes], out: IO[bytes], report: Report, *, stage: str, size: int) -> None:
    done = 0
    while chunk := source.read(CHUNK):
        out.write(chunk)
        done += len(chunk)
        report(stage, done, size)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report to nobody."""
