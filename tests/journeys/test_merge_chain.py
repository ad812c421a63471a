"""Archives that had taken others in are taken in: all of them, once, and made again as a whole."""

import re
from pathlib import Path

import pytest

from tests.support.command import Gongkai
from tests.support.site import site_of

pytestmark = pytest.mark.timeout(300)
TABLES = ("captures", "outcomes", "versions", "runs", "documents")


def told(gongkai: Gongkai) -> dict[str, list[str]]:
    return {table: sorted(map(str, gongkai.rows(table))) for table in TABLES}


@pytest.fixture
def chained(tmp_path: Path) -> list[Gongkai]:
    """Each has taken in the one before it; all have a site of their own."""
    chain = [Gongkai(tmp_path / name) for name in ("first", "second", "third")]
    for before, each in zip([None, *chain], chain, strict=False):
        with site_of(1) as site:
            each.crawl(site.entry)
        if before is not None:
            each.run("merge", str(before.home))
    return chain


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_chain_of_archives_is_made_again_whole(
    chained: list[Gongkai], *, forgotten: bool
) -> None:
    last = chained[-1]
    mark = last.home / "warc" / "archive.toml"
    if forgotten:  # merges of before noted the second alone; what is kept of that has its own mark
        mark.write_text(re.sub(r'(merged = \["[^"]*").*\]', r"\1]", mark.read_text()))
    before = told(last)
    assert len(before["runs"]) == 3
    last.run("verify")
    last.run("rebuild", "--replace")
    assert told(last) == before
    last.run("verify")


def test_what_comes_back_is_not_doubled(chained: list[Gongkai]) -> None:
    first, _, last = chained
    first.run("merge", str(last.home))
    assert {name: len(rows) for name, rows in told(first).items()} == {
        name: len(rows) for name, rows in told(last).items()
    }
    before = told(first)
    first.run("rebuild", "--replace")
    assert told(first) == before
    for check in (["verify"], ["verify", "--seals"]):
        first.run(*check)
