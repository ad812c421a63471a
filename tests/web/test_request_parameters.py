"""Parameters are read as they are declared."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from archive.model.errors import UsageError
from archive.web.request_parameters import (
    Asked,
    Choice,
    Cursor,
    Day,
    Flag,
    Number,
    Parameter,
    check_parameters,
    cursor_of,
)

DECLARED = {
    each.name: each
    for each in (
        Parameter(name="body", meaning="", many=True),
        Parameter(name="id", meaning="", in_path=True),
        Number(name="limit", meaning="", least=1, most=9, default=3),
        Choice(name="by", meaning="", choices=("place", "year"), default="place"),
        Flag(name="current", meaning=""),
        Day(name="to", meaning="", last=True),
        Cursor(name="after", meaning="", kinds=(str, int)),
    )
}


def asked(query: str) -> Asked:
    return Asked(declared=DECLARED, given=QueryParams(query), in_path={"id": "7"})


def test_values_have_their_kinds() -> None:
    found = asked("body=a&body=b&body=&limit=%202&by=year&current=true&to=2016-02")
    assert found.texts("body") == ("a", "b")
    assert (found.text("id"), found.number("limit"), found.text("by")) == ("7", 2, "year")
    assert found.flag("current")
    assert found.day("to") == date(2016, 2, 29)


def test_what_is_not_given_has_its_default_or_is_none() -> None:
    found = asked("")
    assert (found.number("limit"), found.text("by"), found.flag("current")) == (3, "place", False)
    assert (found.day("to"), found.cursor(), found.texts("body")) == (None, None, ())


@pytest.mark.parametrize(
    "query", ["limit=10", "limit=0", "limit=-1", "limit=1.0", "by=plaec", "current=maybe",
              "to=2016-13", "after=x", "after=WzFd", "limit=1&limit=2", "body=" + "x" * 201,
              "after=" + "x" * 2_000, "after=%E5%A4%8D"],
)  # fmt: skip
def test_a_value_that_cannot_be_meant_is_an_error(query: str) -> None:
    with pytest.raises(UsageError):
        asked(query).check()


def test_an_unknown_name_is_an_error_that_suggests_a_known_one() -> None:
    with pytest.raises(UsageError, match=r"'limt' here; did you mean limit\?"):
        check_parameters(asked("limt=1"))
    with pytest.raises(UsageError, match="it takes body, limit, by"):
        check_parameters(asked("zzzz=1"))


@given(st.text(st.characters(categories=["L", "N", "P"])), st.integers(-(2**52), 2**52))
def test_a_cursor_is_handed_back_as_it_was(word: str, number: int) -> None:
    for key in ((word, number), (None, number), (word, None)):
        spelled = cursor_of(key)
        assert spelled.isascii()
        if len(spelled) <= 1_000:
            assert DECLARED["after"].read(spelled) == key
