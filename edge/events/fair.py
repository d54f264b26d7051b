"""A lock that nobody who works without a break can keep others from."""

from __future__ import annotations

from collections import deque
from threading import Lock


class FairLock:
    """It is had in the order in which it was asked for; a `threading.Lock` by who is quickest.

    Not reentrant.
    """

    def __init__(self) -> None:
        self._mutex, self._held = Lock(), False
        self._waiting: deque[Lock] = deque()  # each is let go of when its turn has come

    def __enter__(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:  # interrupted
            self._give_up(turn)
            raise

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            self._pass_on()

    def _give_up(self, turn: Lock) -> None:
        with self._mutex:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:  # its turn has come meanwhile
                self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().release()
        else:
            self._held = False
