"""How good and how fast Fenceline is, measured on public data: one script per question.

The result of a benchmark is a document (a plain dict, as saved in JSON); the table on the
terminal and the one in docs/benchmarks.md are rendered from it, so they can't disagree with it.
"""
