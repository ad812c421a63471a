"""An archive from before sessions were no part of a key: its pages are found, none is doubled."""

import re
import sqlite3
from contextlib import closing
from importlib import import_module
from importlib.resources import files

from sqlalchemy import text

from archive.model.outcome import Role
from archive.model.portal import Portal
from archive.model.reading import Link
from archive.store import Store, catalogue
from archive.store.engine import DATABASE_NAME
from archive.store.frontier.enqueue import Found, schedule_found
from archive.store.migrations.versions.rev_0006 import REMADE_INDEXES, RENAMED_COLUMNS
from archive.store.migrations.versions.rev_0009 import ADDED_COLUMNS
from archive.store.upgrade import REVISIONS
from tests.store.making import NOW, begin
from tests.support.transactions import commit

LIST = "http://x.gov.cn/nb/list.jsp"
LATER = [
    import_module(f"archive.store.migrations.versions.rev_{each}")
    for each in REVISIONS
    if each >= "0014"
]
OLD = [
    (f"{LIST}?PHPSESSID=1", 1),
    (f"{LIST}?PHPSESSID=2", 3),
    (f"{LIST}?page=2&_=5", 1),
    (f"{LIST}?page=3", 1),
    (f"{LIST}?page=4", 1),
    (f"{LIST}?page=4&_=5", 2),
]


def drop_what_came_later(raw):
    later_tables = [table for each in LATER for table in getattr(each, "ADDED", ())]
    for table in reversed(later_tables):
        raw.execute(f"DROP TABLE {table}")
    raw.executescript(  # came with 0008, 0010 to 0013
        "DROP TABLE withdrawal; DROP TABLE lost_capture; DROP TABLE known_damage;"
        "DROP TABLE capture_source; DROP TABLE source;"
        "DROP TABLE earlier_reading; ALTER TABLE capture DROP COLUMN reader_version;"
        "DROP TABLE held_checks; DROP TABLE year_pair;"
    )
    raw.executescript(  # came with 0025, 0026, 0028 and 0030
        "DROP INDEX ix_version_other;DROP INDEX ix_finding_pictures;DROP INDEX ix_run_unfinished;"
        "DROP INDEX ix_version_day;DROP INDEX ix_version_year;"
        "CREATE INDEX ix_version_year ON version (report_year);"
    )
    dropped = set(later_tables)
    columns = (each for module in LATER for each in getattr(module, "ADDED_COLUMNS", ()))
    for table, column in (
        *ADDED_COLUMNS,
        *(each for each in columns if each[0] not in dropped),
    ):
        raw.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def old_archive(home):
    """As schema 0003 left it: every session a page of its own."""
    with Store.open(home) as store:
        commit(
            store,
            catalogue.save_portals,
            [Portal(key="x", name="某县", entries=(LIST,), source="user")],
        )
    with closing(sqlite3.connect(home / DATABASE_NAME)) as raw:
        for (view,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
            raw.execute(f"DROP VIEW {view}")
        for table, old, new in RENAMED_COLUMNS:
            raw.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
        raw.execute("ALTER TABLE public_body RENAME TO office")
        for _old, new, *_ in REMADE_INDEXES:
            raw.execute(f"DROP INDEX IF EXISTS {new}")
        raw.executescript(  # came with 0017 and 0018
            "DROP INDEX ix_outcome_gone;"
        )
        former = files("archive.store.migrations.versions").joinpath("rev_0001.sqlite.sql")
        made = r"CREATE [A-Z]+ (?:(?:ix_)?figure|field ).*?;\n"
        parts = re.findall(made, former.read_text(), re.DOTALL)
        dropped = "DROP TABLE figure; DROP TABLE cell; DROP TABLE field;"
        raw.executescript("".join((dropped, *parts)))
        raw.executescript(
            "CREATE INDEX ix_page_address ON page (address);"
            "CREATE INDEX ix_field_name ON field (name, value);"
            "CREATE INDEX ix_office_division ON office (division);"
            "CREATE INDEX ix_version_office ON version (office_id, report_year);"
        )
        raw.executemany(
            "INSERT INTO page (key, address, method, host, portal_key, role, depth, first_seen_at,"
            " versions) VALUES (?, ?, 'GET', 'http://x.gov.cn:80', 'x', 'list', 1,"
            " '2026-01-01 00:00:00', ?)",
            [(url, url, versions) for url, versions in OLD],
        )
        for column in ("refusals", "ip_addresses"):  # came with 0005
            raw.execute(f"ALTER TABLE host DROP COLUMN {column}")
        drop_what_came_later(raw)
        raw.execute("UPDATE alembic_version SET version_num = '0003'")
        raw.commit()


def test_stored_pages_take_today_s_keys(home):
    old_archive(home)
    with Store.open(home) as store, store.read() as connection:
        rows = connection.execute(text("SELECT key, versions, role FROM page ORDER BY id")).all()
    assert rows == [
        (f"{LIST}?PHPSESSID=1", 1, "page"),
        (LIST, 3, "list"),
        (f"{LIST}?page=2", 1, "list"),
        (f"{LIST}?page=3", 1, "list"),
        (f"{LIST}?page=4", 1, "list"),
        (f"{LIST}?page=4&_=5", 2, "page"),
    ]


def test_a_page_of_before_is_met_again_and_asked_for_by_its_newest_url(home):
    old_archive(home)
    with Store.open(home) as store:
        run_id = begin(store).run_id
        fresh = f"{LIST}?PHPSESSID=9&page=2"
        found = Found(
            link=Link(url=fresh, text="", role=Role.LIST), portal_key="x", depth=1, hops=()
        )
        with store.write() as connection:
            before = connection.scalar(text("SELECT count(*) FROM page"))
            ids, scheduled = schedule_found(connection, run_id, [found], full=False, now=NOW)
            after = connection.scalar(text("SELECT count(*) FROM page"))
            url = connection.scalar(
                text("SELECT url FROM page WHERE id = :n"), {"n": ids[found.key]}
            )
    assert (before, scheduled, url) == (after, {f"{LIST}?page=2"}, fresh)
