"""Errors of the HTTP API: every one says what is wrong and what to do, as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from edge.errors import FencelineError, Refusal, RefusalError

STATUSES = {
    Refusal.INVALID: 422,
    Refusal.NOT_FOUND: 404,
    Refusal.CONFLICT: 409,
    Refusal.FULL: 429,
    Refusal.LATER: 503,
}
MEDIA_TYPE = "application/problem+json"  # RFC 9457; all that is told are extension members
SEE = "see /api/openapi.json for what there is"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, and what to do about it."""

    error: str
    remedy: str
    reason: str = ""  # for programs, as in the gRPC calls; only where something was to be done

    def answer(self, status: int, **headers: str) -> JSONResponse:
        """As it goes over the wire."""
        told = {name: text for name, text in asdict(self).items() if text or name != "reason"}
        return JSONResponse(told, status, headers, MEDIA_TYPE)


class NoAnswerError(FencelineError):
    """An endpoint has no answer to give."""

    def __init__(self, status: int, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.status = status


def word_errors(app: FastAPI) -> None:
    """Let every error of an application be told as a `Problem`."""
    app.add_exception_handler(FencelineError, _failed)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(Exception, _broken)


def _failed(_request: Request, error: Exception) -> JSONResponse:
    """An endpoint refuses, or the box can't answer at present."""
    if isinstance(error, RefusalError):
        return Problem(error.what, error.remedy, error.reason).answer(STATUSES[error.kind])
    status = error.status if isinstance(error, NoAnswerError) else 503
    what, remedy = getattr(error, "what", str(error)), getattr(error, "remedy", SEE)
    return Problem(what, remedy).answer(status)


def _unknown(_request: Request, error: Exception) -> JSONResponse:
    """There is no such page."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Problem(str(getattr(error, "detail", error)).lower(), SEE).answer(status)


def _misread(_request: Request, error: Exception) -> JSONResponse:
    """A parameter is wrong."""
    wrong = error.errors() if isinstance(error, RequestValidationError) else []
    texts = [f"{one['loc'][-1]}: {one['msg'].lower()}" for one in wrong]
    return Problem("; ".join(texts), SEE).answer(422)


def _broken(_request: Request, _error: Exception) -> JSONResponse:
    """A defect: its details are for the log, where the server writes them."""
    return Problem("internal error", "see the log of the box").answer(500)
