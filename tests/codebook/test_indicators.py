"""The dictionary of indicators: names, and the concepts that join forms."""

import re
from typing import Any

import pytest

from archive.codebook.forms import FORMS, CodebookError
from archive.codebook.indicators import (
    Concept,
    applicant_names,
    concepts,
    find,
    indicators,
    load_concepts,
)
from archive.model.errors import UsageError


def test_every_indicator_has_a_name_in_both_languages_and_a_source() -> None:
    for each in indicators().values():
        assert re.search(r"[\u4e00-\u9fff]", each.name), each.indicator
        assert each.name_en.isascii(), each.indicator
        assert each.source, each.indicator


def test_names_in_both_languages_tell_the_indicators_of_a_form_apart() -> None:
    for name in FORMS:
        of_form = [each for each in indicators().values() if each.form == name]
        assert len({each.name for each in of_form}) == len(of_form)
        assert len({each.name_en for each in of_form}) == len(of_form)


def test_an_indicator_is_part_of_one_concept_at_most() -> None:
    parts = [part.indicator for each in concepts().values() for part in each.parts]
    assert len(parts) == len(set(parts))
    assert {each.indicator for each in indicators().values() if each.concept} == set(parts)


def test_a_concept_joins_the_forms_that_count_it() -> None:
    received = concepts()["requests_received"]
    assert [part.indicator for part in received.parts] == [
        "f08.request.received.total", "f14.request.received.total", "f19.s3.new", "f21.s3.new",
    ]  # fmt: skip
    assert [part.applicant for part in received.parts] == [None, None, "total", "total"]


def test_what_is_no_single_number_of_a_form_is_a_sum() -> None:
    suits = [part.indicator for part in concepts()["litigation"].of_form("f21")]
    assert suits == ["f21.s4.lit_direct.total", "f21.s4.lit_after_review.total"]
    assert concepts()["litigation"].of_form("f14")[0].indicator == "f14.litigation.total"


def test_units_of_cells_are_those_of_their_rows() -> None:
    assert indicators()["f21.s4.review.total"].unit == "件"
    assert indicators()["f19.s2.i9.procurement.amount"].unit is None


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("reviews", "reviews"), ("行政复议数", "reviews"), ("administrative  REVIEWS", "reviews"),
        ("REVIEWS", "reviews"), ("f21.s3.new", "f21.s3.new"), ("F21.S3.NEW", "f21.s3.new"),
        ("按时办结数", "f14.request.closed.on_time"),
    ],
)  # fmt: skip
def test_an_indicator_or_concept_is_found_by_key_or_name(asked: str, key: str) -> None:
    found = find(asked)
    assert (found.key if isinstance(found, Concept) else found.indicator) == key


@pytest.mark.parametrize(
    ("asked", "near"),
    [("reveiws", "reviews"), ("诉讼", "litigation"), ("f21.s3.granted", "f21.s3.result.granted")],
)
def test_an_unknown_one_is_refused_with_those_that_come_near(asked: str, near: str) -> None:
    with pytest.raises(UsageError, match=rf"did you mean [^?]*\b{near}\b"):
        find(asked)


@pytest.mark.parametrize("asked", ["", "x" * 100_000, "\u202e\0", "= 1 + 1"])
def test_anything_may_be_asked_for(asked: str) -> None:
    with pytest.raises(UsageError) as refused:
        find(asked)
    assert len(str(refused.value)) < 1_000


def test_a_name_of_several_indicators_is_refused_with_their_keys() -> None:
    with pytest.raises(UsageError, match=r"f19\.s3\.result\.granted, f21\.s3\.result\.granted"):
        find("予以公开")


def test_applicants_have_names() -> None:
    assert list(applicant_names()) == [
        "natural", "business", "research", "charity", "legal", "other_org", "total",
    ]  # fmt: skip


def a_concept(key: str, **parts: list[str]) -> dict[str, Any]:
    words = {"name": "甲", "name_en": "a", "unit": "件", "note": "", "source": "s"}
    return {"key": key, **words, **parts}


@pytest.mark.parametrize(
    "rows",
    [
        [a_concept("a", f14=["review.total"]), a_concept("b", f14=["review.total"])],
        [a_concept("a", f14=["review"])],
        [a_concept("a", f21=["s3.new"])],
        [a_concept("a", f14=["review.total/total"])],
        [a_concept("a", f14=["review.total"]), a_concept("a", f14=["complaints"])],
    ],
    ids=["part twice", "no indicator", "no applicant", "an applicant", "key twice"],
)
def test_concepts_that_contradict_themselves_or_the_forms_are_refused(
    rows: list[dict[str, Any]],
) -> None:
    from archive.codebook.indicators import _data

    data = {**_data(), "sources": {"s": "seen"}}
    assert load_concepts({**data, "concepts": [a_concept("a", f14=["review.total"])]})
    with pytest.raises(CodebookError):
        load_concepts({**data, "concepts": rows})
