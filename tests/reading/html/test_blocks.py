"""Where lines begin and end."""

import pytest
from lxml import html

from archive.reading.html.blocks import blocks


@pytest.mark.parametrize("tag", ["div", "p", "li", "section", "blockquote", "address", "h2", "pre"])
def test_an_element_that_browsers_set_apart_is_a_line_of_its_own(tag: str) -> None:
    page = html.document_fromstring(f"<body>前面<{tag}>某县长安路1号</{tag}>后面</body>")
    assert [line.text for line in blocks(page)] == ["前面", "某县长安路1号", "后面"]


def test_an_element_inside_a_line_is_none_of_its_own() -> None:
    page = html.document_fromstring("<body>前面<b>某县</b><i>长安路</i>后面</body>")
    assert [line.text for line in blocks(page)] == ["前面某县长安路后面"]
