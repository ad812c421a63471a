"""Made-up portals, captures and readings for the ledger's tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from archive.model.content import content_hash
from archive.model.frontier import Lease, NewCapture, Record, StoredCapture, WarcSpot
from archive.model.outcome import Outcome, Role
from archive.model.portal import Portal
from archive.model.reading import (
    Cell,
    CellState,
    Check,
    CheckState,
    Field,
    Figure,
    Finding,
    Kind,
    Link,
    Period,
    Reading,
    Severity,
    Statement,
    Table,
)
from archive.model.url import host_of
from archive.store import Store
from archive.store.frontier import leasing, runs
from archive.store.rows import Recorded, RunTicket
from archive.store.write import captures, outcomes
from tests.support.transactions import commit, fetch

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
FILE = "GONGKAI-20261122.warc.gz"
ENTRY = "http://www.jiashan.example/nb/"


def a_portal(key="jiashan", *entries, **changes):
    portal = Portal(key=key, name=f"{key}县", entries=entries or (ENTRY,))
    return replace(portal, **changes)


def begin(store: Store, *portals: Portal, job="all", mode="due", now=NOW, pid=1) -> RunTicket:
    return commit(
        store,
        runs.begin_run,
        job=job,
        portals=portals or (a_portal(),),
        options={"delay_s": 1},
        mode=mode,
        now=now,
        pid=pid,
        is_alive=lambda _pid: False,
    )


def take(store: Store, run_id: int, *, limit=100, per_host=100, exclude=(), now=NOW) -> list[Lease]:
    return commit(
        store, leasing.lease, run_id, limit=limit, per_host=per_host, exclude_hosts=exclude, now=now
    )


def new_capture(lease: Lease, offset: int, **changes) -> NewCapture:
    capture = NewCapture(
        page_id=lease.page_id,
        run_id=lease.run_id,
        captured_at=NOW,
        status=200,
        media_type="text/html",
        payload_digest=f"sha256:{offset}",
        body_digest="00",
        size_bytes=10,
        spot=WarcSpot(file=FILE, offset=offset, length=60),
        request_spot=WarcSpot(file=FILE, offset=offset + 60, length=40),
        record_id=f"urn:uuid:{offset}",
        record_type="response",
        truncated=None,
        etag='"1"',
        last_modified="Sun, 22 Nov 2026 08:00:00 GMT",
        refers_to=None,
        host=host_of(lease.url),
        elapsed_s=0.1,
    )
    return replace(capture, **changes)


def keep(store: Store, leases: Sequence[Lease], **changes) -> list[StoredCapture]:
    """Keeps one capture for each lease, behind what is committed."""
    start = fetch(store, captures.committed_ends).get(FILE, 0)
    brought = [
        new_capture(each, start + 100 * index, **changes) for index, each in enumerate(leases)
    ]
    return commit(store, captures.keep, brought, {FILE: start + 100 * len(brought)})


def a_reading(
    title="2024年政府信息公开工作年度报告", lines=("一、总体情况",), **changes
) -> Reading:
    reading = Reading(
        reader_version="r1",
        kind=Kind.REPORT,
        family="trs",
        charset_declared="utf-8",
        charset_used="utf-8",
        title=title,
        lines=tuple(lines),
        content_hash=content_hash(title, lines),
        report_year=2024,
    )
    return replace(reading, **changes)


def a_full_reading() -> Reading:
    """A reading with something in every part."""
    return a_reading(
        fields=(
            Field(name="agency", value=None, printed="", origin="header:发布机构"),
            Field(name="agency", value="嘉善县人民政府", printed="嘉善县人民政府", origin="meta"),
            Field(
                name="published_on", value="2025-01-20", printed="2025年1月20日", origin="header"
            ),
        ),
        identity=(Field(name="标识码", value="3304", printed="3304", origin="footer"),),
        tables=(Table(cells=(Cell(text="新收", row=0, column=0, colspan=2),), rows=1, columns=2),),
        figures=(
            a_figure("f21.s3.new", "12", Decimal(12), CellState.GIVEN),
            a_figure("f21.s3.carried", "/", None, CellState.PLACEHOLDER),
        ),
        statements=(a_statement("一、总体情况", "一"),),
        checks=(
            Check(rule="R8", scope="total", state=CheckState.HOLDS, message="", evidence="12=12"),
        ),
        findings=(Finding(rule="R9", severity=Severity.WARNING, message="不符", evidence="12≠13"),),
        links=(link_to("http://www.jiashan.example/f.pdf", role=Role.ATTACHMENT, text="附件1"),),
    )


def a_figure(indicator: str, printed: str, value: Decimal | None, state: CellState) -> Figure:
    return Figure(
        form="f21",
        indicator=indicator,
        label="本年新收",
        applicant="total",
        value=value,
        unit="件",
        printed=printed,
        state=state,
        where="table 2 row 5 column 3",
    )


def a_statement(sentence: str, printed: str, *, line: int = 1, **changes) -> Statement:
    """A statement in a sentence that begins its line."""
    statement = Statement(
        concept="requests_received",
        value=Decimal(1),
        unit="件",
        state=CellState.GIVEN,
        period=Period.YEAR,
        printed=printed,
        sentence=sentence,
        line=line,
        start=0,
        at=sentence.index(printed),
    )
    return replace(statement, **changes)


def link_to(url: str, *, role=Role.PAGE, text="年报", printed_date="2025-01-20") -> Link:
    return Link(url=url, text=text, role=role, printed_date=printed_date)


def a_record(lease: Lease, capture: StoredCapture | None, outcome=Outcome.NEW, **changes) -> Record:
    """How a lease ended; with a reading it is a new version unless the outcome is unchanged."""
    record = Record(
        page_id=lease.page_id,
        run_id=lease.run_id,
        capture_id=capture.capture_id if capture else None,
        outcome=outcome,
        reason="",
        at=NOW,
        reading=changes.get("reading"),
        new_version=outcome in (Outcome.NEW, Outcome.CHANGED) and "reading" in changes,
    )
    return replace(record, **changes)


def visit(store: Store, lease: Lease, outcome=Outcome.NEW, due=LATER, **changes) -> Recorded:
    """Both transactions for one lease."""
    [capture] = keep(store, [lease])
    record = a_record(lease, capture, outcome, **changes)
    return commit(
        store,
        outcomes.record,
        [record],
        next_due={lease.page_id: due},
        on_versions=store.on_versions,
    )[0]


def finish(store: Store, run_id: int, *, status="finished", now=NOW) -> None:
    commit(
        store, runs.finish_run, run_id, status=status, verdict="good", reason="", counts={}, now=now
    )
