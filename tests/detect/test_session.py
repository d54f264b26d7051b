"""Opening a model: what runs where, and what is said when it can't."""

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.detect.session import Session, _say_used, sha256_of
from edge.errors import ModelError
from tests.detect import make_onnx


@pytest.fixture
def model(tmp_path):
    return make_onnx.picodet(tmp_path / "small.onnx", [(1, 2, 3, 4)], [{0: 0.5}])


def test_the_provider_really_used_is_told(model):
    assert Session(model, providers=["cpu"], threads=1).provider == "CPUExecutionProvider"


def test_a_missing_provider_alone_is_an_error(model):
    with pytest.raises(ModelError, match=r"cuda works.*onnxruntime-gpu.*detect\.providers"):
        Session(model, providers=["cuda"], threads=1)


def test_a_missing_provider_with_another_behind_it_is_a_warning(model):
    with capture_logs() as logs:
        session = Session(model, providers=["cuda", "cpu"], threads=1)
    assert session.provider == "CPUExecutionProvider"
    assert [(one["log_level"], one["wanted"], one["used"]) for one in logs] == [
        ("warning", "cuda", "CPUExecutionProvider")
    ]


def test_the_provider_asked_for_first_is_used_in_silence(model):
    with capture_logs() as logs:
        Session(model, providers=["cpu", "cuda"], threads=1)
    assert logs == []


def test_outputs_come_in_the_order_asked_for(model):
    session = Session(model, providers=["cpu"], threads=2)
    image = np.zeros((1, 3, 32, 32), np.float32)
    scores, boxes = session.run(("scores", "boxes"), image=image)
    assert (scores.shape, boxes.tolist()) == ((1, 80, 1), [[[1, 2, 3, 4]]])


def test_a_failing_run_is_a_model_error(model):
    session = Session(model, providers=["cpu"], threads=1)
    with pytest.raises(ModelError, match=r"small\.onnx failed on CPUExecutionProvider"):
        session.run(("boxes",), image=np.zeros((1, 3, 16, 16), np.float32))


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "missing"])
def test_a_file_that_is_no_model_is_one_clear_error(model, capfd, damage):
    content = model.read_bytes()
    model.write_bytes(
        {"truncated": content[:-100], "empty": b"", "text": b"hello"}.get(damage, b"")
    )
    if damage == "missing":
        model.unlink()
    with pytest.raises(ModelError, match=r"^small\.onnx is not a model") as caught:
        Session(model, providers=["cpu"], threads=1)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    assert capfd.readouterr() == ("", "")


def test_an_operator_that_the_runtime_does_not_know_is_a_model_error(tmp_path):
    path = make_onnx.unknown_operator(tmp_path / "strange.onnx")
    with pytest.raises(ModelError, match="Fancy"):
        Session(path, providers=["cpu"], threads=1)


def test_the_digest_is_sha256(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")


def test_a_provider_that_nobody_asked_for_is_never_used():
    """A runtime built with CUDA runs on the CPU by itself where the driver is missing."""
    with pytest.raises(ModelError, match="no execution provider of cuda works"):
        _say_used("CPUExecutionProvider", ["cuda"])
