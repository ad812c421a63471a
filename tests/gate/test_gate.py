"""The gate as a test, and that it can fall."""

import dataclasses
import re

import pytest

from archive.codebook.containers import containers
from archive.reading import analysis
from archive.reading.html import survey
from tests.gate.floors import fallen, load, raised
from tests.gate.material import GoldPage, corpus_digest, folder, gold_pages
from tests.gate.run import run
from tests.gate.score import Score, score_text


@pytest.fixture(scope="module")
def corpus() -> list[GoldPage]:
    pages = folder()
    if pages is None:
        pytest.skip("the folder of real pages (../shared or GONGKAI_SHARED) is absent")
    return gold_pages(pages)


@pytest.fixture(params=[3, pytest.param(1, marks=pytest.mark.slow)], ids="every {}th page".format)
def some(corpus: list[GoldPage], request: pytest.FixtureRequest) -> list[GoldPage]:
    """What is read under other circumstances: all of it in `make prove` alone."""
    return corpus[:: request.param]


def test_no_measure_falls_below_its_floor(corpus: list[GoldPage]) -> None:
    result = run(corpus)
    assert fallen(load(), result.shares(), corpus_digest(corpus)) == []


def test_a_measure_below_its_floor_is_named() -> None:
    assert fallen({"wanted": 1.0}, {"wanted": 0.99}, "")[0].startswith("wanted: 0.9900")


def test_a_measure_that_was_not_taken_falls() -> None:
    assert fallen({"wanted": 0.5}, {}, "")


def test_another_corpus_is_told() -> None:
    assert "digest differs" in fallen({}, {}, "another")[0]


def test_an_update_never_lowers_a_floor() -> None:
    assert raised({"wanted": 0.9}, {"wanted": 0.8}, lower=False) == {"wanted": 0.9}


def test_an_update_raises_a_floor() -> None:
    assert raised({"wanted": 0.9}, {"wanted": 0.95}, lower=False) == {"wanted": 0.95}


def test_a_regression_is_allowed_only_by_name() -> None:
    assert raised({"wanted": 0.9}, {"wanted": 0.8}, lower=True) == {"wanted": 0.8}


def gold(**row: object) -> GoldPage:
    return GoldPage(key="made", body=b"", gold={"id": "made", "url": None, **row})


def test_strings_are_compared_without_width_and_white_space() -> None:
    score = Score()
    score_text(score, gold(must_contain=["２０１６年 （一）"]), "2016年(一)")
    assert score.misses == []


def test_an_unwanted_string_spoils_the_page() -> None:
    score = Score()
    score_text(score, gold(must_not_contain=["分享到"]), "正文 分享到：微信")
    assert (score.share("unwanted_absent"), score.share("pages_perfect")) == (0.0, 0.0)


def test_pages_of_an_unknown_cms_are_read_as_well(
    some: list[GoldPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name of any container and no family's selectors: rules must carry, not a list of names."""
    unknown = dataclasses.replace(containers(), certain=frozenset(), likely=frozenset())
    monkeypatch.setattr(survey, "containers", lambda: unknown)
    monkeypatch.setattr(analysis, "_selected", lambda *_: [])
    shares = run(some).shares()
    assert (shares["wanted"] >= 0.995, shares["unwanted_absent"] >= 0.99) == (True, True)


_NAMES = re.compile(rb"\s(?:id|class)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE)
_TAGS = re.compile(
    rb"<meta\s[^>]*(?:ArticleTitle|PubDate|ContentSource|publishdate)[^>]*>", re.IGNORECASE
)


def test_pages_without_names_and_standard_tags_keep_title_and_days(some: list[GoldPage]) -> None:
    """No id, no class, no meta tag of the standard: what people see must carry."""
    bare = [page for page in some if not page.is_list and b"ng-hide" not in page.body]
    shares = run(
        [
            dataclasses.replace(page, body=_TAGS.sub(b"", _NAMES.sub(b"", page.body)))
            for page in bare
        ]
    ).shares()
    assert (shares["title"], shares["published_on"], shares["index_number"]) == (1.0, 1.0, 1.0)
