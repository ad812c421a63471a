"""Parts of schema 0006: figures become narrow rows and are shown as before; checks that hold are
packed.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, CursorResult, Engine, create_engine, insert, select, text

from archive.model.errors import CannotRunError
from archive.model.reading import Check, Field
from archive.store import Store, upgrade
from archive.store.engine import locate
from archive.store.query.year_checks import compared_pairs
from archive.store.reading_tables import FIELD_IDS
from archive.store.schema import (
    capture,
    field_word,
    layout,
    page,
    portal,
    run,
    version,
    warc_file,
    year_pair,
)
from archive.store.write import shared_rows
from archive.store.write.figures import digest_of, drop_figures, write_figures
from archive.store.write.packed import as_json, pack_reading, unpack_held
from archive.store.write.stored_reading import figure_cells, stored_reading
from tests.store.making import NOW
from tests.support.engines import ENGINES, empty_database

NAMES = "form indicator label applicant value unit printed state place".split()
FORMER = [
    (form, indicator, label, applicant, value, unit, printed, state, f"line {place}")
    for place, (value, printed, state) in enumerate([
        ("12", "12", "given"), ("12", "１２", "given"), ("0", "0", "given"),
        ("0", "无", "stated_none"), ("0", "0", "stated_none"), (None, "", "blank"),
        (None, "/", "placeholder"), (None, "-", "placeholder"), (None, "\u00a0", "blank"),
        (None, "x", "given"), ("12.50", "12.50", "given"), ("-0", "-0", "given"),
        ("123456789012345678.25", "123456789012345678.25", "given"),
    ])
    for form, indicator, label, applicant, unit in [
        ("f21", "f21.a", "甲", "total", "件"), ("f21", None, "甲", None, None),
        ("f19", None, "", "total", None), ("f21", "f21.a", "政" * 5000, None, "件"),
    ]
]  # fmt: skip


@pytest.fixture(params=ENGINES)
def former(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A ledger of schema 0006 with two versions of the same figures."""
    with ExitStack() as held:
        is_file = request.param == "sqlite"
        place = str(tmp_path / "former") if is_file else held.enter_context(empty_database())
        with monkeypatch.context() as then:
            then.setattr(upgrade, "HEAD", "0006")
            then.setattr(upgrade, "build_views", lambda _: None)
            with Store.open(place) as store, store.write() as connection:
                put_versions(connection)
                for number in (1, 2):
                    put_figures(connection, number)
                    put_fields(connection, number)
                put_checks(connection)
        yield place


def put_versions(connection: Connection) -> None:
    connection.execute(insert(portal), {"key": "p", "name": "p", "entries": [], "source": "user"})
    connection.execute(
        insert(run),
        {"id": 1, "job": "j", "mode": "full", "portals": [], "options": {}, "pid": 1,
         "started_at": NOW, "status": "finished"},
    )  # fmt: skip
    connection.execute(
        insert(page),
        {"id": 1, "key": "k", "url": "u", "host": "h", "portal_key": "p", "role": "page",
         "depth": 0, "first_seen_at": NOW, "versions": 2},
    )  # fmt: skip
    connection.execute(insert(warc_file), {"id": 1, "name": "w", "committed_end": 9})
    connection.execute(
        insert(capture),
        {"id": 1, "page_id": 1, "run_id": 1, "captured_at": NOW, "status": 200, "size_bytes": 1,
         "warc_file_id": 1, "warc_offset": 0, "warc_length": 1, "record_id": "r",
         "record_type": "response", "host": "h", "elapsed_s": 0.0},
    )  # fmt: skip
    connection.execute(text("INSERT INTO body (hash, text, codec) VALUES ('b', '', 'zstd')"))
    connection.execute(
        insert(version),
        [
            {"id": n, "page_id": 1, "number": n, "content_hash": "c", "body_hash": "b",
             "capture_id": 1, "run_id": 1, "captured_at": NOW, "kind": "report",
             "report_year": 2020, "official": True, "reader_version": "r"}
            for n in (1, 2)
        ],
    )  # fmt: skip


def put_figures(connection: Connection, version_id: int) -> None:
    exact = "CAST(:value AS NUMERIC)" if connection.dialect.name == "postgresql" else ":value"
    marks = ", ".join(exact if name == "value" else f":{name}" for name in NAMES)
    statement = (
        f"INSERT INTO figure (version_id, position, {', '.join(NAMES)})"  # noqa: S608 - our own names
        f" VALUES (:version, :position, {marks})"
    )
    rows = [
        {"version": version_id, "position": position, **dict(zip(NAMES, row, strict=True))}
        for position, row in enumerate(FORMER)
    ]
    connection.execute(text(statement), rows)


CHECKS = [("R1", "total", "holds", "1 + 1 = 2", ""), ("R2", "合计", "violated", "政\n", "e"),
          ("R3", "", "not_assessable", "m", ""), ("R4", "x", "holds", "", "why")]  # fmt: skip


def put_checks(connection: Connection) -> None:
    """Of version 1 on its own, and between both versions; those of (2, 2) do not hold."""
    for place, row in enumerate(CHECKS):
        values = {f"c{n}": value for n, value in enumerate(row)}
        marks = ":place, :c0, :c1, :c2, :c3, :c4"
        names = "position, rule, scope, state, message, evidence"
        for table, key, ids in (
            ("check_result", "version_id", "1"),
            ("year_check", "version_id, earlier_id", "2, 1"),
        ):
            statement = f"INSERT INTO {table} ({key}, {names}) VALUES ({ids}, {marks})"  # noqa: S608 - our own names
            connection.execute(text(statement), {"place": place, **values})
    lone = "INSERT INTO year_check VALUES (2, 2, 0, 'R5', 'total', 'violated', 'm', 'e')"
    connection.execute(text(lone))


HEADER = [("agency", "甲", "甲", "header:发文机关"), ("agency", None, "", "header"),
          ("agency", "乙", "", "header"), ("written_on", "2020-01-02", "2020年1月2日", "signature"),
          ("主" * 3000, "", "", "政" * 3000), ("source", None, "x", "header:发文机关")]  # fmt: skip
MARKS = [("site_name", "甲县", "甲县", "meta:SiteName"), ("icp", None, "", "foot")]


def put_fields(connection: Connection, version_id: int) -> None:
    """Those of the page, then marks of its site, the same on both pages but for one more."""
    listed = [("header", *each) for each in HEADER]
    listed += [("identity", *each) for each in MARKS[:version_id]]
    rows = [
        {"version_id": version_id, "position": position, "part": part, "name": name,
         "value": value, "printed": printed, "origin": origin, "chosen": position in (0, 3, 4, 5)}
        for position, (part, name, value, printed, origin) in enumerate(listed)
    ]  # fmt: skip
    names = ", ".join(rows[0])
    marks = ", ".join(f":{name}" for name in rows[0])
    connection.execute(text(f"INSERT INTO field ({names}) VALUES ({marks})"), rows)  # noqa: S608 - our own names


def as_listed(fields: Iterable[Field]) -> list[tuple[str | None, ...]]:
    return [(each.name, each.value, each.printed, each.origin) for each in fields]


def test_fields_are_shown_as_before_in_the_same_order(former: str) -> None:
    with Store.open(former) as store, store.read() as connection:
        for number in (1, 2):
            reading = stored_reading(connection, number)
            assert as_listed(reading.fields) == HEADER
            assert as_listed(reading.identity) == MARKS[:number]
        shown = connection.execute(text("SELECT fields, agency, written_on FROM documents")).one()
        ids = dict(connection.execute(select(field_word.c.word, field_word.c.id)).all())
    fields = json.loads(shown.fields) if isinstance(shown.fields, str) else shown.fields
    assert {name: tuple(each.values()) for name, each in fields.items()} == {
        name: tuple(others) for name, *others in (HEADER[place] for place in (0, 3, 4, 5))
    }
    assert (shown.agency, shown.written_on) == ("甲", "2020-01-02")
    assert FIELD_IDS.items() <= ids.items()


def as_rows(checks: Iterable[Check]) -> list[tuple[str, ...]]:
    return [(each.rule, each.scope, each.state, each.message, each.evidence) for each in checks]


def test_checks_that_hold_are_packed_and_come_back_in_their_order(former):
    with Store.open(former) as store, store.read() as connection:
        assert as_rows(stored_reading(connection, 1).checks) == CHECKS
        assert stored_reading(connection, 2).checks == ()
        left = connection.execute(text("SELECT state FROM check_result ORDER BY position"))
        assert left.scalars().all() == ["violated", "not_assessable"]
        pairs = connection.execute(select(year_pair).order_by(year_pair.c.earlier_id)).all()
        assert [(each.earlier_id, each.version_id) for each in pairs] == [(1, 2), (2, 2)]
        held = unpack_held(pairs[0].held)
        assert [place for place, _ in held] == [0, 3]
        assert as_rows(check for _, check in held) == [CHECKS[0], CHECKS[3]]
        assert pairs[1].held is None
        assert compared_pairs(connection, [2]) == {(1, 2), (2, 2)}


def shown(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(Decimal(str(each)) if n == 4 and each is not None else each
                 for n, each in enumerate(row))  # fmt: skip


def test_figures_are_shown_as_before_in_the_same_order(former):
    with Store.open(former) as store, store.read() as connection:
        columns = ", ".join(NAMES)
        found = connection.execute(text(f"SELECT {columns}, version FROM figures"))  # noqa: S608 - our own names
        assert [(*shown(tuple(row)[:-1]), row.version) for row in found] == [
            (*shown(row), number) for number in (1, 2) for row in FORMER
        ]


def test_versions_share_the_cells_and_the_writer_finds_them(former):
    with Store.open(former) as store, store.read() as connection:
        cells = connection.execute(
            text("SELECT digest, form, indicator, label, applicant, unit, place FROM cell")
        ).all()
    assert len(cells) == len(FORMER)
    assert all(bytes(digest) == digest_of(columns) for digest, *columns in cells)


def test_versions_that_print_the_same_have_one_layout_and_the_writer_finds_it(former):
    printed = [[row[0], row[1], row[2], row[3], row[5], row[8]] for row in FORMER]
    with Store.open(former) as store, store.write() as connection:
        [made] = connection.execute(select(layout)).all()
        assert bytes(made.digest) == shared_rows.digest_of(as_json(printed))
        assert len(figure_cells(connection, 1)) == len(FORMER)
        assert figure_cells(connection, 1) == figure_cells(connection, 2)
        reading = stored_reading(connection, 1)
        drop_figures(connection, [1])
        write_figures(connection, {1: pack_reading(reading)})
        assert connection.scalars(select(layout.c.id)).all() == [made.id]
        assert stored_reading(connection, 1).figures == reading.figures
        other = replace(reading, figures=reading.figures[:1])
        drop_figures(connection, [1])
        write_figures(connection, {1: pack_reading(other)})
        assert connection.scalars(select(layout.c.id).order_by(layout.c.id)).all() == [
            made.id,
            made.id + 1,
        ]


def test_a_figure_that_finds_no_cell_stops_the_migration(former, monkeypatch):
    monkeypatch.setattr(CursorResult, "partitions", lambda *_: iter(()))
    with pytest.raises(CannotRunError, match="104 figures, 0 of them"):
        Store.open(former)
    engine: Engine = create_engine(locate(former))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM figure")) == 2 * len(FORMER)
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0006"
    engine.dispose()
