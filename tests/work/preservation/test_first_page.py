"""The first page of the replay, over the invented archive."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from archive.store import Store
from archive.work.preservation import first_page as module
from archive.work.preservation.first_page import first_page
from tests.support.invented import DAY, PORTALS, Site, crawl, fill, report


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fill(tmp_path_factory.mktemp("home")) as store:
        yield store


def test_portals_and_newest_captures_are_linked(store: Store) -> None:
    page = first_page(store, "archive", "http://127.0.0.1:8060")
    assert "<script" not in page
    assert 'href="http://127.0.0.1:8060/"' in page
    assert "云河县2021年政府信息公开工作年度报告" in page
    assert '/http://www.yunhe.example/nb/">云河县人民政府</a>' in page
    assert page.index("云河县人民政府</a>") < page.index("青山区人民政府</a>")


def test_no_link_leads_to_pages_that_are_nowhere(store: Store) -> None:
    assert "gongkai serve" not in first_page(store, "archive", None)


def test_an_empty_archive_says_so(tmp_path: pytest.TempPathFactory) -> None:
    with Store.open(tmp_path) as empty:
        assert "Nothing has been captured yet" in first_page(empty, "archive", None)


def test_what_pages_print_is_text(tmp_path: pytest.TempPathFactory) -> None:
    hostile = replace(PORTALS[0], name="<img src=x>", entries=("http://y.example/?\"'<b>",))
    reading = replace(report("云河县", 2021), title="<script>alert(1)</script>")
    with Store.open(tmp_path) as store:
        crawl(store, Site(readings={hostile.entries[0]: reading}), now=DAY, portals=[hostile])
        page = first_page(store, "archive", None)
    assert not any(each in page for each in ("<img", "<script", "<b>", '?"'))
    assert "&lt;script&gt;" in page


def test_of_many_portals_the_rest_is_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PORTALS", 1)
    page = first_page(store, "archive", None)
    assert "and 1 more" in page
    assert "青山区人民政府</a>" not in page
