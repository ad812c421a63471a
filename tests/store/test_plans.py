"""Questions of every start do not read tables that grow with every visit."""

import re
from pathlib import Path

from sqlalchemy.dialects import sqlite

from archive.store import Store
from archive.store.portal_states import _last_run_sums

GROWS = ("outcome", "capture", "version", "figure", "finding")


def test_how_portals_stand_is_told_without_reading_every_outcome(home: Path) -> None:
    asked = _last_run_sums().compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with Store.open(home) as store, store.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
    steps = [row[3] for row in plan]
    assert any("outcome" in step for step in steps)
    assert not [step for step in steps if re.match(rf"SCAN ({'|'.join(GROWS)})\b", step)]
