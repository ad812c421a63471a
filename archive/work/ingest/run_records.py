"""What the ledger knows of a run, written down beside its captures as metadata records (section 6.6
of WARC 1.1), so that a ledger that is lost can be made again from the WARC files.

A run's rows are JSON Lines in one record or several. All of them lie in the files before the ledger
says that the run is over; who reads them takes of each run the last set that is whole.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from archive.model.outcome import Verdict
from archive.store import Connection
from archive.store.frontier import runs
from archive.store.frontier.runs import EndStatus
from archive.store.query.run_facts import (
    run_facts,
    standing_rows,
    touched_pages,
    unrecorded_runs,
)
from archive.store.types import Values
from archive.store.write.captures import archive_id, keep
from archive.warc.drafts import RUN_SCHEME
from archive.warc.writer import WarcWriter

FORMAT: Final = "gongkai-run/1"
HEAD, END = "part", "end"
MAX_ROWS: Final = 64 * 1024
MAX_BYTES: Final = 1024 * 1024


def end_run(
    connection: Connection,
    files: WarcWriter,
    run_id: int,
    *,
    status: EndStatus,
    verdict: Verdict,
    reason: str,
    counts: Mapping[str, int],
    now: datetime,
    shared: bool = False,
) -> None:
    """Closes a run as archive.store.frontier.runs.finish_run does, its rows written down before.
    Runs that visited nothing make no file of their own: they wait for the next that did.

    shared: the run is one of many that end every minute: of the portals it writes down its own.
    """
    runs.finish_run(
        connection, run_id, status=status, verdict=verdict, reason=reason, counts=counts, now=now
    )
    if touched_pages(connection, run_id):
        wanted = unrecorded_runs(connection, empty=True, running=False)
        only_of = run_id if shared else None
        write_run_records(connection, files, wanted, now, only_of=only_of)


def write_run_records(
    connection: Connection,
    files: WarcWriter,
    run_ids: Iterable[int],
    now: datetime,
    *,
    only_of: int | None = None,
) -> None:
    """Writes the rows of some runs into the WARC files, durable before the transaction ends, and
    behind the last what belongs to none (only_of: as in `standing_rows`). CannotRunError when the
    disk refuses.
    """
    wanted = list(run_ids)
    owner = archive_id(connection)
    for run_id in wanted:
        rows = run_facts(connection, run_id)
        if run_id == wanted[-1]:
            rows = _chained(rows, standing_rows(connection, only_of=only_of))
        for number, part in enumerate(parts_of(rows, owner, run_id, now), start=1):
            files.append_lines(f"{RUN_SCHEME}{owner}:{run_id}:{number}", part)
    files.sync()
    keep(connection, (), files.synced_ends)
    runs.note_recorded(connection, wanted, now)


def _chained(*rows: Iterator[Values]) -> Iterator[Values]:
    for each in rows:
        yield from each


def parts_of(rows: Iterable[Values], owner: str, run_id: int, now: datetime) -> Iterator[bytes]:
    """The blocks of a run's records: a line that says what it is, rows, and in the last one a line
    that says how many there are.
    """
    head = {
        "row": HEAD, "format": FORMAT, "archive": owner, "run": run_id,
        "set": str(uuid.uuid4()), "written_at": now,
    }  # fmt: skip
    part, number, total = _begun(head, 1), 1, 0
    lines = 0
    for row in rows:
        line = _line(row)
        if lines >= MAX_ROWS or (lines and len(part) + len(line) > MAX_BYTES):
            yield bytes(part)
            number, lines = number + 1, 0
            part = _begun(head, number)
        part += line
        lines, total = lines + 1, total + 1
    part += _line({"row": END, "parts": number, "rows": total})
    yield bytes(part)


def _begun(head: Values, number: int) -> bytearray:
    return bytearray(_line({**head, "part": number}))


def _line(row: Values) -> bytes:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_spelled)
    return text.encode("utf-8", "replace") + b"\n"


def _spelled(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{value!r} has no place in a run's records")
