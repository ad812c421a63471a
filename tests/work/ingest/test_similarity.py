"""Who copied, noted behind each run."""

import pytest
from sqlalchemy import column, delete, func, insert, select, table, update

from archive.store.query import similarity as sharing
from archive.store.schema import (
    current_report,
    report_words,
    similar_band,
    similar_pair,
    version,
)
from archive.store.write.parts import drop_parts
from archive.store.write.similarity import ComparedWords, drop_words, store_words
from archive.work.ingest import similarity
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.similarity import (
    MIN_OWN,
    note_similarity,
)
from archive.work.query.similarity import waiting_reports
from archive.work.shingles import BANDS
from tests.support.copied import NAMES, copied, prose, readings, report, url, visit

FINANCE, EDUCATION, OTHER = NAMES


@pytest.fixture
def store(location):
    with copied(location) as opened:
        yield opened


def pairs(store):
    names = "url other_url scope similarity".split()
    with store.read() as connection:
        view = select(*map(column, names)).select_from(table("similarity"))
        return sorted(map(tuple, connection.execute(view)))


def count(store, what):
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(what))


def test_a_copy_of_last_year_and_one_of_another_body_are_found(store):
    found = {(each[:3]): each[3] for each in pairs(store)}
    assert found.pop((url(FINANCE, 2023), url(FINANCE, 2022), "within")) == 1.0
    assert all(0.8 < share < 0.95 for share in found.values())
    assert {frozenset(each[:2]) for each in found} == {
        frozenset((url(FINANCE, 2022), url(EDUCATION, 2022))),
        frozenset((url(FINANCE, 2023), url(EDUCATION, 2022))),
    }


def test_the_form_alone_makes_nothing_similar(store):
    with store.read() as connection:
        own = connection.scalars(select(report_words.c.own)).all()
    least, less, third, *_ = sorted(own)
    assert least == less < 10 < MIN_OWN <= third
    assert count(store, similar_band) == 4 * BANDS


def test_what_is_up_to_date_is_not_compared_again(store):
    before = pairs(store)
    assert note_similarity(store) == 0
    assert pairs(store) == before


def test_a_report_that_changes_is_compared_anew(store):
    changed = readings() | {url(FINANCE, 2023): report(FINANCE, 2023, prose(9))}
    visit(store, changed, job="second")
    assert [each[:2] for each in pairs(store) if url(FINANCE, 2023) in each] == []
    assert count(store, report_words) == 6


def test_what_is_read_anew_is_compared_anew(store):
    before = pairs(store)
    with store.write() as connection:
        drop_parts(connection, connection.scalars(select(version.c.id)).all())
    assert [count(store, each) for each in (report_words, similar_band, similar_pair)] == [0, 0, 0]
    bring_up_to_date(store)
    assert pairs(store) == before


def test_an_archive_of_before_is_filled_run_by_run(store, monkeypatch):
    before = pairs(store)
    with store.write() as connection:
        drop_words(connection, connection.scalars(select(report_words.c.version_id)).all())
    monkeypatch.setattr(similarity, "MAX_REPORTS", 4)
    assert [note_similarity(store), waiting_reports(store), note_similarity(store)] == [4, 2, 2]
    assert (pairs(store), waiting_reports(store)) == (before, 0)


def test_who_is_asked_to_stop_leaves_the_rest_to_the_next_run(store, monkeypatch):
    before = pairs(store)
    with store.write() as connection:
        drop_words(connection, connection.scalars(select(report_words.c.version_id)).all())
    monkeypatch.setattr(similarity, "_BATCH", 2)
    asked = iter([False, True])
    bring_up_to_date(store, lambda: next(asked, True))
    assert waiting_reports(store) == 4
    bring_up_to_date(store)
    assert pairs(store) == before


def test_a_report_keeps_little(store):
    """At most a kilobyte: 12 bands of 16 bytes and a row of 130."""
    with store.read() as connection:
        rows = connection.execute(select(report_words.c.bands, report_words.c.sketch)).all()
    kept = {tuple(len(each) if each else None for each in row) for row in rows}
    assert kept == {(4 * BANDS, 60), (None, None)}


def test_what_was_compared_without_a_sketch_is_compared_by_its_text(store):
    before = pairs(store)
    with store.write() as connection:
        connection.execute(update(report_words).values(sketch=None))
        newest = connection.scalars(
            select(current_report.c.version_id).where(current_report.c.report_year == 2023)
        ).all()
        drop_words(connection, newest)
    assert note_similarity(store) == len(newest)
    assert pairs(store) == before


def test_of_a_text_that_many_took_only_the_last_are_looked_at(store, monkeypatch):
    monkeypatch.setattr(sharing, "A_BAND", 2)
    with store.read() as connection:
        ids = connection.scalars(select(report_words.c.version_id)).all()
    with store.write() as connection:
        connection.execute(delete(similar_band))
        rows = [{"band": band, "version_id": each} for band in range(BANDS) for each in ids]
        connection.execute(insert(similar_band), rows)
        found = sharing.reports_of_bands(connection, [*range(BANDS), -1])
    assert found == {**dict.fromkeys(range(BANDS), sorted(ids)[-2:]), -1: []}


def test_two_equal_bands_of_a_report_are_one(store):
    """A collision of hashes, which would end this and every later run."""
    with store.write() as connection:
        some = connection.scalar(select(report_words.c.version_id))
        drop_words(connection, [some])
        words = ComparedWords(
            version_id=some, own=200, bands=(7, 7, *range(8, 8 + BANDS - 2)), sketch=b"x"
        )
        store_words(connection, [words])
        found = select(func.count()).where(similar_band.c.version_id == some)
        assert connection.scalar(found) == BANDS - 1
