"""The saved real lists: items and pages as worked out by hand; and no article is a list."""

import csv
import json
import os
from pathlib import Path

import pytest
from lxml import html

from archive.families.lists import looks_like_list, read_list
from archive.model.url import resolve

PAGES = Path(os.environ.get("GONGKAI_SHARED", Path(__file__).parents[3] / "shared")) / "pages"
pytestmark = pytest.mark.skipif(
    not (PAGES / "gold.jsonl").exists(), reason="the folder of saved real pages is absent"
)
LISTS = ("handan-list", "pingtan-nb-list")


def gold(name):
    lines = (PAGES / "gold.jsonl").read_text("utf-8").splitlines()
    return next(row for row in map(json.loads, lines) if row["id"] == name)


def read_page(name):
    text = (PAGES / f"{name}.html").read_text("utf-8", errors="replace")
    return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8")), text


def listed(name):
    tree, text = read_page(name)
    return read_list(tree, text, gold(name)["url"], None)


@pytest.mark.parametrize("name", LISTS)
def test_the_items_are_those_of_the_list(name):
    row = gold(name)
    wanted = [(resolve(row["url"], i["href"]), i["title"], i["date"]) for i in row["items"]]
    assert [(i.url, i.text, i.printed_date) for i in listed(name).items] == wanted


@pytest.mark.parametrize("name", LISTS)
def test_every_other_page_of_the_list_is_named(name):
    assert len(listed(name).pages) == gold(name)["pages"] - 1


@pytest.mark.parametrize("name", LISTS)
def test_the_printed_total_is_found(name):
    assert listed(name).total_items == gold(name)["record_count"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_looks_like_a_list(name):
    assert looks_like_list(*read_page(name), gold(name)["url"])


def articles():
    if not (PAGES / "MANIFEST.tsv").exists():
        return []
    with (PAGES / "MANIFEST.tsv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [row["id"] for row in rows if row["kind"] != "list"]


@pytest.mark.parametrize("name", articles())
def test_an_article_is_no_list_even_when_its_url_tells_nothing(name):
    assert not looks_like_list(*read_page(name), "http://portal.example/")
