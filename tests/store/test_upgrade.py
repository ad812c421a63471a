"""Opening, making, migrating and refusing ledgers."""

import os
import re
import sqlite3
from contextlib import closing
from importlib import import_module
from importlib.resources import files

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from archive.model.errors import CannotRunError, NewerHomeError, UsageError
from archive.store import Store, catalogue, upgrade
from archive.store.dialects import POSTGRESQL_INDEXES
from archive.store.engine import DATABASE_NAME
from archive.store.frontier import runs
from archive.store.migrations.versions.rev_0002 import DROPPED
from archive.store.migrations.versions.rev_0006 import REMADE_INDEXES, RENAMED_COLUMNS
from archive.store.migrations.versions.rev_0007 import DDL, ENGINES
from archive.store.schema import metadata
from archive.store.upgrade import HEAD, REVISIONS, back_up
from archive.store.write import captures
from archive.store.write.captures import archive_id
from tests.store.making import begin
from tests.support import fresh_ledger
from tests.support.schema_differences import differences, is_of
from tests.support.transactions import commit, fetch

REVISION = {
    each: import_module(f"archive.store.migrations.versions.rev_{each}") for each in REVISIONS
}
PRAGMAS = ("application_id", "auto_vacuum", "encoding", "journal_mode", "page_size", "user_version")


def set_revision(home, revision):
    with closing(sqlite3.connect(home / DATABASE_NAME)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        raw.commit()


def test_a_new_home_is_made(home):
    Store.open(home).close()
    assert (home / DATABASE_NAME).exists()


def test_the_new_ledgers_of_other_tests_are_what_the_migrations_make(tmp_path):
    made = [made_in(tmp_path / "by_migrations")]
    fresh_ledger.make_from_the_first()
    made += [made_in(tmp_path / name) for name in ("first", "next")]
    assert made[0][1:] == made[1][1:] == made[2][1:]
    assert len(made[0][1]) > 100
    assert len({archive for archive, *_ in made}) == 3


def made_in(home):
    """All that a new ledger consists of; it is found to be today's when it is opened again."""
    Store.open(home).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrade, "_migrate", lambda connection: pytest.fail("migrated again"))
        Store.open(home).close()
    with closing(sqlite3.connect(home / DATABASE_NAME)) as raw:
        pragmas = [raw.execute(f"PRAGMA {each}").fetchall() for each in PRAGMAS]
        [(archive,)] = raw.execute("SELECT id FROM archive")
        return archive, [line for line in raw.iterdump() if archive not in line], pragmas


def test_a_home_is_opened_again_as_it_was(home):
    with Store.open(home) as store:
        run_id = begin(store).run_id
    with Store.open(home) as store:
        assert fetch(store, runs.remaining, run_id)["pending"] == 1


def test_a_url_opens_the_same_file(home):
    with Store.open(home) as store:
        begin(store)
    with Store.open(f"sqlite:///{home / DATABASE_NAME}") as store:
        assert len(fetch(store, catalogue.portals)) == 1


def test_another_database_is_refused():
    with pytest.raises(UsageError, match="not supported"):
        Store.open("mysql://localhost/x")


def test_the_migrated_schema_is_the_schema(store):
    with store.read() as connection:
        assert differences(connection) == []


for _table in metadata.sorted_tables:
    for _index in _table.indexes:
        _index.dialect_options["postgresql"].update(POSTGRESQL_INDEXES.get(_index.name, {}))


def squeezed(ddl: str) -> str:
    return re.sub(r"\s+", " ", str(ddl)).strip().rstrip(";")


def as_made_first(ddl: str) -> str:
    """Without the columns that a later migration added."""
    added = [each for rev in REVISION.values() for each in getattr(rev, "ADDED_COLUMNS", ())]
    for table, column in added:
        if ddl.startswith(f"CREATE TABLE {table} "):
            whole, ddl = ddl, re.sub(rf" {column} [^,]*,", "", ddl, count=1)
            assert ddl != whole
    return ddl


# Revisions whose tables are made as their own SQL says.
ADDING_TABLES = [
    REVISION[each] for each in REVISIONS
    if each >= "0008" and hasattr(REVISION[each], "DDL") and hasattr(REVISION[each], "TYPES")
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_frozen_sql_is_the_schema_word_for_word(dialect):
    """Checks and collations are what a comparison of tables cannot see."""
    folder = files("archive.store.migrations.versions")
    frozen = folder.joinpath(f"rev_0001.{dialect}.sql").read_text("utf-8")
    for table, column in DROPPED:
        made, whole = f"CREATE TABLE {table} (\n", frozen
        before, _, after = whole.partition(made)
        frozen = before + made + re.sub(rf"\n    {column} [^\n]*", "", after, count=1)
        assert frozen != whole
    for table, old, new in RENAMED_COLUMNS:
        made, whole = f"CREATE TABLE {table} (\n", frozen
        before, _, after = whole.partition(made)
        frozen = before + made + after.replace(f"\n    {old} ", f"\n    {new} ", 1)
        assert frozen != whole
    frozen = re.sub(r"\boffice\b|(?<=[kq]_)office|office(?=_id)", "public_body", frozen)
    for old, new, table, columns, options in REMADE_INDEXES:
        own = options if dialect == "postgresql" else {}
        using = "USING hash " if own.get("postgresql_using") else ""
        only = " WHERE length(value) <= 500" if "postgresql_where" in own else ""
        made = f"INDEX {new} ON {table} {using}({', '.join(columns)}){only}"
        whole, frozen = frozen, re.sub(rf"INDEX {old} ON [^;]*", made, frozen)
        assert frozen != whole or (old, own) == (new, {})
    remade = "figure_|field_name|page_portal "
    former = rf"CREATE TABLE (?:figure|field) \(.*?;\n|CREATE INDEX ix_(?:{remade})[^;]*;\n"
    frozen = re.sub(former, "", frozen, flags=re.DOTALL)
    figures = DDL.format(**ENGINES[dialect])
    if dialect == "postgresql":
        figures = figures.replace("PRIMARY KEY (version_id, position)", REVISION["0029"].KEY)
    else:  # made anew
        figures = figures.partition(";\nCREATE TABLE figure ")[0]
    frozen += f";\n{figures};\n"
    for revision in ADDING_TABLES:
        frozen += f"{revision.DDL.format(**revision.TYPES[dialect])};\n"
    former, whole = r"CREATE TABLE covered_mark \([^;]*ended_at[^;]*;\n", frozen
    frozen = re.sub(former, "", frozen, count=1)
    assert frozen != whole
    of_before = [(each, " WHERE name = |page ") for each in REVISION["0027"].FORMER_INDEXES]
    of_before += [(each, r" WHERE name_id = |version \(report_year\)")
                  for each in REVISION["0030"].FORMER_INDEXES]  # fmt: skip
    for index, what in of_before:
        former, whole = rf"CREATE INDEX {index} ON (?:[^;]*{what})[^;]*;\n", frozen
        frozen = re.sub(former, "", frozen, count=1)
        assert frozen != whole
    spoken = create_engine("sqlite://").dialect if dialect == "sqlite" else postgresql.dialect()
    expected = {
        as_made_first(squeezed(ddl.compile(dialect=spoken)))
        for table in metadata.sorted_tables
        if table.name not in REVISION["0003"].ADDED
        for ddl in (CreateTable(table), *map(CreateIndex, filter(is_of(dialect), table.indexes)))
    }
    assert {squeezed(each) for each in frozen.split(";\n") if each.strip()} == expected


def test_an_archive_of_the_first_schema_is_migrated_with_what_it_holds(home):
    """As the first landing made it: with columns that are gone, and a view that named one."""
    home.mkdir()
    folder = files("archive.store.migrations.versions")
    with closing(sqlite3.connect(home / DATABASE_NAME)) as raw:
        raw.executescript(folder.joinpath("rev_0001.sqlite.sql").read_text("utf-8"))
        raw.executescript(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
            "INSERT INTO alembic_version VALUES ('0001');"
            "CREATE VIEW portals AS SELECT t.learned_family AS family FROM portal t;"
            "INSERT INTO portal (key, name, entries, learned_family, source)"
            " VALUES ('jiashan', '嘉善县', '[\"http://www.jiashan.example/nb/\"]', 'trs', 'user');"
            "INSERT INTO warc_file (name, committed_end, closed) VALUES ('a.warc.gz', 500, 0);"
        )
    with Store.open(home) as store:
        assert [each.name for each in fetch(store, catalogue.portals)] == ["嘉善县"]
        assert fetch(store, captures.committed_ends) == {"a.warc.gz": 500}
        commit(store, captures.keep, [], {"b.warc.gz": 100})
        made = id_of(store)
        with store.read() as connection:
            assert connection.execute(text("SELECT portal, family FROM portals")).all() == [
                ("jiashan", None)
            ]
            assert differences(connection) == []
    assert (home / f"{DATABASE_NAME}.bak-0001").exists()
    with Store.open(home) as store:
        assert id_of(store) == made


def id_of(store: Store) -> str:
    with store.read() as connection:
        return archive_id(connection)


def test_every_archive_has_an_id_of_its_own(tmp_path):
    with Store.open(tmp_path / "a") as one, Store.open(tmp_path / "b") as other:
        assert id_of(one) != id_of(other)


def test_an_archive_without_its_id_is_no_other_archive(store):
    with store.write() as connection:
        connection.execute(text("DELETE FROM archive"))
    with pytest.raises(CannotRunError, match="lost its id"):
        id_of(store)


def test_the_revisions_are_those_of_the_migrations():
    script = ScriptDirectory(str(files("archive.store.migrations")))
    assert [each.revision for each in script.walk_revisions()] == list(reversed(REVISIONS))


def test_a_newer_home_is_refused_and_left_alone(home):
    Store.open(home).close()
    set_revision(home, "9999")
    before = (home / DATABASE_NAME).read_bytes()
    with pytest.raises(NewerHomeError, match="9999"):
        Store.open(home)
    assert (home / DATABASE_NAME).read_bytes() == before


def test_a_newer_home_is_refused_to_readers_too(home):
    Store.open(home).close()
    set_revision(home, "9999")
    with pytest.raises(NewerHomeError):
        Store.open(home, read_only=True)


def test_a_migration_is_preceded_by_a_copy(home, monkeypatch):
    with Store.open(home) as store:
        begin(store)
    monkeypatch.setattr(upgrade, "HEAD", "9998")
    monkeypatch.setattr(upgrade, "_migrate", lambda connection: None)
    Store.open(home).close()
    copy = home / f"{DATABASE_NAME}.bak-{REVISIONS[-1]}"
    with Store.open(f"sqlite:///{copy}") as store:
        assert len(fetch(store, catalogue.portals)) == 1


def test_a_copy_holds_what_is_still_in_the_write_ahead_log(home):
    with Store.open(home) as store:
        begin(store)
        copy = back_up(home / DATABASE_NAME, "x")
        with closing(sqlite3.connect(copy)) as raw:
            assert raw.execute("SELECT count(*) FROM run").fetchone() == (1,)


def test_an_older_home_is_not_migrated_by_a_reader(home, monkeypatch):
    Store.open(home).close()
    monkeypatch.setattr(upgrade, "HEAD", "9998")
    with pytest.raises(CannotRunError, match="a command that writes"):
        Store.open(home, read_only=True)


def test_a_migration_that_fails_leaves_the_old_schema(home, monkeypatch):
    def fail(connection):
        raise CannotRunError("no views today")

    monkeypatch.setattr(upgrade, "build_views", fail)
    with pytest.raises(CannotRunError):
        Store.open(home)
    with closing(sqlite3.connect(home / DATABASE_NAME)) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_foreign_database_is_refused(home):
    home.mkdir()
    with closing(sqlite3.connect(home / DATABASE_NAME)) as raw:
        raw.execute("CREATE TABLE recipe (x)")
        raw.commit()
    with pytest.raises(CannotRunError, match="no archive"):
        Store.open(home)


def test_a_file_that_is_no_database_is_refused_in_one_line(home):
    home.mkdir()
    (home / DATABASE_NAME).write_text("not a database" * 100)
    with pytest.raises(CannotRunError) as caught:
        Store.open(home)
    assert "\n" not in str(caught.value)


def test_a_home_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotRunError, match="cannot make"):
        Store.open(tmp_path / "file" / "home")


def test_a_home_that_cannot_be_written_is_refused(home, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(CannotRunError, match="cannot write"):
        Store.open(home)


def test_a_reader_of_a_missing_home_makes_nothing(home):
    with pytest.raises(CannotRunError, match="there is no archive"):
        Store.open(home, read_only=True)
    assert not home.exists()


def test_a_reader_cannot_write(home):
    Store.open(home).close()
    with Store.open(home, read_only=True) as store, pytest.raises(CannotRunError):
        begin(store)


def test_readers_see_the_last_commit_while_a_writer_works(home):
    with Store.open(home) as store, Store.open(home, read_only=True) as reader:
        with store.write() as connection:
            connection.execute(text("INSERT INTO portal (key, name, entries, source)"
                                    " VALUES ('a', 'a', '[]', 'user')"))  # fmt: skip
            assert fetch(reader, catalogue.portals) == []
        assert len(fetch(reader, catalogue.portals)) == 1


def test_every_commit_is_durable_and_every_reference_checked(home):
    with Store.open(home) as store, store.read() as connection:
        pragmas = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_today_s_schema_needs_no_migration(home, monkeypatch):
    Store.open(home).close()
    monkeypatch.setattr(upgrade, "_migrate", lambda connection: pytest.fail("migrated again"))
    Store.open(home).close()


def test_the_head_is_the_last_revision():
    assert REVISIONS[-1] == HEAD


def test_an_archive_on_a_medium_that_cannot_be_written_is_read(home, monkeypatch):
    with Store.open(home) as store:
        begin(store)
    for name in ("-wal", "-shm"):
        (home / f"{DATABASE_NAME}{name}").unlink(missing_ok=True)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with Store.open(home, read_only=True) as store:
        assert len(fetch(store, catalogue.portals)) == 1
    assert [each.name for each in home.iterdir()] == [DATABASE_NAME]


def test_readers_in_threads_never_disturb_the_writer(home):
    from concurrent.futures import ThreadPoolExecutor

    with Store.open(home) as store, ThreadPoolExecutor(8) as pool:
        run_id = begin(store).run_id
        calls = [pool.submit(fetch, store, runs.remaining, run_id) for _ in range(50)]
        for number in range(20):
            commit(store, captures.keep, [], {"a.warc.gz": number})
        assert all(each.result()["pending"] == 1 for each in calls)


def test_views_of_older_code_are_rebuilt_without_a_copy(home):
    Store.open(home).close()
    with closing(sqlite3.connect(home / DATABASE_NAME)) as raw:
        raw.execute("DROP VIEW runs")
        raw.execute("CREATE VIEW runs AS SELECT 1 AS old")
        raw.commit()
    with Store.open(home) as store, store.read() as connection:
        assert connection.execute(text("SELECT run, job FROM runs")).all() == []
    assert [each.name for each in home.glob("*.bak-*")] == []
