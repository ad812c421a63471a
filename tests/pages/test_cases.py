"""Saved documents of our own making, a folder each: page.html and what it says.

To add a case, run `scrapy record`; every key of expected.toml is a test of its own. An expectation
that says `reviewed = false` fails whatever it holds.
"""

import tomllib
from functools import cache
from pathlib import Path

import pytest

from archive.model.reading import Source
from archive.work.cases import Expectation, page_facts

CASES = Path(__file__).parent / "cases"


def expected_of(name: str) -> Expectation:
    return tomllib.loads((CASES / name / "expected.toml").read_text("utf-8"))


@cache
def facts_of(name: str) -> Expectation:
    url = str(expected_of(name)["url"])
    body = (CASES / name / "page.html").read_bytes()
    return page_facts(Source(url=url, body=body, media_type="text/html"))


FIELDS = [
    (folder.name, field)
    for folder in sorted(CASES.iterdir())
    for field in expected_of(folder.name)
    if field not in ("url", "reviewed")
]


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{n}-{f}" for n, f in FIELDS])
def test_a_saved_page_says_what_is_expected(name, field):
    expected = expected_of(name)
    assert expected.get("reviewed", True), "compare expected.toml with page.html first"
    assert facts_of(name).get(field) == expected[field]


@pytest.mark.parametrize("name", sorted({name for name, _ in FIELDS}))
def test_nothing_is_read_that_nobody_expects(name):
    assert set(facts_of(name)) <= set(expected_of(name))
