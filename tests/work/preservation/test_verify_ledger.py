"""verify finds what was changed in the ledger, deep also what no hash covers, and nothing else."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError, DamagedLedgerError
from archive.store import Store
from archive.store.failures import failure
from archive.store.query.integrity import engine_faults, text_faults
from tests.store.making import a_portal, a_reading, begin, take, visit
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server
from tests.support.site import pages_of

PATH = "/nb/0.html"
DATED = '<head><meta name="PubDate" content="2021-01-{day:02}">'


def serve(server: RawServer, day: int) -> str:
    """A list and a report that prints a date besides its content."""
    for path, body in pages_of(1).items():
        server.answers[path] = page(body.replace("<head>", DATED.format(day=day), 1))
    return f"{server.url}/nb/index.html"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, RawServer]]:
    """Crawled twice: the date changed, the content did not."""
    home = tmp_path_factory.mktemp("crawled") / "home"
    with raw_server() as server:
        gongkai = Gongkai(home)
        gongkai.crawl(serve(server, 5))
        assert gongkai.crawl(serve(server, 6), "--full")["outcomes"] == {"unchanged": 2}
        yield home, server


@pytest.fixture
def copied(crawled: tuple[Path, RawServer], tmp_path: Path) -> Gongkai:
    return Gongkai(shutil.copytree(crawled[0], tmp_path / "home"))


def change(gongkai: Gongkai, statement: str) -> None:
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger, ledger:
        for each in statement.split(";"):
            assert ledger.execute(each).rowcount > 0


def rules(gongkai: Gongkai, *args: str, status: int) -> list[tuple[str, str]]:
    told = json.loads(gongkai.run("verify", *args, "--json", status=status))
    return [(each["rule"], each["message"]) for each in told]


def test_a_sound_archive_is_sound_deep_down(copied: Gongkai) -> None:
    """The version's fields are those of the second visit, its text of the first."""
    assert rules(copied, "--deep", status=0) == []
    assert "2 versions read again: 2 as stored" in copied.stderr


def test_a_changed_byte_of_a_stored_text_is_told(copied: Gongkai) -> None:
    path = copied.home / "archive.sqlite"
    content = path.read_bytes()
    path.write_bytes(
        content.replace("收到政府信息公开申请0件".encode(), "收到政府信息公开申请9件".encode())
    )
    [(rule, message)] = rules(copied, status=1)
    assert rule == "ledger_text"
    assert f"{PATH} version 1" in message


def test_figures_that_no_version_prints_are_told(copied: Gongkai) -> None:
    change(
        copied,
        """INSERT INTO cell VALUES (999, x'00', 'f21', NULL, 'x', NULL, NULL, 'x');
        INSERT INTO figure SELECT id, 9, 999, 1, 0, NULL FROM version""",
    )
    message = "its versions print 0 figures, 2 are stored, 0 fit"
    assert rules(copied, status=1) == [("ledger_figures", message)]


def test_a_figure_that_counts_something_else_than_its_version_prints_is_told(
    copied: Gongkai,
) -> None:
    change(
        copied,
        """INSERT INTO cell VALUES (998, x'01', 'f21', NULL, 'x', NULL, NULL, 'x');
        INSERT INTO cell VALUES (999, x'00', 'f21', NULL, 'x', NULL, NULL, 'x');
        INSERT INTO layout VALUES (9, x'00'); INSERT INTO layout_cell VALUES (9, 9, 999);
        INSERT INTO version_layout SELECT id, 9 FROM version;
        INSERT INTO figure SELECT id, 9, 998, 1, 0, NULL FROM version""",
    )
    message = "its versions print 2 figures, 2 are stored, 0 fit"
    assert rules(copied, status=1) == [("ledger_figures", message)]


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("UPDATE version SET report_year = 1999 WHERE kind = 'report'", "year"),
        ("UPDATE field SET value = '2021-09-09' WHERE name_id = 2", "fields"),
        (
            """INSERT INTO cell VALUES (999, x'00', 'f21', NULL, 'x', NULL, NULL, 'x');
            INSERT INTO layout VALUES (9, x'00'); INSERT INTO layout_cell VALUES (9, 9, 999);
            INSERT INTO version_layout SELECT id, 9 FROM version;
            INSERT INTO figure SELECT id, 9, 999, 1, 0, NULL FROM version""",
            "figures",
        ),
    ],
)
def test_what_no_hash_covers_is_told_by_reading_again(
    copied: Gongkai, statement: str, part: str
) -> None:
    change(copied, statement)
    assert rules(copied, status=0) == []
    [told, *_] = json.loads(copied.run("verify", "--deep", "--json", status=1))
    assert (told["rule"], told["offset"] > 0) == ("deep_differs", True)
    assert Path(told["file"]).is_file()
    assert part in told["message"]
    assert "version 1" in told["message"]


@pytest.mark.parametrize(
    ("change_to", "told"),
    [
        ("record_id = '<urn:uuid:0>'", "the record id <urn:uuid:0>, the record <urn:uuid:"),
        ("status = 418", "the status 418, the record "),
        ("size_bytes = size_bytes + 1", "the size"),
        ("captured_at = '2021-01-01T00:00:00.000000Z'", "the date 2021-01-01"),
        ("payload_digest = NULL", "the payload digest none, the record sha256:"),
        ("page_id = (SELECT max(id) FROM page)", "the URL http://"),
    ],
)
def test_a_changed_capture_is_told_by_its_record(
    copied: Gongkai, change_to: str, told: str
) -> None:
    first = "(SELECT min(id) FROM capture WHERE record_type = 'response')"
    change(copied, f"UPDATE capture SET {change_to} WHERE id = {first}")  # noqa: S608 - our own
    [(rule, message)] = rules(copied, status=1)
    assert (rule, f"the ledger has {told}" in message) == ("ledger", True)


def test_a_damaged_search_index_is_told_until_it_is_made_anew(copied: Gongkai) -> None:
    change(copied, "DELETE FROM search_gram_data WHERE id > 100")
    told = rules(copied, status=1)
    assert {rule for rule, _ in told} == {"search_index"}
    assert "gongkai verify --rebuild-index" in told[0][1]
    assert rules(copied, "--rebuild-index", "--deep", status=0) == []


def test_a_title_that_does_not_fit_the_content_hash_is_told(copied: Gongkai) -> None:
    change(copied, "UPDATE version SET title = title || '9' WHERE kind = 'report'")
    [(rule, message)] = rules(copied, status=1)
    assert (rule, "content hash" in message) == ("ledger_text", True)


def test_versions_of_an_older_reader_are_counted_and_are_no_damage(copied: Gongkai) -> None:
    change(copied, "UPDATE version SET reader_version = 'r0', report_year = 1999")
    [(rule, message)] = rules(copied, "--deep", status=0)
    assert (rule, "year not what today's reader gives" in message) == ("deep_unproven", True)
    assert "2 of an earlier reader proven in part" in copied.stderr


def test_a_version_whose_capture_is_gone_cannot_be_read_again_until_it_came_home(
    crawled: tuple[Path, RawServer], copied: Gongkai
) -> None:
    for path in (copied.home / "warc").glob("*.warc.gz"):
        path.unlink()
    told = rules(copied, "--deep", status=1)
    assert [rule for rule, _ in told].count("deep_unreadable") == 2
    copied.crawl(serve(crawled[1], 6), "--full", status=1)
    told = rules(copied, "--deep", status=1)
    assert {rule for rule, _ in told} == {"missing_file", "missing_run"}, (
        "the new captures give the same"
    )


def test_rows_that_refer_to_nothing_are_told(copied: Gongkai) -> None:
    change(copied, "DELETE FROM run")
    assert ("ledger_integrity", True) in [
        (rule, "row of run that is not there" in message)
        for rule, message in rules(copied, status=1)
    ]


@pytest.mark.parametrize("how", ["no database", "torn"])
def test_a_malformed_ledger_is_one_line_in_every_command(copied: Gongkai, how: str) -> None:
    path = copied.home / "archive.sqlite"
    content = path.read_bytes()
    broken = b"x" * 5000 if how == "no database" else content[:4096] + b"\xff" * len(content[4096:])
    path.write_bytes(broken)
    assert "ledger_damaged" in [rule for rule, _ in rules(copied, status=1)]
    for command in (("search", "政府"), ("status",), ("crawl", "http://127.0.0.1:9/")):
        copied.run(*command, status=4)
        said = [line for line in copied.stderr.splitlines() if line.startswith("gongkai:")]
        assert len(said) == 1
        assert "is damaged" in said[0]
        assert "Traceback" not in copied.stderr


def test_a_time_that_is_none_is_damage_of_the_ledger(copied: Gongkai) -> None:
    change(copied, "UPDATE capture SET captured_at = 'yesterday'")
    assert "ledger_damaged" in [rule for rule, _ in rules(copied, status=1)]


def test_files_are_not_read_deep(copied: Gongkai) -> None:
    copied.run("verify", "--deep", str(copied.home / "warc"), status=2)


def test_what_the_engines_cannot_hold_is_no_damage(tmp_path: Path) -> None:
    """NUL is stored as U+FFFD, the hashes were made before."""
    with Store.open(tmp_path) as store, store.read() as connection:
        ticket = begin(store)
        [lease] = take(store, ticket.run_id)
        visit(store, lease, reading=a_reading("年\0报", ("a\0b", "", "c\td")))
        assert list(text_faults(connection)) == []
        assert list(engine_faults(connection)) == []


def test_a_file_is_hashed_without_its_name_and_without_text_by_its_bytes(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        entries = (f"http://www.jiashan.example/{number}" for number in range(3))
        first, second, third = take(store, begin(store, a_portal("jiashan", *entries)).run_id)
        named = replace(a_reading(None, ("text",)), title="a.pdf")
        visit(store, first, reading=named)
        visit(store, second, reading=replace(a_reading(None, ("of its bytes",)), lines=()))
        visit(store, third, reading=replace(named, title="b.pdf", lines=("text ", "more")))
        with store.read() as connection:
            assert [each.url for each in text_faults(connection)] == [third.url]


class ServerError(Exception):
    """As psycopg's: the state says what happened."""

    sqlstate = "XX002"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (sqlite3.OperationalError("database or disk is full"), "make room"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "give access"),
        (sqlite3.OperationalError("disk I/O error"), "is full, or cannot be"),
    ],
)
def test_what_an_engine_says_becomes_what_to_do(error: Exception, expected: str) -> None:
    said = failure(error, "a.sqlite")
    assert isinstance(said, CannotRunError)
    assert expected in str(said)


def test_damage_is_told_from_defects() -> None:
    assert isinstance(failure(ServerError("could not read block 5"), "a"), DamagedLedgerError)
    assert failure(sqlite3.OperationalError("no such table: x"), "a") is None
