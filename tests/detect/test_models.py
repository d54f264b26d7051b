"""The model cache: adding, listing, checking, opening."""

import fcntl
import shutil
import threading

import pytest

from edge.detect import models, open_detector
from edge.detect.engines import Engine
from edge.detect.manifest import find
from edge.detect.models import add_model, get_model, list_models, verify_models
from edge.errors import ModelError
from tests.detect import make_onnx

SHIPPED = ["picodet-s-416", "picodet-s-320", "picodet-s-640", "picodet-s-384x640"]


def small(folder, name="own.onnx", **options):
    return make_onnx.picodet(folder / name, [(0, 0, 9, 9)], [{0: 0.9}], **options)


def opened(name):
    return open_detector(name, score=0.3, engine=Engine(("cpu",)))


def states():
    return {row.name: row.state for row in list_models()}


@pytest.mark.usefixtures("cache")
def test_the_shipped_models_are_listed_default_first():
    rows = list_models()
    assert [row.name for row in rows] == SHIPPED
    assert {row.licence for row in rows} == {"Apache-2.0"}
    assert {row.state for row in rows} == {"missing"}
    assert verify_models() == []


def test_listing_makes_no_folder(cache):
    list_models()
    assert not cache.exists()


def test_an_own_model_is_copied_listed_and_opened(cache, tmp_path):
    path = add_model(small(tmp_path))
    assert path == cache / "own.onnx"
    assert path.read_bytes() == (tmp_path / "own.onnx").read_bytes()
    assert states()["own"] == "ready"
    assert [(row.name, row.family) for row in verify_models()] == [("own", "picodet")]
    assert opened("own").sha256 == find("own").sha256


@pytest.mark.usefixtures("cache")
def test_an_own_model_may_be_named_and_replaced(tmp_path):
    add_model(small(tmp_path), name="gate.v2")
    first = find("gate.v2").sha256
    add_model(small(tmp_path, size=(64, 64)), name="gate.v2")
    assert find("gate.v2").sha256 != first
    assert states()["gate.v2"] == "ready"


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("name", ["../evil", "", "a b", 'a"b', ".hidden", "x" * 65])
def test_a_name_is_a_plain_word(tmp_path, name):
    path = small(tmp_path)
    with pytest.raises(ModelError, match="no name for a model"):
        models._own(path, name, "0" * 64)


@pytest.mark.usefixtures("cache")
def test_a_shipped_name_is_kept_for_the_shipped_file(tmp_path):
    with pytest.raises(ModelError, match=r"not the shipped model 'picodet-s-416'.*--name"):
        add_model(small(tmp_path), name="picodet-s-416")


def test_a_shipped_file_takes_its_place_whatever_its_name(cache, tmp_path, model_cache):
    brought = tmp_path / "from-another-machine.bin"
    shutil.copy(model_cache / "picodet-s-416.onnx", brought)
    assert add_model(brought) == cache / "picodet-s-416.onnx"
    assert states()["picodet-s-416"] == "ready"
    assert not (cache / "manifest.toml").exists()


def test_a_file_that_fits_no_family_is_refused_with_why(cache, tmp_path):
    with pytest.raises(
        ModelError, match=r"fits no family.*picodet: .* has the inputs data 1x3x32x32"
    ):
        add_model(make_onnx.picodet(tmp_path / "data.onnx", name="data"))
    assert sorted(path.name for path in cache.iterdir()) == [".lock"]


def test_a_truncated_file_is_refused(cache, tmp_path):
    path = small(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"^own\.onnx is cut short"):
        add_model(path)
    assert sorted(one.name for one in cache.iterdir()) == [".lock"]


@pytest.mark.usefixtures("cache")
def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"none\.onnx: no such file"):
        add_model(tmp_path / "none.onnx")


@pytest.mark.usefixtures("cache")
def test_opening_an_unknown_name_tells_the_known_ones():
    with pytest.raises(ModelError, match=r"no model is named 'yolo'.*picodet-s-416.*models add"):
        opened("yolo")


@pytest.mark.usefixtures("cache")
def test_opening_a_missing_model_tells_how_to_get_it():
    with pytest.raises(ModelError, match=r"not in the cache.*`fenceline models get picodet-s-320`"):
        opened("picodet-s-320")


def test_opening_a_damaged_model_tells_how_to_get_it_again(cache):
    cache.mkdir(parents=True)
    (cache / "picodet-s-416.onnx").write_bytes(b"not this")
    assert states()["picodet-s-416"] == "damaged"
    assert [row.state for row in verify_models()] == ["damaged"]
    with pytest.raises(ModelError, match=r"sha256.*`fenceline models get picodet-s-416`"):
        opened("picodet-s-416")


@pytest.mark.usefixtures("cache")
def test_a_damaged_own_model_must_be_brought_again(tmp_path):
    path = add_model(small(tmp_path))
    path.write_bytes(b"not this")
    with pytest.raises(ModelError, match="`fenceline models add FILE --name own`"):
        opened("own")
    with pytest.raises(ModelError, match="`fenceline models add FILE --name own`"):
        get_model("own")


def test_an_own_manifest_does_not_change_a_shipped_model(cache):
    digest = find("picodet-s-416").sha256
    cache.mkdir(parents=True)
    row = 'name = "picodet-s-416"\nfamily = "picodet"\nlicence = "?"\nsha256 = "0"\n'
    (cache / "manifest.toml").write_text(f"[[model]]\n{row}")
    assert find("picodet-s-416").sha256 == digest
    assert len(list_models()) == len(SHIPPED)


def test_a_broken_own_manifest_is_named(cache):
    cache.mkdir(parents=True)
    (cache / "manifest.toml").write_text("[[model]]\nnme = 3\n")
    with pytest.raises(ModelError, match=r"manifest\.toml can't be read.*repair it"):
        list_models()


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FENCELINE_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"can't be written.*FENCELINE_CACHE"):
        get_model("picodet-s-416")


def test_a_model_that_another_command_is_making_is_waited_for(cache, model_cache):
    """The test is the other command: it holds the cache, puts the model there, and lets go."""
    cache.mkdir(parents=True)
    waits = threading.Event()
    got = []
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thread = threading.Thread(
            target=lambda: got.append(get_model("picodet-s-416", progress=lambda *_: waits.set()))
        )
        thread.start()
        assert waits.wait(10)
        shutil.copy(model_cache / "picodet-s-416.onnx", cache)
    thread.join(10)
    assert got == [cache / "picodet-s-416.onnx"]
