"""What a ledger's bytes are spent on: each table with its indexes, as SQLite counts pages."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

_BYTES = """
SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize)
FROM dbstat s LEFT JOIN sqlite_master m ON m.name = s.name GROUP BY 1
"""


def bytes_by_table(database: Path) -> dict[str, int]:
    """Bytes of every table with its indexes, largest first; the shadow tables of a full-text index
    count as that index. {} where SQLite was built without dbstat.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute(_BYTES).fetchall()
        except sqlite3.OperationalError:
            return {}
        virtual = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
            )
        ]
    found: Counter[str] = Counter()
    for name, size in rows:
        whole = next((each for each in virtual if name.startswith(f"{each}_")), name)
        found[whole] += size
    return dict(found.most_common())
