"""Opening a network: what runs where, and what is said when it can't."""

import sys

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.detect.engines import Engine, cores_left, open_session
from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.detect.openvino_session import OpenVinoSession, has_bfloat16
from edge.detect.picodet import PicoDet
from edge.detect.session import sha256_of
from edge.errors import ModelError
from tests.detect import make_onnx

CPU, PICODET = "CPUExecutionProvider", PicoDet.INPUT
SESSIONS = {
    "onnxruntime": OnnxRuntimeSession,
    "as on a GPU": lambda path, wanted: OnnxRuntimeSession(path, wanted, precision="fp16"),
    "openvino": OpenVinoSession,
    "openvino, two at once": lambda path, wanted: OpenVinoSession(path, wanted, threads=2),
}
SAID_BY_RUNTIME = {name: SESSIONS[name] for name in ("onnxruntime", "openvino")}


@pytest.fixture
def model(tmp_path):
    return make_onnx.picodet(tmp_path / "small.onnx", [(1, 2, 3, 4)], [{0: 0.5}])


@pytest.fixture(params=SESSIONS)
def session(request):
    """Opens a PicoDet with one of the sessions."""
    return lambda path: SESSIONS[request.param](path, PICODET)


def opened(model, *providers, **options):
    return open_session(model, PICODET, Engine(providers, **options))


def plain(side=32, colour=0):
    return np.full((side, side, 3), colour, np.uint8)


def test_the_provider_really_used_is_told(model):
    assert opened(model, "cpu").provider == CPU
    assert opened(model, "openvino").provider == "OpenVINO"


def test_auto_is_openvino_where_the_processor_has_bfloat16(model):
    used = opened(model, "auto")
    wanted = ("OpenVINO", "bf16") if has_bfloat16() else (CPU, "fp32")
    assert (used.provider, used.precision) == wanted


def test_auto_is_onnxruntime_where_the_processor_has_none(model, monkeypatch):
    monkeypatch.setattr("edge.detect.engines.has_bfloat16", lambda: False)
    assert opened(model, "auto").provider == CPU
    used = opened(model, "openvino")
    assert (used.provider, used.precision) == ("OpenVINO", "fp32")


def test_a_precision_that_is_not_there_is_an_error(model, monkeypatch):
    with pytest.raises(ModelError, match="cpu does not compute in fp16"):
        opened(model, "cpu", precision="fp16")
    monkeypatch.setattr("edge.detect.engines.has_bfloat16", lambda: False)
    with pytest.raises(ModelError, match="openvino does not compute in bf16"):
        opened(model, "openvino", precision="bf16")


def test_a_missing_provider_alone_is_an_error(model):
    with pytest.raises(ModelError, match=r"^CUDAExecutionProvider .*detect\.providers"):
        opened(model, "cuda")


def test_a_missing_provider_with_another_behind_it_is_a_warning(model):
    with capture_logs() as logs:
        session = opened(model, "tensorrt", "cuda", "cpu")
    assert session.provider == CPU
    assert [(one["log_level"], one["wanted"], one["used"]) for one in logs] == [
        ("warning", "tensorrt", "cpu")
    ]
    assert len(logs[0]["why"]) == 2


def test_what_is_required_never_falls_back(model):
    with pytest.raises(ModelError, match=r"^CUDAExecutionProvider"):
        opened(model, "cuda", "cpu", require=True)
    assert opened(model, "cpu", "cuda", require=True).provider == CPU


def test_where_none_works_every_reason_is_told(model):
    with pytest.raises(ModelError, match=r"no provider can run small\.onnx \(tensorrt: .*cuda: "):
        opened(model, "tensorrt", "cuda")


def test_the_provider_asked_for_first_is_used_in_silence(model):
    with capture_logs() as logs:
        opened(model, "cpu", "cuda")
    assert logs == []


def test_openvino_that_is_not_installed_is_an_error(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match="OpenVINO is not installed"):
        opened(model, "openvino")


def test_no_runtime_may_report_its_use(model):
    """OpenVINO's converter comes with a client for that, and would load it."""
    opened(model, "openvino")
    assert sys.modules["openvino_telemetry"] is None


def test_outputs_come_in_the_order_asked_for(model, session):
    scores, boxes = session(model).run(("scores", "boxes"), [plain()])
    assert (scores.shape, boxes.tolist()) == ((1, 80, 1), [[[1, 2, 3, 4]]])


def test_a_network_says_what_it_takes_and_gives(model, session):
    opened_one = session(model)
    assert opened_one.inputs == {"image": ((1, 3, 32, 32), "float")}
    assert opened_one.outputs == {"boxes": ((1, 1, 4), "float"), "scores": ((1, 80, 1), "float")}
    assert (opened_one.size, opened_one.name) == ((32, 32), "small.onnx")


def test_every_session_prepares_pictures_alike(tmp_path, session):
    """Blue, green and red are told apart, their mean and scale are the network's own."""
    picture = plain(64)
    picture[:] = 200, 120, 40
    path = make_onnx.echo(tmp_path / "echo.onnx", side=64)
    boxes, _ = session(path).run(("boxes", "scores"), [picture])
    red, green, blue = ((np.array([40, 120, 200]) / 255) - [0.485, 0.456, 0.406]) / [
        0.229,
        0.224,
        0.225,
    ]
    assert boxes[0, 0, :3] == pytest.approx(
        [100 + 10 * red, 100 + 10 * green, 100 + 10 * blue], abs=0.2
    )


def test_several_pictures_give_as_many_rows_in_their_order(tmp_path, session):
    pictures = [plain(64, colour) for colour in (0, 80, 160, 240, 40)]
    path = make_onnx.echo(tmp_path / "echo.onnx", side=64)
    opened_one = session(path)
    boxes, scores = opened_one.run(("boxes", "scores"), pictures)
    alone = [opened_one.run(("boxes",), [one])[0][0].copy() for one in pictures]
    assert boxes.shape == (5, 1, 4)
    assert scores.shape == (5, 80, 1)
    assert boxes == pytest.approx(np.array(alone), abs=0.2)
    assert len(set(boxes[:, 0, 0].tolist())) == 5


@pytest.mark.parametrize("runtime", SAID_BY_RUNTIME)
def test_a_failing_run_is_a_model_error(model, runtime):
    opened_one = SAID_BY_RUNTIME[runtime](model, PICODET)
    with pytest.raises(ModelError, match=r"small\.onnx failed on (CPUEx|OpenV)"):
        opened_one.run(("boxes",), [plain(16)])


@pytest.mark.parametrize("runtime", SAID_BY_RUNTIME)
@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "missing"])
def test_a_file_that_is_no_model_is_one_clear_error(model, capfd, damage, runtime):
    content = model.read_bytes()
    model.write_bytes(
        {"truncated": content[:-100], "empty": b"", "text": b"hello"}.get(damage, b"")
    )
    if damage == "missing":
        model.unlink()
    with pytest.raises(ModelError, match=r"^small\.onnx is not a model") as caught:
        SAID_BY_RUNTIME[runtime](model, PICODET)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("runtime", SAID_BY_RUNTIME)
def test_an_operator_that_the_runtime_does_not_know_is_a_model_error(tmp_path, runtime):
    path = make_onnx.unknown_operator(tmp_path / "strange.onnx")
    with pytest.raises(ModelError, match=r"Fancy"):
        SAID_BY_RUNTIME[runtime](path, PICODET)


def test_the_digest_is_sha256(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_the_runtime_left_is_an_error(model, monkeypatch):
    """A runtime built with CUDA runs on the CPU by itself where the driver is missing."""
    monkeypatch.setattr(
        "edge.detect.onnxruntime_session.ort.get_available_providers",
        lambda: ["CUDAExecutionProvider", CPU],
    )
    with pytest.raises(ModelError, match="the runtime took CPUExecutionProvider"):
        opened(model, "cuda", require=True)


def test_decoding_leaves_cores_to_the_detector(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(8)))
    assert [cores_left(cameras) for cameras in (0, 1, 10, 20, 200)] == [8, 7, 7, 6, 1]
