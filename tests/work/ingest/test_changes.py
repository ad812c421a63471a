"""What changed on pages, noted behind each run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import column, select, table, update

from archive.model.content import content_hash
from archive.model.outcome import Outcome
from archive.model.reading import CellState, Field, Kind
from archive.store import Store
from archive.store.query.version_pairs import pairs_of_two_readers
from archive.store.schema import page, page_change, version, version_pair
from archive.store.write.parts import drop_parts
from archive.work.ingest.changes import note_changes
from tests.store.making import a_figure
from tests.support.invented import DAY, YUNHE, Site, county, crawl, fill, report, url

CHANGED, MOVED = url(YUNHE, 2021), url(YUNHE, 2020)
COLUMNS = "url, version, previous, what, name, indicator, applicant, old, new, removed, added"


@pytest.fixture
def store(location):
    with fill(location) as opened:
        note_changes(opened)
        yield opened


def rows(store: Store, columns: str = COLUMNS) -> list[tuple]:
    with store.read() as connection:
        named = [column(name) for name in columns.split(", ")]
        view = select(*named).select_from(table("changes"))
        found = connection.execute(view.order_by(column("captured_at"), column("what")))
        return [tuple(row) for row in found]


def visit(store: Store, readings: dict, day: int, failures=()) -> None:
    site = Site(readings=readings, failures=dict(failures))
    crawl(store, site, now=DAY + timedelta(days=day))
    note_changes(store)


def test_a_changed_figure_is_told_once_and_the_words_beside_it(store):
    figure, words = [each for each in rows(store) if each[0] == CHANGED]
    assert figure == (
        CHANGED, 2, 1, "figure", None, "f21.s3.result.granted", "natural", "61", "63", None, None,
    )  # fmt: skip
    assert words == (CHANGED, 2, 1, "text", None, None, None, None, None, 1, 1)


def test_a_field_that_changed_while_the_content_stayed_is_a_change_too(store):
    [field] = [each for each in rows(store) if each[0] == MOVED]
    old, new = "云河县人民政府办公室", "云河县政务办"
    assert field == (MOVED, 1, 1, "field", "agency", None, None, old, new, None, None)


def test_nothing_is_noted_twice(store):
    before = rows(store)
    assert note_changes(store) == 0
    assert rows(store) == before


def test_a_changed_title_and_date_are_changes(store):
    changed = report("云河县", 2022)
    title = "云河县2022年政府信息公开工作年度报告（更正）"
    fields = tuple(
        Field(name=f.name, value="2023-05-01", printed="2023年05月01日", origin=f.origin)
        if f.name == "published_on"
        else f
        for f in changed.fields
    )
    hashed = content_hash(title, changed.lines)
    changed = replace(changed, title=title, fields=fields, content_hash=hashed)
    visit(store, county(YUNHE, "云河县", range(2019, 2025)) | {url(YUNHE, 2022): changed}, 40)
    found = {row[3]: row[7:9] for row in rows(store) if row[0] == url(YUNHE, 2022)}
    assert found == {
        "title": (changed.title.removesuffix("（更正）"), title),
        "field": ("2023年03月10日", "2023年05月01日"),
    }


def test_blank_absent_and_zero_are_told_apart(store):
    before = report("云河县", 2022)
    figures = [
        replace(each, value=None, printed="", state=CellState.BLANK) if place == 0 else each
        for place, each in enumerate(before.figures[:-1])
    ]
    figures.append(a_figure("f21.s3.result.archived", "0", Decimal(0), CellState.GIVEN))
    lines = (*before.lines, "另有更正")
    after = replace(
        before, figures=tuple(figures), lines=lines, content_hash=content_hash("", lines)
    )
    visit(store, county(YUNHE, "云河县", range(2019, 2025)) | {url(YUNHE, 2022): after}, 40)
    found = [row[7:9] for row in rows(store) if row[0] == url(YUNHE, 2022) and row[3] == "figure"]
    assert sorted(found, key=str) == [("139", "blank"), ("placeholder", None), (None, "0")]


def test_a_page_that_goes_and_comes_back_is_told_each_time(store):
    pages = county(YUNHE, "云河县", range(2019, 2025))
    without = {key: each for key, each in pages.items() if key != url(YUNHE, 2019)}
    refused = {url(YUNHE, 2019): (Outcome.FAILED, "connection refused")}
    visit(store, without, 40)
    visit(store, without, 41, refused)
    visit(store, without, 42)
    visit(store, pages, 43)
    found = [row for row in rows(store, "url, what, captured_at") if row[0] == url(YUNHE, 2019)]
    assert [(what, str(at)[:10]) for _, what, at in found] == [
        ("gone", f"{DAY + timedelta(days=40):%Y-%m-%d}"),
        ("back", f"{DAY + timedelta(days=43):%Y-%m-%d}"),
    ]


def test_a_page_that_was_never_there_does_not_go(store):
    pages = county(YUNHE, "云河县", range(2018, 2025))
    missing = {key: each for key, each in pages.items() if key != url(YUNHE, 2018)}
    visit(store, missing, 40)
    assert [row for row in rows(store) if row[0] == url(YUNHE, 2018)] == []


def test_lists_are_left_out(store):
    with store.read() as connection:
        kinds = connection.scalars(
            select(version.c.kind).join(page_change, page_change.c.version_id == version.c.id)
        )
        assert Kind.LIST not in set(kinds)


def test_what_two_readers_read_is_no_change_until_one_has_read_both(store):
    with store.write() as connection:
        ids = connection.scalars(select(version_pair.c.version_id)).all()
        drop_parts(connection, ids)
        later = update(version).where(version.c.id.in_(ids))
        connection.execute(later.values(reader_version="better"))
    assert note_changes(store) == 0
    assert [row[0] for row in rows(store)] == [MOVED]
    with store.read() as connection:
        assert pairs_of_two_readers(connection) == 1
    with store.write() as connection:
        connection.execute(update(version).values(reader_version="better"))
    assert note_changes(store) == 1


def test_a_version_that_comes_between_parts_the_two(store):
    """An import brings versions that are older than those with lower numbers."""
    with store.write() as connection:
        page_id = connection.scalar(select(page.c.id).where(page.c.key == CHANGED))
        row = connection.execute(
            select(version).where(version.c.page_id == page_id, version.c.number == 1)
        ).mappings().one()  # fmt: skip
        between = datetime(2026, 3, 20, tzinfo=UTC)
        added = {k: v for k, v in row.items() if k != "id"} | {"number": 3, "captured_at": between}
        connection.execute(version.insert(), [added])
    assert note_changes(store) == 2
    pairs = {row[1:3] for row in rows(store) if row[0] == CHANGED}
    assert pairs == {(2, 3), (3, 1)}
