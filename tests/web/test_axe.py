"""Every page before axe-core, as people see it: light, dark, on a phone, in both languages.

GONGKAI_TEST_AXE names a folder with axe-core (`npm pack axe-core`, unpacked); it is not installed with
the rest, because nothing else needs npm. Without it these tests are skipped and say so.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from crawler.browser.launch import find_chromium
from tests.web.conftest import SCANNED
from tests.web.test_phone import NUMBER_PAGES, PAGES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = {
    "light": {"color_scheme": "light", "locale": "en"},
    "dark": {"color_scheme": "dark", "locale": "zh-CN"},
    "phone": {"color_scheme": "light", "locale": "zh-CN", "viewport": {"width": 390, "height": 800}},
    "dark phone": {
        "color_scheme": "dark", "locale": "en", "viewport": {"width": 390, "height": 800},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def axe() -> str:
    folder = os.environ.get("GONGKAI_TEST_AXE")
    if folder is None:
        pytest.skip("GONGKAI_TEST_AXE names no folder with axe-core: no page was examined")
    return next(Path(folder).rglob("axe.min.js")).read_text("utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


def violations(page: Page, axe: str) -> list[tuple[str, ...]]:
    page.evaluate(axe)
    asked = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
    answer = page.evaluate(f"axe.run(document, {asked})")
    return [
        (page.url, each["id"], node["html"][:200], node["failureSummary"][:400])
        for each in answer["violations"]
        for node in each["nodes"][:3]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(
    axe: str,
    browser: Browser,
    client: httpx.Client,
    asking: httpx.Client,
    scans: httpx.Client,
    look: str,
) -> None:
    context = browser.new_context(**LOOKS[look])  # type: ignore[arg-type]
    page = context.new_page()
    found = []
    for path in PAGES:
        page.goto(f"{client.base_url}{path}")
        found += violations(page, axe)
    for path in NUMBER_PAGES:
        page.goto(f"{asking.base_url}{path}")
        found += violations(page, axe)
    page.goto(f"{scans.base_url}/page?url={SCANNED}")
    found += violations(page, axe)
    context.close()
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_where_people_corrected_numbers(
    axe: str, browser: Browser, corrected_scans: httpx.Client, look: str
) -> None:
    context = browser.new_context(**LOOKS[look])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{corrected_scans.base_url}/page?url={SCANNED}")
    # Each in the table of the report, and in that of its figures.
    assert page.locator("a.corrected").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = violations(page, axe)
    page.locator("a.corrected").first.focus()
    page.locator("a.corrected").first.press("Enter")
    found += violations(page, axe)
    context.close()
    assert found == []


@pytest.mark.slow
def test_axe_would_find_something(axe: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html><body><img src=x><p style='color:#eee'>pale</p></body></html>")
    assert {"image-alt", "color-contrast"} <= {each[1] for each in violations(page, axe)}
    page.close()
