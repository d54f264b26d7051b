"""The committed page quotes the committed results, word for word."""

from benchmarks.__main__ import BENCHMARKS, RESULTS, main


def test_the_page_quotes_the_saved_results():
    assert main(["docs", "--check"]) == 0


def test_every_benchmark_has_a_saved_result_whose_goals_are_told():
    assert {path.stem for path in RESULTS.glob("*.json")} == set(BENCHMARKS)
