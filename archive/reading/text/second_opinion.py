"""trafilatura as second opinion on what is text: it is given the body without its data tables (our
own grid reader reads them, and it would spend most of its time on them) and votes line by line.
"""

import logging
from collections.abc import Collection, Sequence
from copy import deepcopy
from functools import cached_property

from lxml import html
from lxml.html import HtmlElement

from archive.codebook.phrases import squeezed
from archive.reading.html.blocks import Block
from archive.reading.text.container import Body

_MAX_ELEMENTS = 30_000


class SecondOpinion:
    """What trafilatura takes for text. It runs at the first question and not before: most pages
    leave no line in doubt, and it is the slowest part of a reading.
    """

    def __init__(self, body: Body, lines: Sequence[Block]) -> None:
        self._body = body
        self._lines = lines

    def confirms(self, line: str) -> bool:
        """True when the line is in what trafilatura found, or when it found nothing at all."""
        return self.said is None or squeezed(line) in self.said

    @cached_property
    def said(self) -> str | None:
        """What trafilatura took for text, squeezed; None when it found nothing or the body is too
        big. Where the container is certain it is given the lines as plain paragraphs (a Word paste
        has a hundred spans a line); elsewhere the elements themselves, whose ids and classes it
        weighs. Data tables are cut out.
        """
        tree = html.Element("html")
        page = html.Element("body")
        tree.append(page)
        if self._body.certain:
            page.append(_paragraphs(self._lines))
            return _said(tree, fast=True)
        if sum(1 for top in self._body.elements for _ in top.iter()) > _MAX_ELEMENTS:
            return None
        tables = {line.element for line in self._lines if not line.text}
        for element in self._body.elements:
            page.append(without(element, tables))
        return _said(tree, fast=False)


def _paragraphs(lines: Sequence[Block]) -> HtmlElement:
    article = html.Element("article")
    for line in lines[:_MAX_ELEMENTS]:
        paragraph = html.Element("p")
        article.append(paragraph)
        if line.linked:
            paragraph.append(html.Element("a", href="#"))
            paragraph[0].text = line.text
        else:
            paragraph.text = line.text
    return article


def without(element: HtmlElement, tables: Collection[HtmlElement]) -> HtmlElement:
    """A copy of the element, an empty block in place of each of `tables`."""
    copy = deepcopy(element)
    copy.tail = None
    if element in tables:
        return html.Element("div")
    pairs = list(zip(element.iter("table"), copy.iter("table"), strict=True))
    for original, copied in pairs:
        if original in tables:
            # drop_tree would write the tail anew, and lxml refuses control characters in it.
            copied.clear(keep_tail=True)
            copied.tag = "div"
    if copy.tag in ("body", "html", "td", "tbody", "table", "tr"):
        copy.tag = "div"
    return copy


def _said(tree: HtmlElement, *, fast: bool) -> str | None:
    # Loading it takes as long as reading dozens of pages; most readings never need it.
    from trafilatura import extract  # noqa: PLC0415  half of the start of every command

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        text = extract(
            tree,
            fast=fast,
            include_tables=True,
            include_comments=False,
            deduplicate=False,
        )
    except (ValueError, TypeError, AttributeError, RecursionError, IndexError, KeyError):
        return None
    return squeezed(text) if text else None
