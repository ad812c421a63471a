"""What is remembered between pages changes no reading, in whatever order pages come."""

import random
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.html import table_plan
from archive.reading.read import read
from bench.site import list_pages, report_pages
from tests.reading.statistics.generate import case

_URL = "http://www.example.gov.cn/nb/2024.html"


def bounded() -> Iterator[Any]:
    """Every bounded cache of the packages that read."""
    names = ("archive.reading", "archive.families", "archive.codebook", "archive.model")
    for name, module in list(sys.modules.items()):
        for found in vars(module).values() if name.startswith(names) else ():
            if hasattr(found, "cache_parameters") and found.cache_parameters()["maxsize"]:
                yield found


def forget() -> None:
    for cache in bounded():
        cache.cache_clear()
    table_plan._met._shapes.clear()


def sources() -> list[Source]:
    found = [
        Source(url=page.url, body=page.body, role=role)
        for page in (*report_pages(8, seed=3, mixed=True), *list_pages(40, seed=3))
        for role in (page.role, Role.ENTRY)
    ]
    rng = random.Random(5)
    for seed in range(12):
        report = f"<title>某县2024年政府信息公开工作年度报告</title>{case(seed).html}"
        for _ in range(3):
            pieces = re.split(r">\d+<", report)
            body = pieces[0] + "".join(f">{rng.randrange(10**4)}<{each}" for each in pieces[1:])
            found.append(Source(url=_URL, body=body.encode()))
    return found


@pytest.fixture(scope="module")
def alone() -> list[tuple[Source, str]]:
    """Each page with its reading when nothing was read before."""
    told = []
    for source in sources():
        forget()
        told.append((source, repr(read(source))))
    return told


@pytest.mark.parametrize("seed", range(3))
def test_a_page_reads_the_same_after_any_others(alone: list[tuple[Source, str]], seed: int) -> None:
    for source, told in random.Random(seed).sample(alone, len(alone)):
        assert repr(read(source)) == told, source.url


def test_caches_are_bounded_and_many(alone: list[tuple[Source, str]]) -> None:
    assert alone
    caches = list(bounded())
    assert len(caches) > 15
    assert all(cache.cache_parameters()["maxsize"] <= 100_000 for cache in caches)
