"""An archive of invented reports, made through the ledger's own door: the tests' ground truth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from archive.model.content import content_hash
from archive.model.frontier import Lease, NewCapture, Record, WarcSpot
from archive.model.outcome import Outcome, Role, Verdict
from archive.model.portal import Portal
from archive.model.reading import (
    Cell,
    CellState,
    Field,
    Figure,
    Finding,
    Kind,
    Link,
    Reading,
    Severity,
    Table,
)
from archive.model.url import host_of
from archive.reading.statistics.prose import read_prose
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.frontier import leasing, runs
from archive.store.write import captures, outcomes
from archive.work.ingest.changes import note_changes
from archive.work.ingest.covering import cover
from archive.work.ingest.current_reports import choose_current_reports
from tests.support.transactions import commit, fetch

DAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
YUNHE, QINGSHAN = "yunhe", "qingshan"
PORTALS = (
    Portal(key=YUNHE, name="云河县人民政府", entries=("http://www.yunhe.example/nb/",),
           division="320999", family="trs", source="user"),
    Portal(key=QINGSHAN, name="青山区人民政府", entries=("http://www.qingshan.example/nb/",),
           source="user"),
)  # fmt: skip
ROWS = (
    ("一、本年新收政府信息公开申请数量", 1, 3, "new", (139, 3, 0, 1, 4, 0, 147)),
    ("二、上年结转政府信息公开申请数量", 1, 3, "carried_in", (2, 0, 0, 0, 0, 0, 2)),
    ("（一）予以公开", 1, 2, "result.granted", (61, 2, 0, 1, 2, 0, 66)),
    ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", 1, 2, "result.partial",
     (14, 0, 0, 0, 1, 0, 15)),
    ("1.属于国家秘密", 1, 1, "result.refused.state_secret", (0, 0, 0, 0, 0, 0, 0)),
    ("2.其他法律行政法规禁止公开", 1, 1, "result.refused.law_forbids", (3, 0, 0, 0, 0, 0, 3)),
    ("（七）总计", 1, 2, "result.total", (138, 3, 0, 1, 4, 0, 146)),
    ("四、结转下年度继续办理", 1, 3, "carried_out", (3, 0, 0, 0, 0, 0, 3)),
)  # fmt: skip
APPLICANTS = ("natural", "business", "research", "charity", "legal", "other_org", "total")
RENAMED = "云河县政务办"
ENDS = {"test.warc.gz": 1_000_000_000}
HEADS = ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every URL gives at one time: a reading, or the outcome it fails with."""

    readings: Mapping[str, Reading]
    failures: Mapping[str, tuple[Outcome, str]] = field(default_factory=dict)


def url(portal: str, year: int) -> str:
    return f"http://www.{portal}.example/nb/{year + 1}03/t{year + 1}0310_{year}.htm"


def report(
    name: str, year: int, *, granted: int = 61, prose: str = "", agency: str | None = None
) -> Reading:
    """A report with its statistics table, one figure of which can be set."""
    table = statistics(granted)
    lines = (
        f"本报告由{name}人民政府办公室根据《中华人民共和国政府信息公开条例》编制。",
        "一、总体情况",
        f"{year}年，{name}共办理政府信息公开申请147件，上年结转2件。{prose}",
        "二、行政复议和行政诉讼",
        "收到行政复议 1 件，维持 1 件；局2016年移交档案３件。",
        *table_lines(table),
        f"{name}人民政府办公室\t{year + 1}年3月10日",
    )
    title = f"{name}{year}年政府信息公开工作年度报告"
    return Reading(
        reader_version="test",
        kind=Kind.REPORT,
        family="trs",
        charset_declared="utf-8",
        charset_used="utf-8",
        title=title,
        lines=lines,
        content_hash=content_hash(title, lines),
        report_year=year,
        fields=header(name, year, agency or f"{name}人民政府办公室"),
        tables=(table,),
        figures=tuple(figures(granted)),
        statements=read_prose(lines, year=year),
        findings=findings(granted),
    )


def header(name: str, year: int, agency: str) -> tuple[Field, ...]:
    return (
        Field(name="index_number", value=f"014109/{year + 1}-00033",
              printed=f"014109/{year + 1}-00033", origin="header:索引号"),
        Field(name="agency", value=agency, printed=agency, origin="header:发布机构"),
        Field(name="published_on", value=f"{year + 1}-03-10", printed=f"{year + 1}年03月10日",
              origin="header:发布日期"),
        Field(name="document_number", value=None, printed="", origin="header:文号"),
        Field(name="主题词", value="年度报告", printed="年度报告", origin="header:主题词"),
    )  # fmt: skip


def findings(granted: int) -> tuple[Finding, ...]:
    if granted == 61:
        return ()
    return (
        Finding(rule="R9", severity=Severity.WARNING, message="总计 is not the sum of its parts",
                evidence=f"（一）予以公开 {granted}"),
    )  # fmt: skip


def statistics(granted: int) -> Table:
    cells = [
        Cell(text="（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
             row=0, column=0, rowspan=3, colspan=3, header=True),
        Cell(text="申请人情况", row=0, column=3, colspan=7, header=True),
        Cell(text="自然人", row=1, column=3, rowspan=2, header=True),
        Cell(text="法人或其他组织", row=1, column=4, colspan=5, header=True),
        Cell(text="总计", row=1, column=9, rowspan=2, header=True),
        *(Cell(text=text, row=2, column=4 + i, header=True) for i, text in enumerate(HEADS)),
        Cell(text="三、本年度办理结果", row=5, column=0, rowspan=5),
        Cell(text="（三）不予公开", row=7, column=1, rowspan=2),
    ]  # fmt: skip
    for place, (label, down, across, key, values) in enumerate(ROWS):
        row = 3 + place
        cells.append(Cell(text=label, row=row, column=3 - across, rowspan=down, colspan=across))
        for column, value in enumerate(values):
            number = granted if key == "result.granted" and column == 0 else value
            cells.append(Cell(text=str(number), row=row, column=3 + column))
    return Table(cells=tuple(cells), rows=3 + len(ROWS), columns=10, caption=None)


def table_lines(table: Table) -> list[str]:
    rows: dict[int, list[str]] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        rows.setdefault(cell.row, []).append(cell.text)
    return ["\t".join(cells) for cells in rows.values()]


def figures(granted: int) -> Iterator[Figure]:
    for place, (label, _down, _across, key, values) in enumerate(ROWS):
        for column, (applicant, value) in enumerate(zip(APPLICANTS, values, strict=True)):
            number = granted if key == "result.granted" and column == 0 else value
            yield Figure(
                form="f21", indicator=f"f21.s3.{key}", label=label, applicant=applicant,
                value=Decimal(number), unit="件", printed=str(number), state=CellState.GIVEN,
                where=f"table 1 row {place + 4} column {column + 4}",
            )  # fmt: skip
    yield Figure(
        form="f21", indicator=None, label="其他需要报告的数量", applicant=None, value=None,
        unit=None, printed="——", state=CellState.PLACEHOLDER, where="line 40",
    )  # fmt: skip


def listing(portal: str, years: Sequence[int]) -> Reading:
    links = tuple(
        Link(url=url(portal, year), text=f"{year}年年报", role=Role.PAGE) for year in years
    )
    lines = tuple(f"{year}年政府信息公开年报\t{year + 1}-03-10" for year in years)
    title = "政府信息公开年报"
    return Reading(
        reader_version="test", kind=Kind.LIST, family="trs", charset_declared=None,
        charset_used="utf-8", title=title, lines=lines, content_hash=content_hash(title, lines),
        links=links,
    )  # fmt: skip


def county(portal: str, name: str, years: Sequence[int], **changes: Reading) -> dict[str, Reading]:
    """A portal's list and reports."""
    entry = next(p.entries[0] for p in PORTALS if p.key == portal)
    pages = {url(portal, year): report(name, year) for year in years}
    return {entry: listing(portal, years), **pages, **changes}


def crawl(
    store: Store,
    site: Site,
    *,
    now: datetime,
    portals: Sequence[Portal] = PORTALS,
    job: str = "test",
) -> int:
    """One run over the whole site, as the crawl does it: lease, keep, record, judge."""
    ticket = commit(
        store, runs.begin_run, job=job, portals=portals, options={}, mode="full", now=now, pid=1
    )
    while leases := commit(
        store, leasing.lease, ticket.run_id, limit=500, per_host=500, exclude_hosts=(), now=now
    ):
        _visit(store, site, leases, now)
    good = not site.failures
    commit(store, runs.finish_run,
        ticket.run_id, status="finished", verdict=Verdict.GOOD if good else Verdict.BAD,
        reason="all as expected" if good else "too many failures",
        counts=fetch(store, runs.run_counts, ticket.run_id), now=now + timedelta(minutes=3),
    )  # fmt: skip
    return ticket.run_id


def _visit(store: Store, site: Site, leases: Sequence[Lease], now: datetime) -> None:
    found = [lease for lease in leases if lease.url in site.readings]
    brought = [_capture(lease, site.readings[lease.url], now) for lease in found]
    kept = dict(
        zip(
            (lease.page_id for lease in found),
            commit(store, captures.keep, brought, ENDS),
            strict=True,
        )
    )
    due = dict.fromkeys((lease.page_id for lease in leases), now + timedelta(days=30))
    records = [
        _read(lease, site.readings[lease.url], kept[lease.page_id].capture_id, now)
        if lease.page_id in kept
        else _failed(lease, site, now)
        for lease in leases
    ]
    commit(store, outcomes.record, records, next_due=due, on_versions=store.on_versions)


def _failed(lease: Lease, site: Site, now: datetime) -> Record:
    outcome, reason = site.failures.get(lease.url, (Outcome.GONE, "404"))
    return Record(page_id=lease.page_id, run_id=lease.run_id, capture_id=None, outcome=outcome,
                  reason=reason, at=now)  # fmt: skip


def _read(lease: Lease, reading: Reading, capture_id: int, now: datetime) -> Record:
    known = lease.previous.content_hash if lease.previous else None
    same = known == reading.content_hash
    outcome = Outcome.UNCHANGED if same else Outcome.NEW if known is None else Outcome.CHANGED
    return Record(
        page_id=lease.page_id, run_id=lease.run_id, capture_id=capture_id, outcome=outcome,
        reason="content", at=now, reading=reading, new_version=not same, links=reading.links,
    )  # fmt: skip


def _capture(lease: Lease, reading: Reading, now: datetime) -> NewCapture:
    offset = lease.run_id * 10_000_000 + lease.page_id * 1000
    return NewCapture(
        page_id=lease.page_id, run_id=lease.run_id, captured_at=now, status=200,
        media_type="text/html", payload_digest=f"sha256:{reading.content_hash[-32:]}",
        body_digest=None, size_bytes=4096, spot=WarcSpot(
            file="test.warc.gz", offset=offset, length=900),
        request_spot=None, record_id=f"<urn:uuid:{offset}>", record_type="response",
        truncated=None, etag=None, last_modified=None, refers_to=None,
        host=host_of(lease.url), elapsed_s=0.2,
    )  # fmt: skip


def fill(home: Path | str) -> Store:
    """Two portals; one figure of 2021 changes in the second run, in which the other is silent."""
    store = open_indexed(home)
    first = county(YUNHE, "云河县", range(2019, 2025)) | county(QINGSHAN, "青山区", (2022, 2023))
    crawl(store, Site(readings=first), now=DAY)
    changed = county(YUNHE, "云河县", range(2019, 2025))
    changed[url(YUNHE, 2021)] = report("云河县", 2021, granted=63, prose="新增一句。")
    moved = changed[url(YUNHE, 2020)]
    fields = tuple(
        replace(each, value="云河县政务办", printed="云河县政务办")
        if each.name == "agency"
        else each
        for each in moved.fields
    )
    changed[url(YUNHE, 2020)] = replace(moved, fields=fields)
    silent = dict.fromkeys(
        county(QINGSHAN, "青山区", (2022, 2023)), (Outcome.FAILED, "connection refused")
    )
    crawl(store, Site(readings=changed, failures=silent), now=DAY + timedelta(days=31))
    choose_current_reports(store)
    note_changes(store)
    cover(store, None, now=DAY + timedelta(days=31))
    return store
