"""Goals, exit codes, JSON and the documentation's tables."""

import json

from benchmarks import __main__ as command
from benchmarks.report import Goal, Result, SkipBenchmark


def result(value):
    made = Result("toy", "How big is it?", ("name", "value"), [["a", value]])
    made.goals = [Goal("size", value, 2.0)]
    return made


def run(monkeypatch, tmp_path, value, *options):
    monkeypatch.setitem(command.BENCHMARKS, "toy", lambda: result(value))
    out = tmp_path / "toy.json"
    return command.main(["toy", "--out", str(out), *options]), out


def test_check_ends_with_1_where_a_goal_is_missed(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, tmp_path, 1.0, "--check")[0] == 1
    assert "MISSED" in capsys.readouterr().out
    assert run(monkeypatch, tmp_path, 3.0, "--check")[0] == 0
    assert run(monkeypatch, tmp_path, 1.0)[0] == 0


def test_goals_may_be_upper_bounds():
    assert Goal("cost", 1.0, 2.0, at_least=False).held
    assert not Goal("cost", 3.0, 2.0, at_least=False).held


def test_the_json_says_where_when_and_with_what(monkeypatch, tmp_path):
    _, out = run(monkeypatch, tmp_path, 3.0)
    document = json.loads(out.read_text())
    assert document["goals"] == [
        {"name": "size", "value": 3.0, "goal": 2.0, "at_least": True, "held": True}
    ]
    assert {"processor", "cores", "memory_gib"} <= document["machine"].keys()
    assert {"python", "fenceline", "onnxruntime"} <= document["versions"].keys()
    assert document["date"].endswith("+00:00")


def test_a_benchmark_that_cannot_run_says_why(monkeypatch, capsys):
    def skip():
        raise SkipBenchmark("no data")

    monkeypatch.setitem(command.BENCHMARKS, "toy", skip)
    assert command.main(["toy", "--check"]) == 0
    assert "toy: skipped, no data" in capsys.readouterr().out


def test_the_docs_quote_the_saved_result(monkeypatch, tmp_path):
    run(monkeypatch, tmp_path, 3.0)
    document = tmp_path / "benchmarks.md"
    document.write_text("before\n<!-- toy -->\nold\n<!-- end toy -->\nafter\n")
    command.quote(document, tmp_path)
    text = document.read_text()
    assert "| a | 3.000 |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    command.quote(document, tmp_path)
    assert document.read_text() == text
