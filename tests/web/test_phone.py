"""The pages in a real browser, as narrow as a phone, and without a mouse."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from archive.model.reading import Field, Finding, Severity
from archive.search.index import open_indexed
from archive.work.ingest.covering import cover
from crawler.browser.launch import find_chromium
from tests.store.making import NOW
from tests.support import counted
from tests.support.invented import DAY, YUNHE, Site, county, crawl, report, url
from tests.web.conftest import SCANNED, served

WIDTH = 360
NUMBER_PAGES = (
    "/", "/coverage", "/coverage?division=320000", "/coverage?division=320613", "/bodies?q=县",
    "/coverage?division=unknown", "/body/1", "/indicators", "/indicator/reviews", "/changes",
    "/indicator/requests_answered?kind=all&province=320000", "/compare", "/compare?body=县",
    "/compare?body=1&body=2&indicator=reviews&indicator=requests_answered", "/body/999",
    "/indicator/requests_answered?level=county&year=2023&since=2022", "/late/undated",
    "/late/counts?by=year",
)  # fmt: skip
PAGES = (
    "/", "/search?q=复议", f"/page?url={url(YUNHE, 2021)}",
    f"/diff?url={url(YUNHE, 2021)}", "/reports", "/reports?year=2021", "/runs", "/run/2", "/changes", "/api",
    "/nothing", f"/similar/passages?url={url(YUNHE, 2021)}&other={url(YUNHE, 2022)}", "/late",
    "/late/counts", "/late/undated", "/similar",
)  # fmt: skip


@pytest.fixture(scope="module")
def phone() -> Iterator[Page]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser.new_page(viewport={"width": WIDTH, "height": 700}, java_script_enabled=True)
        browser.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_phone(phone: Page, client: httpx.Client, path: str) -> None:
    phone.goto(f"{client.base_url}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize("path", NUMBER_PAGES)
def test_no_page_of_numbers_is_wider_than_a_phone_or_without_a_heading(
    phone: Page, asking: httpx.Client, path: str
) -> None:
    phone.goto(f"{asking.base_url}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert phone.locator("h1").count() == 1


@pytest.mark.parametrize(
    "path", ["/body/1", "/coverage?division=320623", "/indicator/requests_received", "/bodies?q=县",
             "/compare?body=1&indicator=requests_received", "/late/undated"],
)  # fmt: skip
def test_endless_names_widen_no_page_of_numbers(
    phone: Page, endless: httpx.Client, path: str
) -> None:
    phone.goto(f"{endless.base_url}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert "\u202e" not in phone.title()


def test_a_search_needs_no_mouse(phone: Page, client: httpx.Client) -> None:
    phone.goto(str(client.base_url))
    phone.wait_for_selector("input[name=q]:focus")  # what is typed before it has no field
    phone.keyboard.type("复议")
    phone.keyboard.press("Enter")
    phone.wait_for_selector("article.hit")
    phone.locator("article.hit h2 a").first.focus()
    phone.keyboard.press("Enter")
    phone.wait_for_selector("article.report")


CHANGED = url(YUNHE, 2021)
LONG = "http://www.yunhe.example/" + "a" * 400 + ".html"
TURNED = "\u202e复议报告"


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A body whose name has no end and no place to break it."""
    body = counted.government(TURNED + "<script>" + "A" * 3_000 + "县" * 3_000, "320623")
    with open_indexed(tmp_path_factory.mktemp("endless")) as store:
        counted.fill(store, {(body, 2022): {"f21.s3.new/total": "9"}})
        cover(store, [], now=NOW)
        with served(store) as client:
            yield client


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An archive whose report has what no page should have: words without an end, turned text."""
    agency = Field(name="agency", value=TURNED, printed=TURNED + LONG, origin=LONG)
    doubt = Finding(rule="R1", severity=Severity.ERROR, message=LONG, evidence=LONG)
    page = replace(
        report("云河县", 2021), title=TURNED + "A" * 300, fields=(agency,), findings=(doubt,),
        lines=("复议" + LONG,), statements=(), content_hash="c1:1",
    )  # fmt: skip
    folder: Path = tmp_path_factory.mktemp("hostile")
    with open_indexed(folder) as store:
        pages = county(YUNHE, "云河县", (2021,)) | {CHANGED: page}
        crawl(store, Site(readings=pages), now=DAY)
        with served(store) as client:
            yield client


@pytest.mark.parametrize(
    "path", ["/search?q=复议", f"/page?url={CHANGED}", "/reports?portal=yunhe", "/page?url=" + LONG]
)
def test_endless_words_widen_no_page(phone: Page, hostile: httpx.Client, path: str) -> None:
    phone.goto(f"{hostile.base_url}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_turned_text_turns_nothing_round_it(phone: Page, hostile: httpx.Client) -> None:
    phone.goto(f"{hostile.base_url}/search?q=复议&year=2021")
    assert phone.locator("article.hit .about").first.evaluate(
        """line => { const year = document.createRange(), agency = line.querySelector("span");
             const text = agency.nextSibling, at = text.data.indexOf("2021");
             year.setStart(text, at); year.setEnd(text, at + 1);
             const next = document.createRange();
             next.setStart(text, at + 3); next.setEnd(text, at + 4);
             return year.getBoundingClientRect().left < next.getBoundingClientRect().left; }"""
    )
    phone.goto(f"{hostile.base_url}/page?url={CHANGED}")
    assert "\u202e" not in phone.title()


def test_links_of_the_report_counts_are_large_enough_for_a_finger(
    phone: Page, client: httpx.Client
) -> None:
    phone.goto(f"{client.base_url}/reports")
    sizes = phone.evaluate(
        "[...document.querySelectorAll('.report-counts a')].map(a => a.getBoundingClientRect())"
        ".map(box => [box.width, box.height])"
    )
    assert sizes
    assert all(width >= 24 and height >= 24 for width, height in sizes)


def test_the_best_shares_are_dark_on_paper(phone: Page, asking: httpx.Client) -> None:
    phone.goto(f"{asking.base_url}/coverage")
    phone.emulate_media(media="print")
    colours = phone.evaluate(
        "[...document.querySelectorAll('.share.q4')].map(cell => getComputedStyle(cell))"
        ".map(style => [style.color, style.backgroundColor])"
    )
    phone.emulate_media(media="screen")
    assert {*map(tuple, colours)} == {("rgb(0, 0, 0)", "rgba(0, 0, 0, 0)")}


BOXES = """
    [...document.querySelectorAll('.scroll > LOOK')]
    .map(drawn => [drawn, drawn.parentElement].map(each => each.getBoundingClientRect()))
    .map(([drawn, room]) => [drawn.width - room.width, drawn.right - room.right])
"""


def test_a_strip_of_years_begins_at_the_newest(phone: Page, asking: httpx.Client) -> None:
    phone.goto(f"{asking.base_url}/body/1")
    [[wider, beyond]] = phone.evaluate(BOXES.replace("LOOK", ".strip"))
    assert wider > 0
    assert abs(beyond) <= 1


@pytest.mark.parametrize("path", ["/body/1", "/indicator/reviews", "/compare?body=1"])
def test_charts_are_seen_whole(phone: Page, asking: httpx.Client, path: str) -> None:
    phone.goto(f"{asking.base_url}{path}")
    boxes = phone.evaluate(BOXES.replace("LOOK", ".lines"))
    assert boxes
    assert all(wider <= 0 and beyond <= 0 for wider, beyond in boxes)


def test_names_of_portals_are_not_cut(phone: Page, client: httpx.Client) -> None:
    phone.goto(f"{client.base_url}/reports")
    cut = "[...document.querySelectorAll('.report-counts tbody th')].map(e => e.scrollWidth > e.clientWidth)"
    style = "[...document.querySelectorAll('.report-counts tbody th')].map(e => getComputedStyle(e).whiteSpace)"
    assert not any(phone.evaluate(cut))
    assert {*phone.evaluate(style)} == {"normal"}


def test_every_page_has_one_heading_of_the_first_order(phone: Page, client: httpx.Client) -> None:
    for path in PAGES:
        phone.goto(f"{client.base_url}{path}")
        assert phone.locator("h1").count() == 1, path


def test_a_report_beside_its_pictures_is_no_wider_either(phone: Page, scans: httpx.Client) -> None:
    phone.goto(f"{scans.base_url}/page?url={SCANNED}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
    mark = phone.locator("#t1r4c4 a.sure")
    mark.focus()
    lit = "getComputedStyle(document.getElementById('b0')).fillOpacity"
    assert phone.evaluate(lit) == "0.35"
    mark.press("Enter")
    assert phone.evaluate("document.querySelector(':target').id") == "b0"
