"""Menus whose heading names the column and is no link: the years or offices below it are."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from archive.families.listing.anchors import Anchor, Page
from archive.families.listing.roles import same_page
from archive.families.words import words

_MAX_HEADINGS = 50
_MAX_BESIDE = 100
_MAX_HEADING = 60
_MAX_UP = 4
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt"})
_MENTIONS = etree.XPath(
    "//text()[contains(., '年报') or contains(., '报告')]"
    "[not(ancestor::script or ancestor::style or ancestor::title)]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headed:
    """A link under a heading: 2024 below 政府信息公开年报."""

    anchor: Anchor
    heading: str


def headed(page: Page) -> tuple[Headed, ...]:
    """The links named after years or kinds of offices that stand below a heading which names the
    annual-report column and is no link itself, in document order.
    """
    by_element = {anchor.element: anchor for anchor in page.anchors if anchor.text}
    found: dict[etree._Element, Headed] = {}
    for heading, beside in _headings(page, by_element):
        for element in beside:
            inside = [by_element[inner] for inner in element.iter() if inner in by_element]
            parts = [anchor for anchor in inside if _divides(anchor.text)]
            if inside and not parts:
                break  # the menu's next part
            for anchor in parts:
                found.setdefault(anchor.element, Headed(anchor=anchor, heading=heading))
    return tuple(found.values())


def stands_under_heading(page: Page, found: tuple[Headed, ...]) -> bool:
    """Whether the page itself is one of those links."""
    return any(same_page(each.anchor.url, page.url) for each in found)


def _divides(text: str) -> bool:
    """Whether a text under the column's heading is a part of it: a year, or 部门, 乡镇街道."""
    bare = text.replace(" ", "")[:40]
    known = words()
    return bool(
        known.year.fullmatch(bare) or known.tabs.fullmatch(f"{bare.removesuffix('年报')}年报")
    )


def _headings(
    page: Page, links: dict[etree._Element, Anchor]
) -> Iterator[tuple[str, list[etree._Element]]]:
    """The text of each heading, and the elements that stand below it."""
    mentions = _MENTIONS(page.tree)
    for mention in mentions[:_MAX_HEADINGS] if isinstance(mentions, list) else []:
        beside = mention.getparent()
        element = beside.getparent() if mention.is_tail else beside
        if element is None or any(node in links for node in (element, *element.iterancestors())):
            continue
        heading = _heading(element)
        if heading is not None:
            yield _short_text(heading) or "", _below(heading.itersiblings(), heading)
            continue
        after = beside.itersiblings() if mention.is_tail else beside.iterchildren()
        if words().column.fullmatch("".join(mention.split())[:40]):
            yield "".join(mention.split()), _below(after, None)


def _heading(element: etree._Element) -> etree._Element | None:
    """The outermost element that says the column's name and nothing else; None without one."""
    outermost = None
    for node in (element, *list(element.iterancestors())[:_MAX_UP]):
        text = _short_text(node)
        if text is None:
            break
        if words().column.fullmatch(text):
            outermost = node
        elif outermost is not None:
            break
    return outermost


def _short_text(element: etree._Element) -> str | None:
    """An element's text without white space; None for what is too long for a heading."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext(tag=etree.Element):
        pieces += piece.split()
        length += len(piece.strip())
        if length > _MAX_HEADING:
            return None
    return "".join(pieces)


def _below(
    elements: Iterator[etree._Element], heading: etree._Element | None
) -> list[etree._Element]:
    """What follows a heading, up to the next one: one of its make, or a text without a link."""
    kept: list[etree._Element] = []
    for element in elements:
        if not isinstance(element.tag, str):
            continue  # a comment
        holds_link = next(element.iter("a", "area"), None) is not None
        if heading is not None and _is_of_its_make(element, heading):
            break
        if not holds_link and kept and _short_text(element):
            break
        kept.append(element)
        if len(kept) >= _MAX_BESIDE:
            break
    return kept


def _is_of_its_make(element: etree._Element, heading: etree._Element) -> bool:
    if element.tag != heading.tag:
        return False
    named = heading.get("class")
    return heading.tag in _HEADINGS or (named is not None and element.get("class") == named)
