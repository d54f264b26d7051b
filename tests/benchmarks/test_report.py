"""Terminal, Markdown and the quoted page, all from the document."""

import io

import pytest
from rich.console import Console

from benchmarks.report import markdown, quoted, show, shown
from tests.benchmarks.make_result import document, goal

PAGE = "# Page\n\n<!-- speed -->\nold\n<!-- end speed -->\n\ntext\n"


def printed(made):
    out = io.StringIO()
    show(made, Console(file=out, width=120))
    return out.getvalue()


def test_a_value_is_shown_with_its_digits_and_nothing_as_a_dash():
    assert [shown(1.23456, 2), shown(None), shown("x"), shown(7)] == ["1.23", "-", "x", "7"]


def test_the_terminal_shows_values_ratios_skips_and_goals():
    text = printed(
        document(
            goals=[goal(2.0), goal(0.5)],
            ratios={"to the peer": 0.5},
            skipped={"peer": "not installed"},
        )
    )
    assert "1.2" in text
    assert "ratio, to the peer: 0.500" in text
    assert "skipped, peer: not installed" in text
    assert "goal, cost: 2.000 >= 1.000: held" in text
    assert "goal, cost: 0.500 >= 1.000: MISSED" in text


def test_markdown_is_a_table_with_goals_machine_and_revision():
    made = document(goals=[goal(2.0, against=3.0, at_least=False)], notes=["one note"])
    lines = markdown(made).splitlines()
    assert lines[:3] == ["| path | ms |", "|---|---|", "| ours | 1.2 |"]
    assert "- one note" in lines
    assert "- goal, cost: 2.000 <= 3.000: held" in lines
    assert f"revision {made['revision']}, Some CPU, 2 cores, 3.9 GiB" in lines[-1]


def test_a_column_shows_several_values_side_by_side():
    made = document(rows=[{"path": "ours", "p": 0.5, "r": None}])
    made["columns"] = [{"title": "P / R", "keys": ["p", "r"], "digits": 2}]
    assert "| 0.50 / - |" in markdown(made)


def test_a_page_gets_the_result_between_its_markers_and_nothing_else_changes():
    made = document()
    page = quoted(PAGE, [made])
    assert page == f"# Page\n\n<!-- speed -->\n{markdown(made)}\n<!-- end speed -->\n\ntext\n"


def test_quoting_twice_is_quoting_once():
    made = document(notes=[r"a back\slash and \1"])
    page = quoted(PAGE, [made])
    assert r"a back\slash and \1" in page
    assert quoted(page, [made]) == page


@pytest.mark.parametrize("page", ["no markers", PAGE + PAGE, PAGE.replace("end speed", "end")])
def test_a_page_without_exactly_one_block_is_an_error(page):
    with pytest.raises(ValueError, match=r"speed: the page has \d blocks"):
        quoted(page, [document()])
