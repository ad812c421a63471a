"""Saved list pages of our own making, a folder each: page.html and what it names.

To add a case, add a folder (`scrapy record`, `scrapy newfamily`); every key of expected.toml is a
test of its own. An expectation that says `reviewed = false` fails whatever it holds.
"""

import tomllib
from pathlib import Path

import pytest
from lxml import html

from archive.families.lists import looks_like_list, read_list
from archive.families.registry import recognise
from archive.model.reading import Link

CASES = Path(__file__).parent / "cases"
FIELDS = [
    (folder.name, field)
    for folder in sorted(CASES.iterdir())
    for field in tomllib.loads((folder / "expected.toml").read_text("utf-8"))
    if field not in ("url", "post_body", "reviewed")
]


def parsed(text):
    return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))


def item(link: Link):
    return [link.role.value, link.url, link.printed_date or "", link.text]


def page(link: Link):
    return link.url if link.method == "GET" else f"{link.method} {link.url} {link.body}"


def found(field, text, url, post_body):
    tree = parsed(text)
    if field == "family":
        return recognise(tree, text, url).key or ""
    if field == "is_list":
        return looks_like_list(tree, text, url)
    listed = read_list(tree, text, url, None, post_body=post_body)
    if field == "items":
        return [item(link) for link in listed.items]
    if field == "pages":
        return sorted(page(link) for link in listed.pages)
    return getattr(listed, field)


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{n}-{f}" for n, f in FIELDS])
def test_a_saved_page_names_what_is_expected(name, field):
    expected = tomllib.loads((CASES / name / "expected.toml").read_text("utf-8"))
    assert expected.get("reviewed", True), "compare expected.toml with page.html first"
    text = (CASES / name / "page.html").read_text("utf-8")
    wanted = sorted(expected[field]) if field == "pages" else expected[field]
    assert found(field, text, expected["url"], expected.get("post_body")) == wanted
