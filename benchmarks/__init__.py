"""How good and how fast Fenceline is, measured on public data: one script per question."""
