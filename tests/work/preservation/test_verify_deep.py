"""verify --deep calls nothing good that is not proven: by today's reading, or by a seal."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.reading import READER_VERSION
from crawler.demo.server import DemoPortal
from crawler.demo.site import generate_site
from tests.support.command import Gongkai
from tests.support.other_reader import WORSE

LIST = "/trs/zwgk/zfxxgk/zfxxgknb/"
ALIKE = "5"
"""A reader of before that reads as today's does."""
OF_A_FIGURE = """UPDATE figure SET {} WHERE (cell_id, version_id, position) =
    (SELECT cell_id, version_id, position FROM figure WHERE value = '0' LIMIT 1)"""
SEALED = {
    "value": (OF_A_FIGURE.format("value = '987654'"), "figures"),
    "print": (OF_A_FIGURE.format("printed = '9'"), "figures"),
    "statement": ("UPDATE statement SET value = '987654' WHERE position = 0", "statements"),
    "official": ("UPDATE version SET official = NOT official WHERE kind = 'report'", "official"),
}
UNSEALED = {
    "field": ("UPDATE field SET value = '2021-09-09' WHERE name_id = 2", "fields"),
    "check": ("DELETE FROM held_checks", "checks"),
    "finding": (
        """INSERT INTO finding (page_id, version_id, rule, severity, message, evidence)
        SELECT page_id, id, 'x', 'error', 'x', 'x' FROM version WHERE kind = 'report'""",
        "findings",
    ),
    "link": ("UPDATE link SET text = text || '9'", "links"),
}
DAMAGES = SEALED | UNSEALED


@pytest.fixture(scope="module")
def portal() -> Iterator[DemoPortal]:
    with DemoPortal(1, 5, site=generate_site(3, "trs", seed=1, per_list=5)) as running:
        yield running


@pytest.fixture(scope="module")
def crawled(portal: DemoPortal, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The portal as each of three readers has read it, with the seal of its crawl."""
    homes = {}
    for reader in (READER_VERSION, ALIKE, WORSE):
        gongkai = Gongkai(tmp_path_factory.mktemp(f"reader{reader}") / "home")
        gongkai.reader = reader
        gongkai.crawl(portal.url + LIST)
        homes[reader] = gongkai.home
    return homes


def copy(crawled: dict[str, Path], reader: str, tmp_path: Path) -> Gongkai:
    return Gongkai(shutil.copytree(crawled[reader], tmp_path / "home"))


def change(gongkai: Gongkai, statement: str) -> None:
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger, ledger:
        assert ledger.execute(statement).rowcount > 0


def looked_at(gongkai: Gongkai, *, status: int) -> list[dict[str, str]]:
    told: list[dict[str, str]] = json.loads(
        gongkai.run("verify", "--deep", "--json", status=status)
    )
    return told


@pytest.mark.parametrize("reader", [READER_VERSION, ALIKE])
def test_what_was_not_touched_is_as_stored(
    crawled: dict[str, Path], tmp_path: Path, reader: str
) -> None:
    """What the tests below damage is such a copy."""
    gongkai = copy(crawled, reader, tmp_path)
    assert looked_at(gongkai, status=0) == []
    assert "4 versions read again: 4 as stored" in gongkai.stderr


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_of_what_today_s_reader_read_is_an_error(
    crawled: dict[str, Path], tmp_path: Path, damage: str
) -> None:
    gongkai = copy(crawled, READER_VERSION, tmp_path)
    statement, part = DAMAGES[damage]
    change(gongkai, statement)
    told = looked_at(gongkai, status=1)
    assert {each["rule"] for each in told} == {"deep_differs"}
    assert f": {part} not what its capture gives" in told[0]["message"]
    assert f"{4 - len(told)} as stored, {len(told)} not as stored" in gongkai.stderr


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_of_what_an_earlier_reader_read_is_told_by_its_seal_or_not_called_good(
    crawled: dict[str, Path], tmp_path: Path, damage: str
) -> None:
    gongkai = copy(crawled, ALIKE, tmp_path)
    statement, part = DAMAGES[damage]
    change(gongkai, statement)
    is_sealed = damage in SEALED
    told = looked_at(gongkai, status=int(is_sealed))
    assert {each["rule"] for each in told} == {"deep_differs" if is_sealed else "deep_unproven"}
    assert f": {part} not what" in told[0]["message"]
    assert "4 as stored" not in gongkai.stderr


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_a_seal_nobody_knows(crawled: dict[str, Path], tmp_path: Path, damage: str) -> None:
    gongkai = copy(crawled, ALIKE, tmp_path)
    shutil.rmtree(gongkai.home / "seals")
    statement, part = DAMAGES[damage]
    change(gongkai, statement)
    [told] = looked_at(gongkai, status=0)
    assert (told["rule"], told["severity"]) == ("deep_unproven", "warning")
    assert f"which reader {ALIKE} read: {part} not what today's reader gives" in told["message"]
    assert "of an earlier reader proven in part" in gongkai.stderr


def test_what_a_worse_reader_left_is_as_sealed_where_it_is_and_unproven_elsewhere(
    crawled: dict[str, Path], tmp_path: Path
) -> None:
    gongkai = copy(crawled, WORSE, tmp_path)
    [told] = looked_at(gongkai, status=0)
    assert "version 1 and 2 more, which reader 1 read: checks, fields" in told["message"]
    assert "figures" not in told["message"], "those a seal has"
    assert "4 versions read again: 1 as stored, 3 of an earlier reader proven in part" in (
        gongkai.stderr
    )
    shutil.rmtree(gongkai.home / "seals")
    [told] = looked_at(gongkai, status=0)
    assert "content hash, fields, figures" in told["message"]
    assert "3 read otherwise by an earlier reader and not proven" in gongkai.stderr
    gongkai.run("reread")
    assert looked_at(gongkai, status=0) == []
    assert "4 versions read again: 4 as stored" in gongkai.stderr


def test_a_seal_of_another_archive_or_with_a_fault_says_nothing(
    crawled: dict[str, Path], tmp_path: Path
) -> None:
    gongkai = copy(crawled, ALIKE, tmp_path)
    change(gongkai, SEALED["value"][0])
    seal = gongkai.home / "seals" / "1.json"
    content = seal.read_bytes()
    own = json.loads(content)["archive"]
    for member, other in (('"number":1', '"number":2'), (own, "another")):
        seal.write_bytes(content.replace(member.encode(), other.encode()))
        assert [each["rule"] for each in looked_at(gongkai, status=0)] == ["deep_unproven"]
    seal.write_bytes(content)
    assert [each["rule"] for each in looked_at(gongkai, status=1)] == ["deep_differs"]


@pytest.mark.parametrize(
    "statement",
    [
        OF_A_FIGURE.format("state = 77"),
        "UPDATE version SET kind = 'x' WHERE kind = 'report'",
        "UPDATE statement_kind SET period = 'x'",
        "UPDATE held_checks SET packed = x'00'",
        UNSEALED["finding"][0].replace("'error'", "'x'"),
        "UPDATE link SET role = 'x'",
        "UPDATE site_marks SET marks = 'x'",
    ],
)
def test_what_is_no_reading_is_a_line_each(
    crawled: dict[str, Path], tmp_path: Path, statement: str
) -> None:
    gongkai = copy(crawled, READER_VERSION, tmp_path)
    change(gongkai, statement)
    told = looked_at(gongkai, status=1)
    assert {each["rule"] for each in told} == {"deep_differs"}
    assert "what is stored of it is no reading" in told[0]["message"]


@pytest.mark.parametrize(
    "statement", [OF_A_FIGURE.format("value = 'x'"), "UPDATE statement SET value = 'x'"]
)
def test_a_number_that_is_none_is_damage_of_the_ledger(
    crawled: dict[str, Path], tmp_path: Path, statement: str
) -> None:
    gongkai = copy(crawled, READER_VERSION, tmp_path)
    change(gongkai, statement)
    assert "ledger_damaged" in [each["rule"] for each in looked_at(gongkai, status=1)]


@pytest.mark.parametrize("violated", [False, True])
def test_figures_that_are_gone_with_what_leads_to_them_are_told_without_reading(
    crawled: dict[str, Path], tmp_path: Path, *, violated: bool
) -> None:
    """No count misses them."""
    gongkai = copy(crawled, READER_VERSION, tmp_path)
    if violated:
        change(gongkai, "DELETE FROM held_checks")
        change(gongkai, "DELETE FROM check_result")
        change(
            gongkai,
            """INSERT INTO check_result SELECT version_id, 0, 'R1', 'natural', 'violated', '', ''
            FROM version_layout""",
        )
    of_one = "DELETE FROM {} WHERE version_id = (SELECT min(version_id) FROM figure)"
    change(gongkai, of_one.format("version_layout"))
    change(gongkai, of_one.format("figure"))
    [told] = json.loads(gongkai.run("verify", "--json", status=1))
    assert told["rule"] == "ledger_figures"
    assert "version 1: its sums were reckoned, and its figures are gone" in told["message"]
