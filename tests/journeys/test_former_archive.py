"""An archive of schema 0002, the last one that was released, is copied, migrated and crawled on.

`former_archive/` holds what the code of that schema made of a list and three reports of the demo
portal (--generate 3 --family trs): its ledger without the search index, and its WARC file.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from archive.search.index import open_indexed
from archive.store.views import described_columns
from archive.work.home import Home
from archive.work.open_archive import open_archive
from archive.work.preservation.move import move
from crawler.demo.server import DemoPortal
from crawler.demo.site import generate_site
from tests.support.command import Gongkai
from tests.support.engines import ENGINES, empty_database
from tests.support.site import site_of

FORMER = Path(__file__).parent / "former_archive"
WARC = "gongkai-20261129225642-00001-9383a9f8.warc.gz"  # as the ledger has it
SERVED_AT = "http://127.0.0.1:48713"
LIST = "/trs/zwgk/zfxxgk/zfxxgknb/"


@pytest.fixture(scope="module")
def portal() -> Iterator[DemoPortal]:
    with DemoPortal(1, 5, site=generate_site(3, "trs", seed=1, per_list=5)) as running:
        yield running


def put(gongkai: Gongkai, url: str) -> None:
    """The home as that code left it, but with its portal at that URL."""
    (gongkai.home / "warc").mkdir(parents=True)
    shutil.copy(FORMER / "exchanges.gz", gongkai.home / "warc" / WARC)
    entries = f'entries = ["{url}{LIST}"]'
    (gongkai.home / "portals.toml").write_text(f'[former]\nname = "澄溪县"\n{entries}\n')
    script = (FORMER / "schema_0002.sql").read_text("utf-8").replace(SERVED_AT, url)
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger:
        ledger.executescript(script)


def exported(gongkai: Gongkai) -> dict[str, list[dict[str, object]]]:
    """Every exported table; JSON as what it says, not as it is spelled. A view has no order of its
    own; exports are ordered by what rows say.
    """
    return {
        view: sorted(
            ({name: decoded(value) for name, value in row.items()} for row in gongkai.rows(view)),
            key=str,
        )
        for view in described_columns()
        if gongkai.has(view)
    }


def decoded(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value[:1] in {"{", "["} else value


def test_every_export_is_as_it_was(gongkai: Gongkai) -> None:
    put(gongkai, SERVED_AT)
    before = exported(gongkai)
    open_archive(gongkai.home).close()
    after = exported(gongkai)
    assert {view for view, rows in before.items() if rows} >= {
        "documents", "versions", "captures", "outcomes", "figures", "runs", "portals",
    }  # fmt: skip
    for view, rows in before.items():
        known = [{name: row.get(name, "gone") for name in rows[0]} for row in after[view]]
        assert sorted(known, key=str) == rows, view
    assert (gongkai.home / "archive.sqlite.bak-0002").exists()


def test_versions_have_the_days_that_they_print(gongkai: Gongkai) -> None:
    put(gongkai, SERVED_AT)
    open_archive(gongkai.home).close()
    printed = (
        """SELECT value FROM field WHERE version_id = version.id AND chosen AND name_id = {}"""
    )
    day = f"coalesce(({printed.format(2)}), ({printed.format(3)}), '')"
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger:
        days = ledger.execute(f"SELECT day, substr({day}, 1, 10) FROM version").fetchall()  # noqa: S608 - ours
    assert [each for each in days if each[0] != each[1]] == []
    assert len({*days}) > 1


def test_verify_says_that_it_migrates_a_ledger(gongkai: Gongkai) -> None:
    put(gongkai, SERVED_AT)
    told = "the ledger has schema 0002 and is brought to"
    gongkai.run("verify", status=None)
    assert gongkai.stderr.count(told) == 1
    assert "archive.sqlite.bak-0002" in gongkai.stderr
    gongkai.run("verify", status=None)
    assert told not in gongkai.stderr


def test_the_migrated_ledger_is_whole(gongkai: Gongkai) -> None:
    put(gongkai, SERVED_AT)
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger:
        ledger.execute("UPDATE page SET role = 'way' WHERE id = 1")
        ledger.commit()
    open_indexed(gongkai.home).close()
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger:
        assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []
        assert ledger.execute("SELECT role FROM page WHERE id = 1").fetchall() == [("navigation",)]
    gongkai.run("verify")


def test_a_crawl_goes_on(gongkai: Gongkai, portal: DemoPortal) -> None:
    put(gongkai, portal.url)
    verdict = gongkai.crawl("former", "--full")
    assert verdict["outcomes"] == {"unchanged": 4}
    assert [row["version"] for row in gongkai.rows("documents")] == [1, 1, 1, 1]
    assert len(gongkai.rows("runs")) == 2
    assert "2024" in gongkai.run("search", "公开")


@pytest.fixture
def grown(gongkai: Gongkai) -> Gongkai:
    """The archive of that code, crawled on by today's and read again."""
    put(gongkai, SERVED_AT)
    with site_of(2) as site:
        gongkai.crawl(site.entry)
    gongkai.run("reread")
    return gongkai


def test_its_ledger_is_made_again(grown: Gongkai) -> None:
    """What the first crawl of today writes of the earlier run is enough."""
    before = exported(grown)
    grown.run("rebuild", "--replace")
    assert exported(grown) == before
    assert all_is_proven(grown) == 7


def test_it_takes_another_in_and_comes_into_another(grown: Gongkai, tmp_path: Path) -> None:
    other = Gongkai(tmp_path / "other")
    with site_of(1) as site:
        other.crawl(site.entry)
    copies = [Gongkai(shutil.copytree(each.home, tmp_path / f"copy-{each.home.name}"))
              for each in (grown, other)]  # fmt: skip
    for one, into in ((other, grown), *[copies]):
        into.run("merge", str(one.home))
        assert all_is_proven(into) == 9
    assert len(grown.rows("figures")) == len(copies[1].rows("figures")) > 500
    grown.run("rebuild", "--replace")
    assert all_is_proven(grown) == 9


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_moved_there_and_back(grown: Gongkai, tmp_path: Path, engine: str) -> None:
    before = exported(grown)
    somewhere = nullcontext(f"sqlite:///{tmp_path / 'elsewhere' / 'ledger.sqlite'}")
    with somewhere if engine == "sqlite" else empty_database() as place:
        for source, target in ((grown.home, place), (place, grown.home)):
            move(
                Home(grown.home), source, target, on_total=int, on_rows=lambda _count, _table: None
            )
    assert exported(grown) == before
    assert all_is_proven(grown) == 7


def all_is_proven(gongkai: Gongkai) -> int:
    """How many versions there are."""
    gongkai.run("verify", "--seals")
    gongkai.run("verify", "--deep")
    versions = len(gongkai.rows("versions"))
    assert f"{versions} versions read again: {versions} as stored\n" in gongkai.stderr
    return versions
