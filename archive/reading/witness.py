"""trafilatura as the witness of what is text: it sees the body without its data tables (which are
read by our own grid reader and are what it spends its time on), and votes line by line.
"""

import logging
from collections.abc import Collection
from copy import deepcopy
from dataclasses import dataclass

from lxml import html
from lxml.html import HtmlElement
from trafilatura import extract

from archive.codebook.phrases import squeezed
from archive.reading.body import Body

_MOST_ELEMENTS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What trafilatura took for text, squeezed; None when it was not asked or found nothing."""

    said: str | None

    def confirms(self, line: str) -> bool:
        """True when the line is in what trafilatura found, or when it found nothing at all."""
        return self.said is None or squeezed(line) in self.said


def hear(body: Body, tables: Collection[HtmlElement]) -> Witness:
    """Lets trafilatura read the elements of a body; `tables` are cut out of its copy."""
    if sum(1 for element in body.elements for _ in element.iter()) > _MOST_ELEMENTS:
        return Witness(said=None)
    tree = html.Element("html")
    page = html.Element("body")
    tree.append(page)
    for element in body.elements:
        page.append(_without(element, tables))
    return Witness(said=_said(tree, fast=body.certain))


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
