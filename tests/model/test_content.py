"""What enters the content hash is spelled in one way, and found fast."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from archive.model.content import narrow, normalised, squeezed

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("，：；（）！？\u3000\xa0\t 1年０①\u0301e가"))
)


@given(TEXTS)
def test_width_is_folded_as_the_standard_does(text: str) -> None:
    assert narrow(text) == unicodedata.normalize("NFKC", text)


@given(TEXTS)
def test_cells_of_a_row_enter_the_hash_one_by_one(text: str) -> None:
    cells = ("".join(unicodedata.normalize("NFKC", cell).split()) for cell in text.split("\t"))
    assert normalised(text) == "\t".join(cells)


@given(TEXTS)
def test_a_squeezed_line_holds_no_white_space(text: str) -> None:
    assert not any(character.isspace() for character in squeezed(text))
