"""The pages in a real browser, as narrow as a phone, and without a mouse."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from crawler.browser_launch import find_chromium
from tests.ask.invented import YUNHE, address

WIDTH = 360
PAGES = (
    "/", "/search?q=复议", f"/page?url={address(YUNHE, 2021)}",
    f"/diff?url={address(YUNHE, 2021)}", "/reports", "/reports?year=2021", "/runs", "/api",
    "/nothing",
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


def test_a_search_needs_no_mouse(phone: Page, client: httpx.Client) -> None:
    phone.goto(str(client.base_url))
    phone.wait_for_selector("input[name=q]:focus")  # what is typed before it has no field
    phone.keyboard.type("复议")
    phone.keyboard.press("Enter")
    phone.wait_for_selector("article.hit")
    phone.locator("article.hit h2 a").first.focus()
    phone.keyboard.press("Enter")
    phone.wait_for_selector("article.report")
