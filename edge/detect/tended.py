"""A detector that is watched: one that fails or hangs is opened anew, later and later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue

import structlog

from edge.detect import Detector
from edge.detect.whole import Fit, detected
from edge.errors import FencelineError, ModelError
from edge.types import Detections, Image, Picture

HANG_S = 10.0  # for one call; the slowest model on the slowest box takes a second
OPEN_S = 900.0  # TensorRT compiles a network for minutes
FIRST_S, LAST_S = 1.0, 60.0  # between attempts to open it again
Images = Sequence[Image]


class Worker(threading.Thread):
    """Opens a detector and runs its calls; one that hangs is left behind until the process ends."""

    def __init__(self, open_one: Callable[[], Detector]) -> None:
        super().__init__(name="detector", daemon=True)
        self._open = open_one
        self._calls: SimpleQueue[tuple[Images, Future[list[Detections]]] | None] = SimpleQueue()
        self.opened: Future[Detector] = Future()

    def run(self) -> None:
        """Open, then answer calls until told to end."""
        try:
            detector = self._open()
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self.opened.set_exception(error)
            return
        self.opened.set_result(detector)
        while (call := self._calls.get()) is not None:
            images, answer = call
            try:
                answer.set_result(detector.infer(images))
            except Exception as error:  # noqa: BLE001 - told to whoever waits
                answer.set_exception(error)

    def call(self, images: Images) -> Future[list[Detections]]:
        """Ask for detections."""
        answer: Future[list[Detections]] = Future()
        self._calls.put((images, answer))
        return answer

    def end(self) -> None:
        """Let the thread go when its present call is over."""
        self._calls.put(None)


class Tended:
    """See `Detector`; `trouble` is what is wrong with it now: one word, and words for people.

    It comes back as what it was, or not at all: events say what they were computed with.
    """

    def __init__(
        self,
        open_one: Callable[[], Detector],
        *,
        hang_s: float = HANG_S,
        clock: Callable[[], float],
    ) -> None:
        """Open it; raises ModelError where that fails."""
        self._open, self._hang_s, self._clock = open_one, hang_s, clock
        self._worker = self._started()
        first = self._worker.opened.result()
        self.name, self.sha256 = first.name, first.sha256
        self.provider, self.precision = first.provider, first.precision
        self.fit: Fit = first.fit
        self.sizes = first.sizes
        self.trouble: tuple[str, str] | None = None
        self._pause, self._again = FIRST_S, 0.0
        self._opening: Worker | None = None
        self._broken = False

    def infer(self, images: Images) -> list[Detections]:
        """See `Detector`; raises ModelError, at once while it is being opened again."""
        if not images:
            return []
        if self._broken:
            self._mend()
        answer = self._worker.call(images)
        try:
            found = answer.result(self._hang_s)
        except TimeoutError:
            raise self._failed(
                "detector_hangs", f"model '{self.name}' gave no answer for {self._hang_s:.0f} s"
            ) from None
        except Exception as error:
            raise self._failed("detector_failed", _what(error)) from error
        self.trouble, self._pause = None, FIRST_S
        return found

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See `Detector`."""
        return detected(self.infer, self.fit, pictures)

    def close(self) -> None:
        """Let its thread go."""
        self._leave()

    def _started(self) -> Worker:
        worker = Worker(self._open)
        worker.start()
        return worker

    def _failed(self, cause: str, what: str) -> ModelError:
        """Leave the one that failed or hangs; another is opened after a pause."""
        self._leave()
        self._broken = True
        self._again = self._clock() + self._pause
        self._pause = min(2 * self._pause, LAST_S)
        self.trouble = cause, what
        structlog.get_logger().error("detector failed", cause=cause, reason=what)
        return ModelError(what, "it is opened again soon; check the device where this goes on")

    def _leave(self) -> None:
        """Let the threads go: of what was used, and of what was being opened."""
        self._worker.end()
        if self._opening is not None:
            self._opening.end()
        self._opening = None

    def _mend(self) -> None:
        """Take the one that was opened meanwhile, or raise."""
        now = self._clock()
        if self._opening is None and now >= self._again:
            self._opening, self._again = self._started(), now + OPEN_S
        opening = self._opening
        if opening is None or not opening.opened.done():
            if opening is not None and now >= self._again:
                raise self._failed("detector_hangs", f"model '{self.name}' can't be opened again")
            _, what = self.trouble or ("", "the detector failed")
            raise ModelError(what, "it is being opened again")
        self._take(opening)

    def _take(self, opening: Worker) -> None:
        try:
            detector = opening.opened.result()
        except Exception as error:
            raise self._failed("detector_failed", _what(error)) from error
        if detector.sha256 != self.sha256:
            raise self._failed("detector_failed", f"model '{self.name}' came back as another file")
        was = self.provider, self.precision, self.sizes
        if (detector.provider, detector.precision, detector.sizes) != was:
            raise self._failed(
                "detector_failed",
                f"model '{self.name}' came back on {detector.provider} in {detector.precision}, "
                f"not on {self.provider} in {self.precision}",
            )
        self._worker, self._opening, self._broken = opening, None, False


def _what(error: Exception) -> str:
    return error.what if isinstance(error, FencelineError) else repr(error)
