"""Adds nights that brought nothing new to an archive that bench.filling made: each a run of every
portal whose lists answered 304, as workers do it. What grows with the nights alone shows then.

python -m bench.nights HOME_OR_URL [--nights 1000]
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, func, insert, select, update

from archive.model.outcome import Outcome, Verdict
from archive.model.reading import Kind
from archive.search.index import open_indexed
from archive.store import Connection, Store
from archive.store.schema import capture, outcome, page, run, run_portal, warc_file
from archive.store.types import NamedRow, Values

BETWEEN_PORTALS: Final = timedelta(seconds=10)
NIGHTS_AT_ONCE: Final = 10


@dataclass(slots=True)
class Ids:
    """The latest of each table."""

    run: int
    capture: int
    warc_file: int


def add_nights(store: Store, nights: int) -> Iterator[int]:
    """Adds so many nights behind the latest capture; yields how many are there, now and then."""
    with store.read() as connection:
        lists = _lists(connection)
        ids = Ids(*(_latest(connection, each) for each in (run, capture, warc_file)))
        began = connection.scalar(select(func.max(capture.c.captured_at)))
    if began is None:
        return
    for first in range(0, nights, NIGHTS_AT_ONCE):
        last = min(first + NIGHTS_AT_ONCE, nights)
        with store.write() as connection:
            for night in range(first, last):
                _write(connection, lists, ids, began + timedelta(days=night + 1))
        yield last


def _lists(connection: Connection) -> Mapping[str, Sequence[NamedRow]]:
    found: defaultdict[str, list[NamedRow]] = defaultdict(list)
    columns = (page.c.id, page.c.portal_key, page.c.host, page.c.role, page.c.body_capture_id)
    for row in connection.execute(select(*columns).where(page.c.kind == Kind.LIST)):
        found[row.portal_key].append(row)
    return found


def _latest(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.max(table.c.id))) or 0


def _write(
    connection: Connection, lists: Mapping[str, Sequence[NamedRow]], ids: Ids, at: datetime
) -> None:
    ids.warc_file += 1
    rows: dict[Table, list[Values]] = {run: [], run_portal: [], capture: [], outcome: []}
    name = f"night-{ids.warc_file:06d}.warc.gz"
    file: Values = {"id": ids.warc_file, "name": name, "committed_end": 10**9}
    connection.execute(insert(warc_file), file)
    for key, pages in lists.items():
        ids.run += 1
        at += BETWEEN_PORTALS
        _visit(rows, key, pages, ids, at)
    for table, its in rows.items():
        connection.execute(insert(table), its)
    connection.execute(update(page).where(page.c.kind == Kind.LIST).values(last_captured_at=at))


def _visit(
    rows: dict[Table, list[Values]], key: str, pages: Sequence[NamedRow], ids: Ids, at: datetime
) -> None:
    counts = {Outcome.UNCHANGED.value: len(pages)}
    judged: Values = {"verdict": Verdict.GOOD, "reason": "all as expected", "counts": counts}
    rows[run].append(
        {
            "id": ids.run, "job": f"visit {key}", "mode": "due", "portals": [key], "options": {},
            "pid": 1, "started_at": at, "ended_at": at + BETWEEN_PORTALS, "status": "finished",
            "scheduled": len(pages), "recorded_at": at, **judged,
        }
    )  # fmt: skip
    rows[run_portal].append({"run_id": ids.run, "portal_key": key, **judged})
    for each in pages:
        ids.capture += 1
        rows[capture].append(
            {
                "id": ids.capture, "page_id": each.id, "run_id": ids.run, "captured_at": at,
                "status": 304, "size_bytes": 0, "warc_file_id": ids.warc_file,
                "warc_offset": 900 * len(rows[capture]), "warc_length": 800,
                "record_id": f"<urn:uuid:{ids.capture:08x}-0000-4000-8000-000000000009>",
                "record_type": "revisit", "refers_to": each.body_capture_id, "host": each.host,
                "elapsed_s": 0.2,
            }
        )  # fmt: skip
        rows[outcome].append(
            {
                "run_id": ids.run, "page_id": each.id, "outcome": Outcome.UNCHANGED,
                "reason": "304", "capture_id": ids.capture, "attempts": 0, "at": at,
                "role": each.role,
            }
        )  # fmt: skip


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", help="a home or a database URL")
    parser.add_argument("--nights", type=int, default=1000)
    args = parser.parse_args()
    with open_indexed(args.place) as store:
        for done in add_nights(store, args.nights):
            print(f"{done} of {args.nights} nights", flush=True)


if __name__ == "__main__":
    main()
