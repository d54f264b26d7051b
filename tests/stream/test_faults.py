import pytest
from av import error as av_error

from edge.stream.faults import LIVE, file_fault, host_of, live_fault

SECRET = "s3cret"
URL = f"rtsp://cam:{SECRET}@10.0.0.9:554/live"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("rtsp://10.0.0.9/live", "10.0.0.9"),
        ("rtsp://cam:s3cret@gate.example:8554/live", "gate.example:8554"),
        ("rtsp://cam:s3@cret@gate.example/live", "gate.example"),
        ("rtsp://cam:12/s3cret@gate.example/live", "its address"),
        ("rtsp://cam:s3#cret@gate.example/live", "its address"),
        ("rtsp://cam:s3?cret@gate.example/live", "its address"),
        ("rtsp:///live", "its address"),
        ("rtsp://[::1]:8554/live", "[::1]:8554"),
        ("rtsp://[::1/live", "its address"),
    ],
)
def test_a_host_is_told_without_any_part_of_a_password(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize("fault", LIVE, ids=lambda fault: fault.kinds[0].__name__)
def test_every_live_failure_is_told_without_ffmpegs_words(fault):
    for kind in fault.kinds:
        error = live_fault(kind(5, f"failed: {URL}", URL), "gate", "10.0.0.9:554", waited=False)

        assert str(error) == (
            f"camera 'gate': {fault.what.format(host='10.0.0.9:554', kind='RTSP')}; {fault.remedy}"
        )
        assert error.refused == fault.refused


def test_a_failure_nobody_thought_of_gives_the_systems_reason():
    error = av_error.OSError(113, f"failed: {URL}", URL)

    told = str(live_fault(error, "gate", "10.0.0.9:554", waited=False))

    assert "No route to host" in told
    assert SECRET not in told


def test_invalid_data_after_the_whole_time_limit_is_silence():
    error = av_error.InvalidDataError(1, "Invalid data", URL)

    assert "does not answer" in str(live_fault(error, "gate", "10.0.0.9", waited=True))
    assert "not with video" in str(live_fault(error, "gate", "10.0.0.9", waited=False))


def test_a_file_failure_nobody_thought_of_gives_the_systems_reason():
    told = str(file_fault(av_error.OSError(5, "failed", "x"), "camera 'gate'"))

    assert told.startswith("camera 'gate': can't be read (Input/output error)")
