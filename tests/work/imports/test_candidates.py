"""Which records are captures of pages, whose portal these are, and what is told of the others."""

import gzip
from pathlib import Path

import brotli
import pytest

from archive.model.portal import Portal
from archive.store import Store
from archive.store.query import history
from archive.work.imports.portal_rules import PortalRules
from tests.support.transactions import fetch
from tests.warc.making import answer, plain_record, sha1
from tests.work.imports.making import (
    REPORT,
    SITE,
    new_id,
    page,
    response,
    revisit,
    taken_in,
    tried,
    written,
)

AT = "2024-03-01T08:00:00Z"
PAGE = page(7)


def reasons(path: Path, *records: bytes) -> dict[str, int]:
    """What a file's records are left out for; those taken in are under ""."""
    report = tried(written(path, *records))
    return dict(report.left_out) | ({"": report.new} if report.new else {})


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (response(answer(PAGE)), ""),
        (response(answer(PAGE), url=f"<{REPORT}>"), ""),
        (response(answer(PAGE), url="dns:www.x.gov.cn"), "scheme"),
        (response(answer(PAGE), url="ftp://x.gov.cn/a.doc"), "scheme"),
        (response(answer(PAGE), url="urn:pageinfo:x", WARC_Type="resource"), "description"),
        (response(answer(PAGE), WARC_Type="metadata"), "description"),
        (response(answer(PAGE), WARC_Type="conversion"), "description"),
        (response(answer(PAGE), WARC_Segment_Number="1"), "segment"),
        (response(answer(PAGE), at="yesterday"), "head"),
        (response(answer(PAGE), at="2199-01-01T00:00:00Z"), "head"),
        (response(answer(PAGE), url=f"{SITE}/{'x' * 5_000}"), "head"),
        (response(answer(PAGE), url="http://a b/"), "head"),
        (response(answer(PAGE), WARC_Block_Digest=sha1(b"other")), "digest"),
        (response(answer(PAGE), WARC_Payload_Digest=sha1(b"other")), "digest"),
        (response(answer(PAGE), WARC_Payload_Digest="sha1:wrong"), ""),
        (response(answer(PAGE), url="http://www.example.com/"), "no_portal"),
        (response(answer(b"User-agent: *"), url=f"{SITE}/robots.txt"), "robots"),
        (response(answer(b"body{}").replace(b"text/html", b"text/css")), "requisite"),
        (response(answer(b"", status=b"404 No"), url=f"{SITE}/a.png"), "requisite"),
        (
            response(
                answer(b"OTTO").replace(b"text/html", b"application/octet-stream"),
                url=f"{SITE}/a.ttf",
            ),
            "requisite",
        ),
        (
            response(
                PAGE, WARC_Type="resource", Content_Type="text/html", WARC_Payload_Digest=None
            ),
            "",
        ),
        (
            response(
                b"\x89PNG", WARC_Type="resource", Content_Type="image/png", WARC_Payload_Digest=None
            ),
            "requisite",
        ),
        (response(b"HTTP/2 200\r\ncontent-type: text/html\r\n\r\n" + PAGE), ""),
    ],
)
def test_each_record_is_taken_in_or_told(tmp_path: Path, record: bytes, reason: str) -> None:
    assert reasons(tmp_path / "a.warc", record) == {reason: 1}


def test_a_revisit_of_what_was_left_out_is_left_out_for_that(tmp_path: Path) -> None:
    style = answer(b"body{}").replace(b"text/html", b"text/css")
    file = written(
        tmp_path / "a.warc",
        response(style, url=f"{SITE}/a"),
        revisit(url=f"{SITE}/b", at=AT, of=b"body{}"),
        response(answer(PAGE)),
    )
    report = taken_in(tmp_path / "home", file)
    assert dict(report.left_out) == {"requisite": 2}
    assert report.is_good


def versions_of(home: Path, url: str = REPORT) -> list[str]:
    with Store.open(home) as store:
        return [each.text for each in fetch(store, history.versions, url)]


CHUNKED = b"Transfer-Encoding: chunked"
CODED = brotli.compress(PAGE)


@pytest.mark.parametrize(
    "block",
    [
        answer(CODED, b"Content-Encoding: br"),
        answer(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), CHUNKED),
        answer(PAGE, CHUNKED),
        answer(PAGE, b"Content-Encoding: gzip"),
        answer(gzip.compress(PAGE), b"Content-Encoding: gzip"),
        b"HTTP/2 200\r\ncontent-type: text/html\r\nx-orig-content-encoding: br\r\n\r\n" + PAGE,
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(PAGE),
    ],
    ids=["brotli", "chunks", "no chunks", "no gzip", "gzip", "http/2", "interim"],
)
def test_a_page_is_read_however_its_crawler_kept_it(tmp_path: Path, block: bytes) -> None:
    file = written(tmp_path / "a.warc", response(block, WARC_Payload_Digest=None))
    assert taken_in(tmp_path / "home", file).is_good
    [text] = versions_of(tmp_path / "home")
    assert "申请7件" in text


def test_a_posted_window_of_a_list_is_a_page_of_its_own(tmp_path: Path) -> None:
    name = new_id()
    request = plain_record(
        b"POST /nb/2023.html HTTP/1.1\r\n\r\npage=2", WARC_Type="request", WARC_Date=AT,
        WARC_Target_URI=REPORT, WARC_Record_ID=new_id(), WARC_Concurrent_To=name,
        WARC_Payload_Digest=None,
    )  # fmt: skip
    other = request.replace(b"POST", b"HEAD").replace(name.encode(), new_id().encode())
    file = written(
        tmp_path / "a.warc", request, response(answer(PAGE), WARC_Record_ID=name),
        response(answer(page(8))), other,
    )  # fmt: skip
    assert taken_in(tmp_path / "home", file).new == 2
    [text] = versions_of(tmp_path / "home")
    assert "申请8件" in text
    with Store.open(tmp_path / "home") as store:
        posted = fetch(store, history.captures_at, f"{REPORT}?__wb_method=POST&page=2")
        assert [(each.method, each.body) for each in posted] == [("POST", "page=2")]


def test_an_answer_to_head_is_told(tmp_path: Path) -> None:
    name = new_id()
    request = plain_record(
        b"HEAD / HTTP/1.1\r\n\r\n", WARC_Type="request", WARC_Concurrent_To=name,
        WARC_Payload_Digest=None, WARC_Record_ID=new_id(),
    )  # fmt: skip
    found = reasons(tmp_path / "a.warc", response(answer(b""), WARC_Record_ID=name), request)
    assert found == {"method": 1}


PORTALS = (
    Portal(key="nb", name="县", entries=(f"{SITE}/zwgk/nb/",)),
    Portal(key="bm", name="部门", entries=(f"{SITE}/zwgk/bm/index.html",)),
    Portal(key="far", name="外", entries=("http://far.example.com/",)),
)


def test_a_page_belongs_to_the_portal_of_its_site() -> None:
    rules = PortalRules([], PORTALS)
    assert rules.portal_of(f"{SITE}/zwgk/nb/2023.html") == "nb"
    assert rules.portal_of(f"{SITE}/zwgk/bm/2023.html") == "bm"
    assert rules.portal_of("https://xxgk.chengxi.gov.cn/zwgk/bm/1.html") == "bm"
    assert rules.portal_of("https://far.example.com/1.html") == "far"
    assert rules.portal_of("https://elsewhere.example.org/1.html") is None
    made = rules.portal_of("http://www.other.gov.cn/1.html")
    assert made == rules.portal_of("https://www.other.gov.cn/2.html")
    assert [each.key for each in rules.take_fresh([str(made), "nb"])] == ["nb", made]
    assert rules.take_fresh(["nb"]) == []


def test_the_command_line_chooses_the_portal() -> None:
    elsewhere = "http://elsewhere.example.org/1.html"
    assert PortalRules([], PORTALS, chosen="far").portal_of(f"{SITE}/zwgk/nb/") == "far"
    everything = PortalRules([], PORTALS, everything=True)
    assert str(everything.portal_of(elsewhere)).startswith("elsewhere-example-org-")
