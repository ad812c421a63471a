"""One decision for all who ask what kind a page is."""

import pytest

from archive.families.records import ListPage
from archive.model.outcome import Role
from archive.model.reading import Forward, Source
from archive.reading.analysis import analyse
from archive.reading.explain import explain
from archive.reading.page_kind import Document, HubPage, classify
from archive.reading.read import read
from archive.work.cases import is_list_case

HOME = "http://www.x.example/"
SECTION = '<a href="/nb/">政府信息公开年报</a>'
ITEMS = "".join(
    f'<li><a href="/nb/t{n}.html">某县201{n}年政府信息公开年报</a><span>201{n + 1}-02-01</span></li>'
    for n in range(5)
)
TEXT = "<h1>某县2019年政府信息公开年报</h1>" + "<p>全年主动公开信息一百二十条，均按期答复。</p>" * 9
PAGES = {
    "forward": ('<meta http-equiv="refresh" content="0;url=/nb/">', Role.ENTRY, Forward),
    "home page": (f"<p>新闻</p>{SECTION}", Role.ENTRY, HubPage),
    "hub page": (f"<p>新闻</p>{SECTION}", Role.NAVIGATION, HubPage),
    "hub page that leads nowhere": ("<p>新闻</p>", Role.NAVIGATION, HubPage),
    "list": (f"<ul>{ITEMS}</ul>", Role.LIST, ListPage),
    "list met as a page": (f"<ul>{ITEMS}</ul>", Role.PAGE, ListPage),
    "document": (TEXT, Role.PAGE, Document),
    "document in a list's place": (TEXT, Role.LIST, Document),
}


def source(name: str) -> Source:
    body, role, _ = PAGES[name]
    page = f"<html><head><title>某县</title></head><body>{body}</body></html>"
    return Source(url=f"{HOME}q/", body=page.encode(), media_type="text/html", role=role)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_kind(name: str) -> None:
    assert isinstance(classify(analyse(source(name))), PAGES[name][2])


@pytest.mark.parametrize("name", PAGES)
def test_reading_cases_and_explanation_agree_with_it(name: str) -> None:
    kind, reading = classify(analyse(source(name))), read(source(name))
    leads_on = isinstance(kind, ListPage) or (isinstance(kind, HubPage) and kind.links != ())
    assert (reading.kind == "list") == leads_on
    assert (reading.forward == kind) == isinstance(kind, Forward)
    assert is_list_case(source(name)) == isinstance(kind, ListPage)
    assert (explain(source(name)).read_as or "").startswith("list") == leads_on
