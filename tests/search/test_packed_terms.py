"""PostgreSQL unpacks the terms that were packed, and makes an index of arrays anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from archive.search.candidates import is_held
from archive.search.grams import folded_grams
from archive.search.index import open_indexed
from archive.search.index_check import index_faults
from archive.search.packed_terms import number_of, packed
from tests.search.conftest import Shelf
from tests.support.engines import ENGINES

LOWEST = -(2**31)
NUMBERS = [0, 1, 127, 128, 2**14 - 1, 2**14, 2**21, 2**28, 2**32 - 1]


def unpacked(given: bytes) -> list[int]:
    """As the database does."""
    found, term, distance = [], LOWEST, 0
    for part in given:
        distance = distance * 128 + (part & 127)
        if part < 128:
            term, distance = term + distance, 0
            found.append(term)
    return found


@given(st.text())
def test_what_was_packed_is_unpacked(given: str) -> None:
    terms = folded_grams(given)
    numbers = sorted(set(map(number_of, terms)))
    assert unpacked(packed(terms)) == numbers
    assert all(LOWEST <= each < 2**31 for each in numbers)


@given(st.from_regex(r"\A[0-9\u4e00-\u9fffa-z]{2,9}\Z"))
def test_terms_of_one_plane_have_numbers_of_their_own(given: str) -> None:
    terms = folded_grams(given)
    assert len(set(map(number_of, terms))) == len(terms)


def test_a_word_of_several_spellings_is_asked_for_place_by_place() -> None:
    held = is_held([[["行政", "复议"], ["行政", "複議", "議一"]], [["2016"]]], "postgresql")
    known = {name: set(given) for name, given in held.compile().params.items()}
    one, other, third = ({*map(number_of, each)} for each in (["复议", "複議"], ["复议", "議一"],
                                                           ["行政", "2016"]))  # fmt: skip
    assert list(known.values()) == [one, other, third]
    assert (held.text.count("&&"), held.text.count("@>")) == (2, 1)


@pytest.mark.skipif("postgresql" not in ENGINES, reason="no PostgreSQL is offered")
@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_the_database_unpacks_them_too(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.search.packed_terms.number_of", lambda each: int(each) + LOWEST)
    given = packed(map(str, NUMBERS))
    with shelf.store.read() as connection:
        asked = text("SELECT search_terms(:given)").bindparams(given=given)
        assert connection.scalar(asked) == [each + LOWEST for each in NUMBERS]


@pytest.mark.skipif("postgresql" not in ENGINES, reason="no PostgreSQL is offered")
@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_an_index_of_arrays_is_made_anew(shelf: Shelf, location: str) -> None:
    shelf.put([("年报", "行政复议一件")])
    with shelf.store.write() as connection:
        for statement in (
            "DROP TABLE search_gram",
            "CREATE TABLE search_gram (version_id bigint PRIMARY KEY, grams text[] NOT NULL)",
            "UPDATE search_state SET made_by = replace(made_by, '/packed', '')",
        ):
            connection.execute(text(statement))
    with open_indexed(location) as store:
        assert list(index_faults(store, deep=True)) == []
        with store.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM search_gram")) == 1
