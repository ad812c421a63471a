"""What is marked of a hit is what folding finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.grams import contains, fold, spans
from archive.search.highlight import Piece, _places, pieces, snippets

SIGNS = st.text("公开信息，,。12１ \n\tAaＡ（(.…", max_size=40)


@given(SIGNS, SIGNS)
def test_places_are_those_of_the_folded_text(content: str, typed: str) -> None:
    word = fold(typed)
    if not word:
        return
    found = list(_places(content, word))
    assert bool(found) == contains(content, word)
    assert all(fold(content[span.start : span.end]) == word for span in found if "…" not in content)
    if "…" not in content:
        assert found == list(spans(content, word))


@pytest.mark.parametrize(
    ("content", "word", "marked"),
    [
        ("当面申请数\t件\t1２\n网络", "申请数件12网", "申请数\t件\t1２\n网"),
        ("130 7 11件", "7 11件", "7 11件"),
        ("130 7 11件", "711", None),
        ("（二）Annual　Report", "(二)annualreport", "（二）Annual　Report"),
        ("㈱公司", "株", "㈱"),
    ],
)
def test_words_are_marked_as_they_are_printed(content: str, word: str, marked: str | None) -> None:
    found = [piece.text for piece in pieces(content, [word]) if piece.marked]
    assert found == ([marked] if marked else [])
    assert "".join(piece.text for piece in pieces(content, [word])) == content


def test_a_snippet_has_the_word_across_lines() -> None:
    ((before, middle, behind),) = snippets("一，公开\n信息，二" * 1, ["公开信息,"])
    assert (before, middle.marked, behind) == (Piece(text="一，"), True, Piece(text="二"))
    assert middle.text == "公开 信息，"
