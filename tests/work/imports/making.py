"""Foreign files made by hand, and imports of them without a command line."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from archive.model.portal import Portal
from archive.store import Store
from archive.work.home import Home
from archive.work.imports.importing import ImportRequest, OnProgress, run_import, try_import
from archive.work.imports.report import Report
from tests.warc.making import answer, packed, plain_record, sha1

SITE = "http://www.chengxi.gov.cn"
REPORT = f"{SITE}/nb/2023.html"
_ids = itertools.count(1)


def page(number: int, year: int = 2023) -> bytes:
    """A report as GB2312, told apart by one figure."""
    title = f"澄溪县{year}年政府信息公开工作年度报告"
    text = (
        f"<p>{year}年共收到信息公开申请{number}件，均已按期答复。</p>" + "<p>公开政府信息。</p>" * 9
    )
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>"
    return html.encode("gb2312")


def new_id() -> str:
    return f"<urn:uuid:00000000-0000-4000-9000-{next(_ids):012d}>"


def response(
    block: bytes, *, url: str = REPORT, at: str = "2024-03-01T08:00:00Z", **fields: str | None
) -> bytes:
    """A response record as others write it."""
    facts: dict[str, str | None] = {"WARC_Record_ID": new_id()}
    facts |= {"WARC_Target_URI": url, "WARC_Date": at} | fields
    return plain_record(block, **facts)


def revisit(
    *, url: str = REPORT, at: str, of: bytes | None = None, head: bytes = b"", **fields: str | None
) -> bytes:
    """A revisit of the payload `of` (identical), or of what was there before (not modified)."""
    profile = "identical-payload-digest" if of is not None else "server-not-modified"
    facts = {
        "WARC_Type": "revisit",
        "WARC_Profile": f"http://netpreserve.org/warc/1.1/revisit/{profile}",
        "WARC_Payload_Digest": sha1(of) if of is not None else None,
        "WARC_Block_Digest": None,
    }
    return response(head, url=url, at=at, **facts | fields)


def written(path: Path, *records: bytes) -> Path:
    """A file of these records, packed one by one where the name says so."""
    path.write_bytes(packed(*records) if path.name.endswith(".gz") else b"".join(records))
    return path


def report_file(path: Path, *numbers_at: tuple[int, str]) -> Path:
    """A file with one report at several times, each (figure, date)."""
    return written(path, *(response(answer(page(n)), at=at) for n, at in numbers_at))


def request_of(home: Path, files: Sequence[Path], **changes: object) -> ImportRequest:
    catalogue: Sequence[Portal] = ()
    facts = {"home": Home(home), "place": home, "files": files, "catalogue": catalogue}
    return ImportRequest(**facts | changes)  # type: ignore[arg-type]  # as the test names them


def taken_in(home: Path, *files: Path, **changes: object) -> Report:
    return run_import(request_of(home, files, **changes), OnProgress())


def tried(*files: Path, ledger: Store | None = None, **changes: object) -> Report:
    """A dry run: nothing is read, so that it is quick."""
    return try_import(request_of(Path("nowhere"), files, **changes), ledger, OnProgress())
