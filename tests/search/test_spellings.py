"""Simplified and traditional spellings are one to a search; texts stay as printed."""

import re
from pathlib import Path

import pytest
from opencc import OpenCC

from archive.search.grams import query_terms
from archive.search.query import Filters, search
from archive.search.spellings import spellings
from archive.search.words import Words
from tests.search.conftest import Shelf


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("行政复议", {"行政複議"}),
        ("依申請公開", {"依申请公开"}),
        ("卫生局", {"衛生局", "衞生局"}),
        ("局2016", set()),
        ("2016", set()),
        ("annual", set()),
    ],
)
def test_a_word_has_its_spellings_itself_first(word: str, others: set[str]) -> None:
    assert spellings(word)[0] == word
    assert others <= set(spellings(word))
    assert len(set(spellings(word))) == len(spellings(word))


def test_the_spellings_are_those_of_every_standard_of_opencc(root: Path) -> None:
    """Taiwan's and Hong Kong's are made from the traditional ones, which its own ways give as well."""
    phrases = (root / "archive" / "codebook" / "phrases.toml").read_text("utf-8")
    words = {*re.findall(r"[\u4e00-\u9fff]+", phrases), *"里面 着火 卫生局 衛生局 發佈於".split()}
    ways = [OpenCC(way).convert for way in ("s2t", "s2tw", "s2hk", "t2s")]
    for word in words:
        assert {*spellings(word)} == {word, *(convert(word) for convert in ways)}


def test_either_spelling_finds_both_and_marks_what_is_printed(shelf: Shelf) -> None:
    shelf.put(
        [("年報", "收到行政複議申請三件"), ("年报", "收到行政复议申请三件"), ("通知", "复查")]
    )
    for wanted in ("行政复议", "行政複議", "行政复议 申請"):
        with shelf.store.read() as connection:
            answer = search(connection, wanted, Filters(), limit=9)
        assert len(answer.hits) == 2, wanted
        marked = {
            piece.text
            for hit in answer.hits
            for around in hit.snippets
            for piece in around
            if piece.marked
        }
        assert {"行政复议", "行政複議"} <= marked


def test_a_long_word_is_looked_for_by_its_numbers_and_by_all_of_it() -> None:
    word = "申请公开" + "".join(map(chr, range(0x4E00, 0x4E90))) + "54321件"
    for terms in Words.of(word).terms()[0]:
        assert "54321" in terms
        assert 40 <= len(terms) <= 64
        assert {*terms} & {*query_terms(word[-12:])} - {"54321"}
