"""An archive with read pictures and corrections is merged, moved to PostgreSQL and back, and made
again from its files: nothing is lost, exports are equal, and nothing that an engine saw is recognised
a second time.
"""

import json
import shutil
from pathlib import Path

import pytest

from archive.work.corrections.corrections_file import CORRECTIONS_FILE
from tests.journeys.test_pictures import SHOWN, WithDouble, ocr, read, server
from tests.journeys.test_rebuild import lose_ledger
from tests.support.command import Gongkai
from tests.support.engines import SERVER, empty_database
from tests.support.rawserver import RawServer, page
from tests.work.preservation.test_merge import merged

__all__ = ["read", "server"]
pytestmark = pytest.mark.timeout(600)

TABLES = ("documents", "versions", "figures", "figures_current", "findings", "statements")
NUMBER = ("--indicator", "f21.s3.new", "--applicant", "total")


class Elsewhere(WithDouble):
    """An archive whose ledger is at a URL."""

    url = ""

    def environment(self) -> dict[str, str]:
        return super().environment() | {"GONGKAI_DATABASE_URL": self.url}


@pytest.fixture
def corrected(read: Gongkai, server: RawServer, tmp_path: Path) -> Gongkai:
    """A copy of the archive in which a person corrected a number that was read from a picture."""
    made = Gongkai(shutil.copytree(read.home, tmp_path / "corrected"))
    made.run("correct", f"{server.url}/nb/2023.html", *NUMBER, "--value", "999", "--by", "li",
             "--reason", "the scan says so")  # fmt: skip
    return made


def says(gongkai: Gongkai) -> dict[str, list[str]]:
    """What its exports say, corrections too; bodies are numbered as they are met."""
    found = {}
    for table in TABLES:
        more = ["--corrected"] if table.startswith("figures") else []
        rows = map(json.loads, gongkai.run("export", table, "-o", "-", *more).splitlines())
        found[table] = sorted(json.dumps({**row, "body_id": None}, sort_keys=True) for row in rows)
    return found


def fits(gongkai: Gongkai) -> list[str]:
    told = gongkai.run("correct", "--list", "--json", status=None)  # 1 where one fits nothing
    return [each["fit"] for each in json.loads(told)]


def test_it_is_merged_into_another_one(
    corrected: Gongkai, server: RawServer, tmp_path: Path
) -> None:
    before = says(corrected)
    assert any('"read_value"' in row and '"value": 999' in row for row in before["figures"])
    server.answers["/other/index.html"] = page(SHOWN.format("政府信息公开年报", "<p>无</p>"))
    mine = Gongkai(tmp_path / "mine")
    mine.crawl(f"{server.url}/other/index.html", status=None)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            merged(mine.home, corrected.home, 1)
    assert not mine.rows("optical_picture")
    told = json.loads(mine.run("merge", str(corrected.home), "--json"))
    assert (told["corrections"], told["corrections_apart"]) == (1, 0)
    assert len(mine.rows("optical_picture")) == len(corrected.rows("optical_picture"))
    assert not ocr(mine), "nothing waits"
    assert fits(mine) == ["stands"]
    after = says(mine)
    assert {
        name: [row for row in rows if row in before[name]] for name, rows in after.items()
    } == before
    mine.run("verify", "--deep")
    again = json.loads(mine.run("merge", str(corrected.home), "--json"))
    assert (again["versions"], again["corrections"]) == (0, 0)
    assert says(mine) == after


def test_it_is_merged_into_one_that_has_the_same_pages_unread(
    corrected: Gongkai, server: RawServer, tmp_path: Path
) -> None:
    mine = Gongkai(tmp_path / "mine")
    mine.crawl(f"{server.url}/nb/index.html")
    broken = corrected.home / CORRECTIONS_FILE
    whole = broken.read_text(encoding="utf-8")
    broken.write_text("[[corection]]", encoding="utf-8")
    mine.run("merge", str(corrected.home), status=2)
    assert not (mine.home / "merged").exists(), "told before anything came"
    broken.write_text(whole, encoding="utf-8")
    assert "\n1 correction by people came, too\n" in mine.run("merge", str(corrected.home))
    assert fits(mine) == ["lost"], "the pictures are still to be read here"
    assert not ocr(mine).get("recognised"), "what an engine saw came along"
    assert not ocr(mine)
    assert {str(row["origin"]) for row in mine.rows("figures_current")} == {"ocr"}
    assert len(mine.rows("figures_current")) == len(corrected.rows("figures_current"))
    assert fits(mine) == ["stands"]
    assert not mine.rows("changes")
    mine.run("verify", "--deep")


@pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")
def test_it_moves_to_postgresql_and_back(corrected: Gongkai) -> None:
    before = says(corrected)
    with empty_database() as url:
        corrected.run("move", url)
        there = Elsewhere(corrected.home)
        there.url = url
        assert says(there) == before
        assert not dict(json.loads(there.run("ocr", "--json"))["counts"])
        assert fits(there) == ["stands"]
        told = json.loads(there.run("table", "f21.s3.new", "--corrected", "--json"))
        assert [(each["value"], each["certainty"]) for each in told] == [(999, "corrected")]
        there.run("move", str(corrected.home))
    assert says(corrected) == before
    assert not ocr(corrected)
    corrected.run("verify", "--deep")


def test_it_is_made_again_from_its_files(corrected: Gongkai) -> None:
    before = says(corrected)
    lose_ledger(corrected)
    assert "3 reports in pictures, to be read again by gongkai ocr" in corrected.run("rebuild")
    assert fits(corrected) == ["lost"], "nobody has looked at the pictures yet"
    assert ocr(corrected)["recognised"] == 3
    assert fits(corrected) == ["stands"]
    assert says(corrected) == before
    assert not ocr(corrected)
    corrected.run("verify", "--deep")
