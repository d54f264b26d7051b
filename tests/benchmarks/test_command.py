"""`python -m benchmarks`: what it lists, runs, saves, and its exit codes."""

import json
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command
from benchmarks.result import SkipBenchmark
from edge.errors import ModelError
from tests.benchmarks.make_result import goal, result


class FakeBenchmark(SimpleNamespace):
    """Gives a result, or raises what it is told to."""

    def run(self, *, quick, **more):
        self.quick, self.more = quick, more
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def benchmarks(monkeypatch, tmp_path):
    """The table of benchmarks, empty; results and page in a temporary folder."""
    table = {}
    monkeypatch.setattr(command, "BENCHMARKS", table)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(command, "PAGE", tmp_path / "page.md")
    return table


def add(benchmarks, outcome, name="speed"):
    benchmarks[name] = FakeBenchmark(outcome=outcome, __doc__=f"Of {name}.\n\nMore.")
    return benchmarks[name]


HELD, MISSED = goal(2.0, against=1.0), goal(0.5, against=1.0)


def test_without_a_name_the_benchmarks_are_listed(benchmarks, capsys):
    add(benchmarks, result())
    assert command.main([]) == 0
    assert capsys.readouterr().out.split() == ["speed", "Of", "speed."]


@pytest.mark.parametrize(
    ("goals", "options", "code"),
    [
        ([HELD], ["--check"], 0),
        ([HELD, MISSED], ["--check"], 1),
        ([HELD, MISSED], [], 0),
        ([], ["--check"], 0),
    ],
)
def test_check_exits_1_where_a_goal_is_missed(benchmarks, goals, options, code):
    add(benchmarks, result(goals=goals))
    assert command.main(["speed", *options]) == code


def test_the_result_is_saved_even_where_a_goal_is_missed(benchmarks):
    add(benchmarks, result(goals=[MISSED]))
    command.main(["speed", "--check"])
    saved = json.loads((command.RESULTS / "speed.json").read_text())
    assert saved["goals"][0]["held"] is False


def test_quick_runs_quickly_and_keeps_the_saved_result(benchmarks):
    fake = add(benchmarks, result())
    assert command.main(["speed", "--quick"]) == 0
    assert fake.quick
    assert not command.RESULTS.exists()


def test_out_names_the_file_and_for_all_the_folder(benchmarks, tmp_path):
    add(benchmarks, result())
    add(benchmarks, result("size"), "size")
    command.main(["speed", "--quick", "--out", str(tmp_path / "one.json")])
    command.main(["all", "--out", str(tmp_path / "both")])
    assert (tmp_path / "one.json").exists()
    assert sorted(path.name for path in (tmp_path / "both").iterdir()) == [
        "size.json",
        "speed.json",
    ]
    assert not command.RESULTS.exists()


def test_own_data_is_for_track_and_keeps_the_saved_result(benchmarks, tmp_path, capsys):
    fake = add(benchmarks, result("track"), "track")
    add(benchmarks, result())
    assert command.main(["track", "--data", str(tmp_path)]) == 0
    assert fake.more == {"data": tmp_path}
    assert not command.RESULTS.exists()
    with pytest.raises(SystemExit):
        command.main(["speed", "--data", str(tmp_path)])
    assert "--data is for `track`" in capsys.readouterr().err


def test_all_runs_every_one_and_fails_where_one_misses(benchmarks):
    add(benchmarks, result(goals=[MISSED]))
    later = add(benchmarks, result("size", goals=[HELD]), "size")
    assert command.main(["all", "--check"]) == 1
    assert later.quick is False


def test_a_benchmark_that_cannot_run_is_skipped_with_its_reason(benchmarks, capsys):
    add(benchmarks, SkipBenchmark("no data; set FENCELINE_DATA"))
    assert command.main(["speed", "--check"]) == 0
    assert "speed: skipped: no data; set FENCELINE_DATA" in capsys.readouterr().out
    assert not command.RESULTS.exists()


def test_a_benchmark_that_fails_is_one_sentence_and_exit_1(benchmarks, capsys):
    add(benchmarks, ModelError("no model", "get it"))
    assert command.main(["speed"]) == 1
    assert capsys.readouterr().err == "speed: failed: no model; get it\n"


def test_docs_puts_the_saved_results_into_the_page(benchmarks, capsys):
    add(benchmarks, result())
    command.main(["speed"])
    command.PAGE.write_text("<!-- speed -->\n<!-- end speed -->\n")
    assert command.main(["docs", "--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert command.main(["docs"]) == 0
    assert "| ours | 1.2 |" in command.PAGE.read_text()
    assert command.main(["docs", "--check"]) == 0


def test_docs_fails_for_a_result_without_a_place(benchmarks, capsys):
    add(benchmarks, result())
    command.main(["speed"])
    command.PAGE.write_text("nothing\n")
    assert command.main(["docs"]) == 1
    assert "speed: the page has 0 blocks" in capsys.readouterr().err
    assert command.PAGE.read_text() == "nothing\n"
