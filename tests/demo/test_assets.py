"""Where the demo's clip comes from, with a fake web server and a fake apt-get."""

import hashlib
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from edge.demo.assets import find_example, get_asset
from edge.errors import FencelineError

CONTENT = b"not really a video" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NOBODY = "http://127.0.0.1:9/clip.avi"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def web(tmp_path):
    """A web server's folder and address."""
    folder = tmp_path / "web"
    folder.mkdir()
    handler = partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/clip.avi"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, and a system without apt-get."""
    monkeypatch.setenv("FENCELINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FENCELINE_CLIP", raising=False)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "cache" / "assets"


@pytest.fixture
def manifest(tmp_path):
    def write(url=NOBODY):
        path = tmp_path / "assets.toml"
        path.write_text(
            f'[[asset]]\nname = "clip.avi"\nabout = ""\nlicence = ""\nsha256 = "{SHA256}"\n'
            f'size_bytes = {len(CONTENT)}\nurl = "{url}"\npackage = "some-doc"\n'
            'member = "usr/share/clip.avi"\n'
        )
        return path

    return write


def program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def pretend_apt(tmp_path, *, content=CONTENT, needs_update=False):
    """apt-get and dpkg-deb that know one package; at first without lists, if so wished."""
    clip, tar = tmp_path / "clip", tmp_path / "package.tar"
    clip.write_bytes(content)
    with tarfile.open(tar, "w") as archive:
        archive.add(clip, "./usr/share/clip.avi")
    known = f'[ -e {tmp_path}/updated ] || {{ echo "E: no such package" >&2; exit 100; }}'
    program(
        tmp_path / "bin",
        "apt-get",
        f'case "$*" in *update*) : > {tmp_path}/updated; exit 0;; esac\n'
        f"{known if needs_update else ''}\n: > some-doc_1_all.deb",
    )
    program(tmp_path / "bin", "dpkg-deb", f"exec /bin/cat {tar}")


def leftovers(cache):
    return [path.name for path in cache.iterdir() if path.name != "clip.avi"]


def test_the_web_comes_first(web, manifest, cache):
    folder, url = web
    (folder / "clip.avi").write_bytes(CONTENT)
    reports = []

    path = get_asset("clip.avi", manifest=manifest(url), progress=lambda *r: reports.append(r))

    assert path == cache / "clip.avi"
    assert path.read_bytes() == CONTENT
    assert reports[-1] == ("clip.avi by URL", len(CONTENT), len(CONTENT))
    assert leftovers(cache) == []


@pytest.mark.parametrize("needs_update", [False, True])
def test_else_it_comes_out_of_the_package(manifest, tmp_path, cache, needs_update):
    pretend_apt(tmp_path, needs_update=needs_update)

    assert get_asset("clip.avi", manifest=manifest()).read_bytes() == CONTENT
    assert (tmp_path / "updated").exists() == needs_update
    assert leftovers(cache) == []


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_copy_of_the_users_own_needs_no_network(manifest, tmp_path, monkeypatch, how):
    own = tmp_path / "mine.avi"
    own.write_bytes(CONTENT)
    if how == "environment":
        monkeypatch.setenv("FENCELINE_CLIP", str(own))

    path = get_asset("clip.avi", manifest=manifest(), given=own if how == "argument" else None)

    assert path != own
    assert path.read_bytes() == CONTENT


def test_once_fetched_it_is_not_fetched_again(web, manifest):
    folder, url = web
    (folder / "clip.avi").write_bytes(CONTENT)
    get_asset("clip.avi", manifest=manifest(url))

    assert get_asset("clip.avi", manifest=manifest(NOBODY)).read_bytes() == CONTENT


def test_a_damaged_copy_in_the_cache_is_replaced(web, manifest, cache):
    folder, url = web
    (folder / "clip.avi").write_bytes(CONTENT)
    cache.mkdir(parents=True)
    (cache / "clip.avi").write_bytes(CONTENT[:-1])

    assert get_asset("clip.avi", manifest=manifest(url)).read_bytes() == CONTENT


def test_another_file_under_the_same_name_is_never_taken(web, manifest, tmp_path, cache):
    folder, url = web
    (folder / "clip.avi").write_bytes(b"another")
    pretend_apt(tmp_path, content=b"yet another")

    with pytest.raises(FencelineError, match="it is another file") as caught:
        get_asset("clip.avi", manifest=manifest(url), given=folder / "clip.avi")

    assert str(caught.value).count("it is another file") == 3
    assert list(cache.iterdir()) == []


def test_offline_every_attempt_is_told_with_a_remedy(web, manifest, tmp_path):
    _, url = web

    with pytest.raises(FencelineError) as caught:
        get_asset("clip.avi", manifest=manifest(url), given=tmp_path / "none.avi")

    told = str(caught.value)
    assert "No such file" in told
    assert "HTTP 404" in told
    assert "this system has no apt-get" in told
    assert "name a copy of yours with --clip or FENCELINE_CLIP" in told


def test_what_apt_says_is_told(manifest, tmp_path):
    program(tmp_path / "bin", "apt-get", 'echo "E: the mirror is down" >&2; exit 100')

    with pytest.raises(FencelineError, match="apt-get update failed: E: the mirror is down"):
        get_asset("clip.avi", manifest=manifest())


def test_an_unknown_name_is_told(manifest):
    with pytest.raises(FencelineError, match=r"no asset is named .*; choose from clip"):
        get_asset("x.avi", manifest=manifest())


def test_the_manifest_is_found_and_knows_the_demo_clip():
    text = find_example("assets.toml").read_text()

    assert "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf" in text
    with pytest.raises(FencelineError, match=r"the example file .* is missing"):
        find_example("none.toml")
