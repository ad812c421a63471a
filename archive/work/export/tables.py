"""Which tables can be exported, and in which formats; without the database behind them."""

TABLES = (
    "documents", "versions", "captures", "outcomes", "figures", "figures_current", "findings",
    "runs", "portals", "withdrawals", "changes", "similarity", "citations", "bodies", "indicators",
    "rules", "statements", "coverage",
)  # fmt: skip
FORMATS = (".jsonl", ".csv", ".parquet", ".xlsx")
