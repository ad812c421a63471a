"""The pages over real HTTP: what they show, what they never let through."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from archive.model.reading import Field, Finding, Severity
from archive.search.index import open_indexed
from tests.support.invented import DAY, QINGSHAN, YUNHE, Site, county, crawl, report, url
from tests.web.conftest import served

CHANGED = url(YUNHE, 2021)
EVERY_PAGE = (
    "/", "/search", "/search?q=复议", f"/page?url={CHANGED}", f"/diff?url={CHANGED}", "/reports",
    "/reports?portal=yunhe", "/reports?year=2021", "/runs", "/changes", "/api", "/nothing", "/page", "/search?q=复",
    "/late", "/late/counts", "/late/undated", "/similar", "/search.atom?q=复议", "/late.atom", "/similar.atom", "/static/style.css", "/api/status",
)  # fmt: skip
VOID = {"meta", "link", "input", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is not closed, or a script, style or handler inside the page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "iframe", "object", "style", "img"}
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: httpx.Response) -> str:
    reader = Balanced()
    reader.feed(page.text)
    reader.close()
    assert reader.open == []
    return page.text


def words(page: httpx.Response) -> str:
    return unescape(re.sub(r"<[^>]+>", "", parsed(page)))


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_answer_carries_the_headers_that_keep_it_to_itself(
    client: httpx.Client, path: str
) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", [path for path in EVERY_PAGE if "style" not in path])
def test_every_page_is_whole_and_runs_nothing(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    if answer.headers["content-type"].startswith("text/html"):
        parsed(answer)


def test_pages_load_nothing_but_the_style_sheet(client: httpx.Client) -> None:
    page = parsed(client.get(f"/page?url={CHANGED}"))
    assert re.findall(r"<link[^>]+>", page) == ['<link rel="stylesheet" href="/static/style.css">']
    assert "url(" not in client.get("/static/style.css").text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example",
     "localhost.evil.example", "[::2]"],
)  # fmt: skip
def test_a_foreign_host_name_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "reports" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:80"])
def test_the_names_of_this_machine_are_answered(client: httpx.Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_reading_is_allowed(client: httpx.Client, method: str) -> None:
    assert client.request(method, "/").status_code == 405


def test_a_query_that_is_too_long_is_refused(client: httpx.Client) -> None:
    assert client.get("/search", params={"q": "a" * 5_000}).status_code == 400
    assert client.get("/search", params={"q": "局" * 201}).status_code == 400


def test_home_counts_and_the_runs_name_silent_portals(client: httpx.Client) -> None:
    home = parsed(client.get("/"))
    assert '<dt>reports</dt><dd><a href="/reports">8</a></dd>' in home
    page = words(client.get("/runs"))
    assert "青山区人民政府" in page
    assert "none of 3 URLs gave content" in page
    assert "too many failures" in page


def test_search_marks_hits_and_keeps_what_was_typed(client: httpx.Client) -> None:
    page = parsed(
        client.get("/search", params={"q": "局２０１６", "year": "2021", "portal": YUNHE})
    )
    assert "<mark>局2016</mark>" in page
    assert 'value="局２０１６"' in page
    assert 'value="2021"' in page
    assert page.count("<article") == 1


@pytest.mark.parametrize(
    "parameters", [{"q": "复"}, {"q": "复议", "year": "x"}, {"q": "复议", "sort": "x"},
              {"q": "复议", "after": "x"}, {"q": "复议", "from": "2016-13"}],
)  # fmt: skip
def test_a_search_that_cannot_be_made_says_why(
    client: httpx.Client, parameters: dict[str, str]
) -> None:
    answer = client.get("/search", params=parameters)
    assert answer.status_code == 400
    assert 'role="alert"' in parsed(answer)


def test_a_search_without_hits_says_so(client: httpx.Client) -> None:
    assert "Nothing found" in words(client.get("/search", params={"q": "没有这个词"}))


def test_a_report_shows_fields_with_origin_table_findings_versions_and_captures(
    client: httpx.Client,
) -> None:
    answer = client.get("/page", params={"url": CHANGED})
    page, said = parsed(answer), words(answer)
    assert 'rowspan="3" colspan="3"' in page
    assert 'class="number">63</td>' in page
    for word in ("header:发布机构", "R9", "what changed since version 1", "test.warc.gz", "索引号"):
        assert word in said
    assert f'href="http://127.0.0.1:8080/archive/20260402013000/{CHANGED}"' in page
    assert "57 figures" in said


def test_an_older_version_is_shown_when_asked_for(client: httpx.Client) -> None:
    page = parsed(client.get("/page", params={"url": CHANGED, "version": 1}))
    assert 'class="number">61</td>' in page
    assert 'class="number">63</td>' not in page


def test_a_changed_field_is_told_on_the_page(client: httpx.Client) -> None:
    page = parsed(client.get("/page", params={"url": url(YUNHE, 2020)}))
    assert "<ins>云河县政务办</ins>" in page


def test_diff_marks_words_and_figures(client: httpx.Client) -> None:
    page = parsed(client.get("/diff", params={"url": CHANGED}))
    assert "<ins>新增一句。</ins>" in page
    assert "<del>61</del>" in page
    assert "+2" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/page?url=no-such", 404), ("/page", 400), (f"/page?url={CHANGED}&version=9", 400),
        (f"/diff?url={CHANGED}&old=x", 400), ("/reports?offset=-1", 400), ("/nothing", 404),
        ("/static/../app.py", 404), ("/static/%2e%2e/app.py", 404),
    ],
)  # fmt: skip
def test_errors_are_pages_too(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_reports_stand_by_portal_and_year(client: httpx.Client) -> None:
    page = parsed(client.get("/reports"))
    assert page.count('class="have"') == 8
    assert page.count('class="lack"') == 4
    assert parsed(client.get("/reports", params={"portal": YUNHE})).count("<tr>") == 7
    only = parsed(client.get("/reports", params={"portal": QINGSHAN, "year": 2022}))
    assert only.count("<tr>") == 2


def test_an_empty_archive_can_be_browsed(tmp_path: Path) -> None:
    with open_indexed(tmp_path) as store, served(store) as client:
        for path in ("/", "/search?q=复议", "/reports", "/runs"):
            answer = client.get(path)
            assert answer.status_code == 200
            parsed(answer)


HOSTILE = "<script>\u202ealert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}</title>"


def test_archived_text_stays_text_wherever_it_appears(tmp_path: Path) -> None:
    first = report("云河县", 2021)
    fields = (
        Field(name=HOSTILE, value=HOSTILE, printed=HOSTILE + "!", origin=HOSTILE),
        Field(name="agency", value=HOSTILE, printed="x", origin="x"),
    )
    doubt = Finding(rule="R1", severity=Severity.ERROR, message=HOSTILE, evidence=HOSTILE)
    cell = replace(first.tables[0].cells[0], text=HOSTILE)
    table = replace(first.tables[0], cells=(cell, *first.tables[0].cells[1:]), caption=HOSTILE)
    figure = replace(first.figures[0], label=HOSTILE, printed=HOSTILE, where=HOSTILE)
    stated = replace(
        first.statements[0], concept=HOSTILE, unit=HOSTILE, line=1, start=0, at=1,
        printed=HOSTILE[1:9], sentence=HOSTILE,
    )  # fmt: skip
    hostile = replace(
        first, title=HOSTILE, lines=(HOSTILE, f"{HOSTILE}\t复议", "一、" + HOSTILE[:20]),
        fields=fields, findings=(doubt,), tables=(table,), figures=(figure,),
        statements=(stated,), content_hash="c1:1",
    )  # fmt: skip
    after = replace(hostile, lines=(HOSTILE, f"{HOSTILE}\t复议{HOSTILE}"), content_hash="c1:2")
    with open_indexed(tmp_path) as store:
        for day, reading in enumerate((hostile, after)):
            pages = county(YUNHE, "云河县", (2021,)) | {CHANGED: reading}
            crawl(store, Site(readings=pages), now=DAY.replace(day=2 + day))
        with served(store) as client:
            for path in ("/", f"/search?q={'复议'}", "/search?q=script", f"/page?url={CHANGED}",
                         f"/diff?url={CHANGED}", "/reports?portal=yunhe"):  # fmt: skip
                page = parsed(client.get(path))
                assert "<script" not in page
                assert "\u202e" not in page
                assert "49" not in page or "{{7*7}}" in page


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_its_url_answers_and_ends_when_told(
    filled: Path, root: Path, ending: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "archive.cli", "serve", "--port", "0", "--home", str(filled)],
        cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    said = process.stdout.readline().decode()
    found = re.match(r"http://127\.0\.0\.1:\d+/", said)
    assert found is not None
    assert httpx.get(found[0] + "api/runs").json()["runs"]
    process.send_signal(ending)
    assert process.wait(20) == 0
    assert process.stderr.read() == b""
    process.stdout.close()
    process.stderr.close()


def test_a_report_links_its_snapshot_of_that_date(client: httpx.Client) -> None:
    page = client.get("/page", params={"url": url(YUNHE, 2021), "version": 1}).text
    at = f"http://127.0.0.1:8080/archive/{DAY:%Y%m%d%H%M%S}/{url(YUNHE, 2021)}"
    assert f'<a href="{at}" rel="noreferrer noopener">snapshot of that date</a>' in page


def test_pictures_that_stand_for_a_text_are_linked_and_their_snapshots_where_captured(
    tmp_path: Path,
) -> None:
    captured = url(YUNHE, 2020)  # any URL that has a capture
    cut = "a/" + "x" * 400
    evidence = f"p1.jpg {captured} javascript:alert(1) {cut}"[:300]
    doubt = Finding(rule="image_only", severity=Severity.WARNING, message="3 pictures, 2 characters:"
                    " the text is in the pictures", evidence=evidence)  # fmt: skip
    pages = county(YUNHE, "云河县", (2020, 2021))
    pages[CHANGED] = replace(pages[CHANGED], findings=(doubt,))
    with open_indexed(tmp_path) as store:
        crawl(store, Site(readings=pages), now=DAY)
        with served(store, replay="http://127.0.0.1:8080/archive") as client:
            page = parsed(client.get("/page", params={"url": CHANGED}))
    section = page.partition('id="pictures"')[2].partition("</section>")[0]
    shown = re.findall(r'href="([^"]+)"', section)
    assert shown == [
        CHANGED.rpartition("/")[0] + "/p1.jpg", captured,
        f"http://127.0.0.1:8080/archive/20260302013000/{captured}",
    ]  # fmt: skip
    assert section.count("--requisites") == 1


def test_the_address_of_a_portal_is_no_author(filled: Path, tmp_path: Path) -> None:
    home = shutil.copytree(filled, tmp_path / "home")
    with closing(sqlite3.connect(home / "archive.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE version SET public_body_id = NULL")
        ledger.execute("DELETE FROM field")
        ledger.execute("UPDATE portal SET name = 'http://www.yunhe.example/'")
    address = url(YUNHE, 2021)
    with open_indexed(home) as store, served(store) as client:
        told = parsed(client.get("/page", params={"url": address}))
        cited = client.get("/api/cite", params={"url": address}).json()
    assert '<p class="whose"><b>body unknown</b> · www.yunhe.example' in told
    assert cited["body"] is None
    assert cited["english"].startswith("[body unknown] (")
