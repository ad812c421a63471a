"""What search compares, and that index terms can never hide a text."""

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.grams import (
    _ALONE,
    _STRANGE,
    _nfkc,
    contains,
    fold,
    folded_grams,
    grams,
    query_terms,
    spans,
)

# What pages hold, and what is hard: width, ligatures, combining marks, old Hangul, signs.
signs = st.sampled_from("县局政府信息公开复议０２2016 aAｂß㈱㍿ﬁéé́한\"'*()-:^\t\n　，。１")
texts = st.text(signs | st.characters(codec="utf-8"), max_size=60)


def plainly_folded(text: str) -> str:
    """The rule of the contract, said another way."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    between_digits = re.sub(r"(?<=[0-9])\s+(?=[0-9])", "\N{FULL BLOCK}", folded)
    return re.sub(r"\s", "", between_digits).replace("\N{FULL BLOCK}", " ")


@given(texts)
def test_folding_is_nfkc_case_folding_and_no_white_space_but_between_digits(text: str) -> None:
    assert fold(text) == plainly_folded(text)


@given(texts, texts, texts)
def test_every_term_of_a_query_is_a_term_of_the_text_that_holds_it(
    before: str, query: str, behind: str
) -> None:
    whole = before + query + behind
    if fold(query) in fold(whole):
        assert set(grams(query)) <= set(grams(whole))


@given(texts, texts, texts)
def test_what_a_query_asks_for_is_a_term_of_the_text_that_holds_it(
    before: str, query: str, behind: str
) -> None:
    whole = before + query + behind
    if fold(query) in fold(whole):
        assert set(query_terms(fold(query))) <= set(grams(whole))


@pytest.mark.parametrize(
    ("text", "number"), [("130\t7\t11", "130711"), ("36\n365", "36365"), ("2 0１６", "2016")]
)
def test_digits_of_two_cells_are_no_number(text: str, number: str) -> None:
    assert not contains(text, fold(number))
    assert contains(text, fold(text))


def test_the_blank_between_two_lines_of_digits_is_found_and_marked() -> None:
    (span,) = spans("甲1\n\n2乙", "1 2")
    assert "甲1\n\n2乙"[span.start : span.end] == "1\n\n2"


def test_a_text_of_nothing_but_digits_has_a_bounded_number_of_terms() -> None:
    digits = "".join(f"{number:06}" for number in range(30_000))
    assert len(grams(digits)) <= 10**2 + 10**3 + 10**4 + 10**5


@given(texts)
def test_terms_hold_nothing_that_ends_a_term_in_the_index(text: str) -> None:
    for term in grams(text):
        assert len(term) == 2 or (term.isdecimal() and len(term) <= 5)
        assert all(sign.isalnum() or ord(sign) > 127 for sign in term)


@pytest.mark.parametrize("text", ["", "局", " 局 ", "A"])
def test_less_than_two_characters_have_no_terms(text: str) -> None:
    assert grams(text) == []


def test_folded_text_is_not_folded_again() -> None:
    assert folded_grams("局2016") == grams(" 局 ２０16")


@given(texts, st.data())
def test_every_span_holds_the_query_and_the_first_is_where_it_begins(
    text: str, data: st.DataObject
) -> None:
    folded = fold(text)
    if len(folded) < 2:
        return
    start = data.draw(st.integers(0, len(folded) - 2))
    query = folded[start : data.draw(st.integers(start + 2, len(folded)))]
    found = list(spans(text, query))
    assert found
    assert all(query in fold(text[span.start : span.end]) for span in found)
    assert query not in fold(text[: found[0].start])


@given(texts, texts)
def test_containing_is_being_a_substring_of_the_folded_text(text: str, query: str) -> None:
    assert contains(text, fold(query)) == (fold(query) in fold(text))


def test_a_span_is_widened_to_the_whole_stored_character() -> None:
    text = "某㈱公司"
    (span,) = spans(text, "株)公")
    assert text[span.start : span.end] == "㈱公"


def test_spans_far_behind_in_a_long_text_are_found() -> None:
    text = "甲乙\n" * 5_000 + "行政\n复议"
    (span,) = spans(text, "行政复议")
    assert text[span.start : span.end] == "行政\n复议"


@given(st.text(st.characters(), max_size=30))
def test_texts_are_normalised_as_nfkc_has_it(text: str) -> None:
    assert _nfkc(text) == unicodedata.normalize("NFKC", text)


def test_characters_that_stand_alone_change_nothing_beside_others() -> None:
    alone = [chr(code) for first, last in _ALONE for code in range(first, last + 1)]
    chance = random.Random(2026)
    for sign in alone[::7]:
        other = chance.choice(alone)
        for text in (sign + other, other + sign):
            assert _nfkc(text) == unicodedata.normalize("NFKC", text), text
    plain = [sign for sign in alone if not _STRANGE.match(sign)]
    assert unicodedata.normalize("NFKC", "".join(plain)) == "".join(plain)
