"""The search index is compared with the ledger; what was lost of it is told."""

import pytest
from sqlalchemy import text

from archive.search.index_check import index_faults, rebuild_index
from archive.store import Store
from tests.search.conftest import Shelf

TEXTS = [("年报", "行政复议一件"), ("通知", "无关"), ("公告", "甲乙丙丁" * 300)]


def change(store: Store, statement: str) -> None:
    with store.write() as connection:
        connection.execute(text(statement))


def test_a_sound_index_has_no_faults(shelf: Shelf) -> None:
    shelf.put(TEXTS)
    assert list(index_faults(shelf.store, deep=True)) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM search_gram_data WHERE id > 100", "check fails"),
        ("DELETE FROM search_gram_docsize WHERE id = (SELECT max(id) FROM version)", "1 of 3"),
        ("INSERT INTO search_gram (rowid, grams) VALUES (99, 'x')", "1 of the 4"),
        ("DROP TABLE search_gram", "cannot be read"),
    ],
)
def test_a_damaged_index_is_told_until_it_is_made_anew(
    shelf: Shelf, location: str, statement: str, told: str
) -> None:
    if location.startswith("postgresql"):
        pytest.skip("the tables of FTS5")
    shelf.put(TEXTS)
    change(shelf.store, statement)
    assert told in "; ".join(index_faults(shelf.store))
    assert rebuild_index(shelf.store) == len(TEXTS)
    assert list(index_faults(shelf.store, deep=True)) == []


def test_a_version_that_its_terms_do_not_find_is_told_deep_down(
    shelf: Shelf, location: str
) -> None:
    shelf.put(TEXTS)
    if location.startswith("postgresql"):
        change(shelf.store, "UPDATE search_gram SET terms = ''")
    else:
        change(shelf.store, "INSERT INTO search_gram (search_gram) VALUES ('delete-all')")
        change(
            shelf.store,
            "INSERT INTO search_gram (rowid, grams) SELECT id, 'x' FROM version WHERE kind <> 'list'",
        )
    assert list(index_faults(shelf.store)) == []
    assert list(index_faults(shelf.store, deep=True)) == [
        "3 versions are not found by all of their terms"
    ]
