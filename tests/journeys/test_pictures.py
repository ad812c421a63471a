"""A portal whose reports are scans: crawled, read from pictures, found, counted, cited, shown; ended
in between, read again, made again. The engine is a double (tests.support.other_engine).
"""

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html

from archive.reading import READER_VERSION
from archive.reading.optical import engine_name
from archive.search.index import open_indexed
from archive.work.query.pictures import Pictures
from tests.journeys.test_rebuild import lose_ledger
from tests.reading.files.report import PARAGRAPHS, Report, balanced, placed
from tests.support.command import Gongkai
from tests.support.pictures import ENGINE, scan
from tests.support.rawserver import RawServer, page, raw_server
from tests.web.conftest import served

TITLE = "云溪县人民政府2023年政府信息公开工作年度报告"
OTHER = balanced(4)
NAMELESS = "云溪县人民政府2021年政府信息公开工作年度报告"
REPORT = balanced(3)
HEADINGS = (
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
)
SHOWN = '<html><head><meta charset="utf-8"><title>{0}</title></head><body><h1>{0}</h1><div class="content">{1}</div></body></html>'


class WithDouble(Gongkai):
    """The command with a double of the engine, which loads before all else."""

    reader = "of a double"
    waits: Path | None = None
    dies: Path | None = None

    def program(self) -> list[str]:
        return ["tests.support.other_engine"]

    def environment(self) -> dict[str, str]:
        waits = {"ENGINE_WAITS": str(self.waits)} if self.waits else {}
        dies = {"ENGINE_DIES": str(self.dies)} if self.dies else {}
        return {**super().environment(), **waits, **dies}


def ocr(gongkai: Gongkai, *args: str) -> dict[str, object]:
    """What came of it, in numbers."""
    return dict(json.loads(WithDouble(gongkai.home).run("ocr", "--json", *args))["counts"])


def png(body: bytes) -> bytes:
    tag = f'ETag: "{hashlib.sha256(body).hexdigest()}"\r\n'
    return page(body, headers=tag).replace(b"text/html; charset=utf-8", b"image/png", 1)


def pictures(report: Report = REPORT) -> list[bytes]:
    """The pages of the report: lines on the first, then a table each."""
    tables = [
        scan([heading], placed(rows)) for heading, rows in zip(HEADINGS, report.tables, strict=True)
    ]
    return [scan([TITLE, *PARAGRAPHS[2:]]), *tables]


def portal_of(server: RawServer, remark: str = "") -> None:
    items = (
        f'<li><a href="/nb/2023.html">{TITLE}</a><span>2024-01-20</span></li>'
        '<li><a href="/nb/2022.png">云溪县人民政府2022年政府信息公开工作年度报告</a><span>2023-01-20</span></li>'
        f'<li><a href="/nb/2021.png">{NAMELESS}</a><span>2022-01-20</span></li>'
    )
    server.answers["/nb/index.html"] = page(
        SHOWN.format("政府信息公开年报", f'<ul class="list">{items}</ul>')
    )
    shown = "".join(f'<p><img src="/img/p{number}.png"></p>' for number in range(4))
    server.answers["/nb/2023.html"] = page(SHOWN.format(TITLE, shown) + remark)
    for number, body in enumerate(pictures()):
        server.answers[f"/img/p{number}.png"] = png(body)
    server.answers["/nb/2021.png"] = png(
        scan(["本报告根据《中华人民共和国政府信息公开条例》编制。", "收到申请 29 件。"])
    )
    server.answers["/nb/2022.png"] = png(
        scan(["云溪县2022年政府信息公开工作年度报告", "全年收到申请 37 件。"])
    )


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        portal_of(running)
        yield running


@pytest.fixture(scope="module")
def read(server: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Gongkai:
    """A portal that was crawled without its decorations, and read after an end in mid-reading."""
    folder = tmp_path_factory.mktemp("pictures")
    gongkai = Gongkai(folder / "home")
    gongkai.crawl(f"{server.url}/nb/index.html")
    assert {f"/img/p{number}.png" for number in range(4)} <= set(server.requests)
    die_over_pictures(gongkai.home, folder / "dies")
    kill_in_mid_reading(gongkai.home, folder / "waits")
    assert ocr(gongkai)["recognised"] == 3
    return gongkai


def kill_in_mid_reading(home: Path, waits: Path) -> None:
    waits.touch()
    doubled = WithDouble(home)
    doubled.waits = waits
    process = doubled.begin("ocr")
    while not Path(f"{waits}.begun").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def die_over_pictures(home: Path, dies: Path) -> None:
    """The processes that recognise die: nothing counts as read, and the next command reads."""
    dies.touch()
    doubled = WithDouble(home)
    doubled.dies = dies
    told = json.loads(doubled.run("ocr", "--json", "--limit", "1", status=1))
    assert told["counts"] == {"versions": 1, "failed": 1, "recognised": 0, "missing pictures": 0}
    assert {each["why"].startswith("the reading process died") for each in told["versions"]} == {
        True
    }
    assert not doubled.rows("(SELECT * FROM optical_document)")


def figures(gongkai: Gongkai) -> dict[tuple[object, object], dict[str, object]]:
    rows = gongkai.rows("figures")
    return {(row["indicator"], row["applicant"]): row for row in rows if row["indicator"]}


def test_the_figures_of_pictures_are_there_and_say_how_sure_they_are(read: Gongkai) -> None:
    found = figures(read)
    for key, number in REPORT.truth.items():
        row = found[key]
        assert row["value"] == int(number)
        assert (row["origin"], row["engine"], row["confidence"]) == ("ocr", ENGINE, 0.9876)
        assert row["box_page"] in (2, 3, 4)
        assert row["box_width"]
    assert found["f21.s3.new", "total"]["confirmation"] == "confirmed"
    counted = read.rows("figures_current")
    assert {row["origin"] for row in counted} == {"ocr"}
    told = json.loads(read.run("table", "f21.s3.new", "--json"))
    total = int(REPORT.truth["f21.s3.new", "total"])
    assert [(row["value"], row["confirmation"]) for row in told] == [(total, "confirmed")]
    [of_several] = json.loads(read.run("table", "litigation", "--json"))
    assert of_several["confirmation"] == "confirmed"
    line = "read from pictures: 1 confirmed (--json and -o FILE say which)"
    read.run("table", "f21.s3.new")
    assert line in read.stderr


def test_search_finds_words_of_pictures(read: Gongkai) -> None:
    hits = json.loads(read.run("search", "主动公开政府信息1204条", "--json"))
    assert [hit["url"].rsplit("/", 1)[1] for hit in hits] == ["2023.html"]
    hits = json.loads(read.run("search", "全年收到申请", "--json"))
    assert [hit["url"].rsplit("/", 1)[1] for hit in hits] == ["2022.png"]


def test_a_report_without_a_heading_is_of_the_year_that_its_list_says(read: Gongkai) -> None:
    [row] = [row for row in read.rows("documents") if str(row["url"]).endswith("2021.png")]
    assert row["report_year"] == 2021
    told = json.loads(str(row["fields"]))["listed_title"]
    assert (told["value"], told["origin"]) == (NAMELESS, "list")


def test_a_report_whose_picture_stands_in_the_page_itself_is_told(
    server: RawServer, tmp_path: Path
) -> None:
    inside = b64encode(pictures()[0]).decode()
    server.answers["/in/2023.html"] = page(
        SHOWN.format(TITLE, f'<p><img src="data:image/png;base64,{inside}"></p>')
    )
    listed = (
        f'<ul class="list"><li><a href="/in/2023.html">{TITLE}</a><span>2024-01-20</span></li></ul>'
    )
    server.answers["/in/index.html"] = page(SHOWN.format("政府信息公开年报", listed))
    gongkai = WithDouble(tmp_path / "home")
    gongkai.crawl(f"{server.url}/in/index.html")
    for args in ((), ("--dry-run",)):
        told = gongkai.run("ocr", *args)
        assert "/in/2023.html version 1: its pictures have no URL that a crawl asks for" in told


def test_what_is_read_is_not_told_as_unread(read: Gongkai) -> None:
    rules = {row["rule"] for row in read.rows("findings")}
    assert ("image_only" in rules, "read_from_pictures" in rules) == (False, True)


def test_a_page_says_that_its_pictures_were_read_later(read: Gongkai) -> None:
    said = read.run("show", "2023.html")
    assert f"read by reader {READER_VERSION}, its pictures later\n" in said
    assert "--reader N" not in said, "of one number nobody can choose the other reading"


def test_a_second_reading_does_nothing(read: Gongkai) -> None:
    assert not ocr(read)


def test_what_an_earlier_version_read_is_told_and_looked_at_once_more_and_only_once(
    read: Gongkai, tmp_path: Path
) -> None:
    later = WithDouble(shutil.copytree(read.home, tmp_path / "home"))
    tells = {str(engine_name()): "good  pictures: every page", "earlier": "by an earlier version"}
    for engine, told in tells.items():
        with closing(sqlite3.connect(later.home / "archive.sqlite")) as ledger, ledger:
            ledger.execute("UPDATE optical_document SET engine = ?", [engine])
        assert told in later.run("doctor", status=None)
    for days, found in ((-900, True), (0, False)):  # whatever the clock says
        later.ahead = timedelta(days=days)
        assert bool(json.loads(later.run("ocr", "--json"))["counts"]) == found
        assert figures(later) == figures(read)


def test_the_archive_is_as_whole_as_any(read: Gongkai) -> None:
    read.run("verify", "--deep")


def test_the_reading_without_pictures_is_kept_and_no_change_is_told(read: Gongkai) -> None:
    assert {row["version"] for row in read.rows("versions")} == {1}
    assert not read.rows("changes")
    kept = read.rows("(SELECT reader_version FROM earlier_reading)")
    assert {row["reader_version"] for row in kept} == {READER_VERSION}


def test_the_page_shows_picture_and_box(read: Gongkai, server: RawServer) -> None:
    drawing = Pictures(read.home / "warc")
    url = f"{server.url}/nb/2023.html"
    try:
        with open_indexed(read.home) as store, served(store, draw=drawing.picture) as client:
            shown = html.fromstring(client.get("/page", params={"url": url}).text)
            images = shown.xpath("//div[@class='sheet']/img/@src")
            assert [client.get(each).content for each in images] == pictures()
            [mark] = (
                shown.xpath(f"//td[.='{0}']/a")[:1]
                or shown.xpath("//a[@class='sure confirmed']")[:1]
            )
            assert shown.xpath(f"//*[@id='{mark.get('href')[1:]}']/@width")
            told = client.get("/api/page", params={"url": url}).json()["figures"]
            assert {each["origin"] for each in told} == {"ocr"}
    finally:
        drawing.close()


def test_pictures_whose_file_was_lost_are_shown_and_read_when_they_were_asked_for_again(
    read: Gongkai, server: RawServer, tmp_path: Path
) -> None:
    copied = Gongkai(shutil.copytree(read.home, tmp_path / "home"))
    for each in (copied.home / "warc").glob("*.warc.gz"):
        each.unlink()
    copied.run("repair", "--delay", "0", status=1)  # of robots.txt there is nothing
    drawing = Pictures(copied.home / "warc")
    try:
        with open_indexed(copied.home) as store, served(store, draw=drawing.picture) as client:
            shown = html.fromstring(
                client.get("/page", params={"url": f"{server.url}/nb/2023.html"}).text
            )
            images = shown.xpath("//div[@class='sheet']/img/@src")
            assert [client.get(each).content for each in images] == pictures()
    finally:
        drawing.close()
    with closing(sqlite3.connect(copied.home / "archive.sqlite")) as connection, connection:
        connection.execute("UPDATE optical_document SET engine = 'an earlier one'")
    assert ocr(copied)["recognised"] == 3
    assert figures(copied) == figures(read)


def test_the_next_crawl_sees_no_change_and_loses_nothing(
    read: Gongkai, server: RawServer, tmp_path: Path
) -> None:
    copied = Gongkai(shutil.copytree(read.home, tmp_path / "home"))
    before = figures(copied)
    portal_of(server, remark="<!-- another day -->")
    done = copied.crawl(f"{server.url}/nb/index.html", "--unconditional")
    assert "changed" not in dict(done["outcomes"])  # type: ignore[call-overload]
    assert figures(copied) == before
    assert not copied.rows("(SELECT * FROM field_event)")
    assert not ocr(copied)


def values_by_version(gongkai: Gongkai) -> list[str]:
    names = ("url", "version", "indicator", "applicant", "value", "box_page", "engine")
    return sorted(str([row[name] for name in names]) for row in gongkai.rows("figures"))


def exchange(server: RawServer, other: Report = OTHER) -> None:
    """One picture of the report is another one now, under its URL; no page changed."""
    portal_of(server)
    server.answers["/img/p2.png"] = png(pictures(other)[2])


@pytest.fixture(scope="module")
def exchanged(
    read: Gongkai, server: RawServer, tmp_path_factory: pytest.TempPathFactory
) -> Gongkai:
    """The archive, visited again when its pages were due, long before their pictures were, and read
    again.
    """
    folder = tmp_path_factory.mktemp("exchanged")
    copied = Gongkai(shutil.copytree(read.home, folder / "home"))
    exchange(server)
    server.requests.clear()
    copied.ahead = timedelta(days=40)
    done = copied.crawl(f"{server.url}/nb/index.html")
    portal_of(server)
    assert "changed" not in dict(done["outcomes"])  # type: ignore[call-overload] # pages stand
    for number in range(4):
        [asked] = server.requests[f"/img/p{number}.png"]
        assert b"If-None-Match" in asked
    told = json.loads(WithDouble(copied.home).run("ocr", "--json"))
    [row] = told["versions"]
    assert (row["url"].rsplit("/", 1)[1], row["version"]) == ("2023.html", 2)
    assert told["counts"]["recognised"] == 1
    return copied


def test_an_exchanged_picture_makes_the_next_version(exchanged: Gongkai) -> None:
    new, key = "f21.s3.new", ("f21.s3.new", "total")
    before, after = int(REPORT.truth[key]), int(OTHER.truth[key])
    assert before != after
    [counted] = json.loads(exchanged.run("table", new, "--json"))
    assert (counted["value"], counted["version"]) == (after, 2)
    changed = [row for row in exchanged.rows("changes") if row["indicator"] == new]
    of_total = [row for row in changed if row["applicant"] == "total"]
    assert [(row["old"], row["new"]) for row in of_total] == [(str(before), str(after))]
    rows = [row for row in exchanged.rows("figures") if (row["indicator"], row["applicant"]) == key]
    assert {row["version"]: row["value"] for row in rows} == {1: before, 2: after}


def test_two_versions_of_one_capture_are_as_whole_as_any(exchanged: Gongkai) -> None:
    exchanged.run("verify", "--deep")
    assert not ocr(exchanged)


def test_the_night_behind_an_exchanged_picture_has_nothing_new(
    exchanged: Gongkai, server: RawServer, tmp_path: Path
) -> None:
    copied = Gongkai(shutil.copytree(exchanged.home, tmp_path / "home"))
    exchange(server)
    copied.ahead = timedelta(days=80)
    copied.crawl(f"{server.url}/nb/index.html")
    portal_of(server)
    assert not ocr(copied)
    assert copied.rows("versions") == exchanged.rows("versions")


def test_a_picture_exchanged_behind_a_night_of_a_clock_that_was_ahead_is_read(
    read: Gongkai, server: RawServer, tmp_path: Path
) -> None:
    copied = Gongkai(shutil.copytree(read.home, tmp_path / "home"))
    counted = []
    for ahead, other in ((365, OTHER), (0, balanced(6)), (40, REPORT)):
        exchange(server, other)
        copied.ahead = timedelta(days=ahead)
        copied.crawl(f"{server.url}/nb/index.html")
        [row] = json.loads(WithDouble(copied.home).run("ocr", "--json"))["versions"]
        told = json.loads(copied.run("table", "f21.s3.new", "--json"))
        counted.append((row["version"], told[0]["value"]))
        assert not ocr(copied)
    portal_of(server)
    key = "f21.s3.new", "total"
    numbers = [int(each.truth[key]) for each in (OTHER, balanced(6), REPORT)]
    assert counted == [*zip((2, 3, 4), numbers, strict=True)]


def test_both_versions_are_read_again_with_their_own_pictures(
    exchanged: Gongkai, tmp_path: Path
) -> None:
    other = Gongkai(shutil.copytree(exchanged.home, tmp_path / "home"))
    other.reader = str(int(READER_VERSION) + 1)
    other.run("reread")
    assert values_by_version(other) == values_by_version(exchanged)
    assert {row["reader_version"] for row in other.rows("figures")} == {other.reader}


@pytest.mark.slow
def test_a_ledger_that_was_lost_has_them_again(read: Gongkai, tmp_path: Path) -> None:
    copied = Gongkai(shutil.copytree(read.home, tmp_path / "home"))
    lose_ledger(copied)
    copied.run("rebuild")
    assert not copied.rows("figures_current")
    assert ocr(copied)["recognised"] == 3
    assert len(figures(copied)) == len(figures(read))
