"""What a person finds in the prose of reports, the reader finds, and nothing else."""

from collections import Counter
from decimal import Decimal

import pytest

from archive.codebook.prose import concept_names
from tests.gate.material import folder
from tests.gate.score import Score
from tests.gate.stated_pages import StatedPage, own_pages, real_pages, score_stated


def test_every_number_of_our_own_pages_is_found_and_no_other() -> None:
    score = Score()
    score_stated(score, own_pages())
    assert score.misses == []
    assert score.tries["stated_recall"] > 150


def test_every_number_of_the_real_documents_is_found_and_no_other() -> None:
    pages = folder()
    if pages is None:
        pytest.skip("the folder of real pages (../shared or GONGKAI_SHARED) is absent")
    score = Score()
    score_stated(score, real_pages(pages.parent))
    assert score.misses == []
    assert score.tries["stated_recall"] > 50


def test_gold_names_concepts_that_there_are() -> None:
    wanted = {concept for page in own_pages() for concept, _, _ in page.wanted}
    assert wanted <= set(concept_names())


def test_what_is_missed_and_what_is_invented_are_told_apart() -> None:
    """Also where a number is stated twice and found once."""
    score = Score()
    twice = Counter({("reviews", Decimal(1), "year"): 2})
    once = next(page for page in own_pages() if page.found).found[:1]
    score_stated(score, [StatedPage(key="made", wanted=twice, found=once)])
    assert (score.share("stated_precision"), score.share("stated_recall")) == (0.0, 0.0)
    assert score.tries == {"stated_precision": 1, "stated_recall": 2}
