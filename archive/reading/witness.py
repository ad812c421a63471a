"""trafilatura as the witness of what is text: it sees the body without its data tables (which are
read by our own grid reader and are what it spends its time on), and votes line by line.
"""

import logging
from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import html
from lxml.html import HtmlElement
from trafilatura import extract

from archive.codebook.phrases import squeezed
from archive.reading.blocks import Block
from archive.reading.body import Body

_MOST_ELEMENTS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What trafilatura took for text, squeezed; None when it was not asked or found nothing."""

    said: str | None

    def confirms(self, line: str) -> bool:
        """True when the line is in what trafilatura found, or when it found nothing at all."""
        return self.said is None or squeezed(line) in self.said


def hear(body: Body, lines: Sequence[Block]) -> Witness:
    """Lets trafilatura read a body. Where a name vouches for the container it is given the lines
    as plain paragraphs (a Word paste has a hundred spans a line); elsewhere the elements
    themselves, whose ids and classes it judges. Data tables are cut out.
    """
    tree = html.Element("html")
    page = html.Element("body")
    tree.append(page)
    if body.certain:
        page.append(_paragraphs(lines))
        return Witness(said=_said(tree, fast=True))
    if sum(1 for element in body.elements for _ in element.iter()) > _MOST_ELEMENTS:
        return Witness(said=None)
    tables = {line.element for line in lines if not line.text}
    for element in body.elements:
        page.append(_without(element, tables))
    return Witness(said=_said(tree, fast=False))


def _paragraphs(lines: Sequence[Block]) -> HtmlElement:
    article = html.Element("article")
    for line in lines[:_MOST_ELEMENTS]:
        paragraph = html.Element("p")
        article.append(paragraph)
        if line.linked:
            paragraph.append(html.Element("a", href="#"))
            paragraph[0].text = line.text
        else:
            paragraph.text = line.text
    return article


def _without(element: HtmlElement, tables: Collection[HtmlElement]) -> HtmlElement:
    copy = deepcopy(element)
    copy.tail = None
    if element in tables:
        return html.Element("div")
    pairs = list(zip(element.iter("table"), copy.iter("table"), strict=True))
    for original, twin in pairs:
        if original in tables:
            twin.drop_tree()
    if copy.tag in ("body", "html", "td", "tbody", "table", "tr"):
        copy.tag = "div"
    return copy


def _said(tree: HtmlElement, *, fast: bool) -> str | None:
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
