"""The console's files: plain, small, and nothing from elsewhere."""

import re

import pytest

from edge.serve.http import CONSOLE

FILES = sorted(CONSOLE.iterdir())
SVG = "http://www.w3.org/2000/svg"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path):
    assert not re.search(r"(https?:)?//\w+\.|@import|https?:", path.read_text().replace(SVG, ""))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_text_is_ever_parsed_as_markup(path):
    never = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "srcdoc")
    assert not [word for word in never if word in path.read_text()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_ascii_and_short(path):
    text = path.read_text(encoding="ascii")
    assert len(text.splitlines()) <= 200


def test_every_file_is_used():
    used = "".join(path.read_text() for path in FILES)
    for path in FILES:
        assert path.name == "index.html" or f'{path.name}"' in used, path
