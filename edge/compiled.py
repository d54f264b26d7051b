"""Where code is kept that was compiled on this machine, so that it is compiled once only."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from platformdirs import user_cache_dir


def cached(sources: Iterable[Path], *, also: str = "") -> None:
    """Let numba keep what these files are compiled to; call before they are imported.

    numba looks at the age of one file only, and these are several: so each state of their text,
    and of what is compiled in `also`, has a folder of its own. Raises ImportError without numba.
    """
    import numba  # noqa: PLC0415 - half a second, and not everywhere

    texts = [*(file.read_bytes() for file in sorted(sources)), also.encode()]
    digest = hashlib.sha256(b"".join(texts)).hexdigest()[:16]
    numba.config.CACHE_DIR = str(_folder(digest))  # type: ignore[attr-defined]


def _folder(digest: str) -> Path:
    """Beside the models, or for this process only."""
    home = os.environ.get("FENCELINE_CACHE") or user_cache_dir("fenceline")
    folder = Path(home) / "compiled" / digest
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        own = Path(tempfile.mkdtemp(prefix="fenceline-"))
        atexit.register(shutil.rmtree, own, ignore_errors=True)
        return own
