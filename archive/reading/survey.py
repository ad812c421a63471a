"""One pass over a page: its visible lines, where running text stands, which elements are named
like containers, headings or furniture. Everything later asks this survey; nothing changes the tree.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.codebook.containers import Containers, containers, words_of
from archive.codebook.phrases import phrases, squeezed
from archive.reading.blocks import Block, blocks
from archive.reading.grid import is_data_table
from archive.reading.visible import inside_hidden

_STOPS = ("。", "；", "！", "？", ";")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "ucaptitle"})
_TITLE_WORDS = frozenset(
    "title tit bt biaoti headline subject ucaptitle contitle arttitle xltitle newstitle main_title"
    " wztitle".split()
)
_MOST_FURNITURE = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was seen.

    lines: visible lines in order; a data table is one line without text (see `tables`).
    prose: characters of running text below an element (links, feet and furniture count nothing).
    named: elements with the name of a container, "certain" or "likely", in document order.
    furniture: elements named as navigation, header, foot …; inside: as share bars and the like.
    """

    lines: tuple[Block, ...]
    prose: dict[HtmlElement, int]
    certain: tuple[tuple[str, HtmlElement], ...]
    likely: tuple[tuple[str, HtmlElement], ...]
    headings: tuple[HtmlElement, ...]
    furniture: frozenset[HtmlElement]
    inside: frozenset[HtmlElement]


def survey(tree: HtmlElement) -> Survey:
    """The survey of a parsed page."""
    lines = blocks(tree, replaced=_is_data)
    named = _Names(containers())
    for element in tree.iter():
        named.look(element)
    furniture = _small(named.furniture, _weights(lines, named.inside))
    prose = _weights(lines, furniture | named.inside)
    inside = _small(named.inside, _weights(lines, set()))
    return Survey(
        lines=tuple(lines),
        prose=prose,
        certain=tuple(_seen(named.certain)),
        likely=tuple(_seen(named.likely)),
        headings=tuple(named.headings),
        furniture=frozenset(furniture),
        inside=frozenset(inside),
    )


def weight_of(line: Block) -> int:
    """How much a line counts as running text: its length, little for scraps, nothing for links
    and feet of sites. A data table counts the text of its cells.
    """
    if not line.text:
        return min(sum(len(text.strip()) for text in line.element.itertext()), 20_000)
    if line.linked:
        return 0
    text = line.text
    if len(text) >= 20 and (any(stop in text for stop in _STOPS) or "，" in text or len(text) > 60):
        return 0 if phrases().footer.search(squeezed(text)) else len(text)
    return len(text) // 4


def lies_in(element: HtmlElement, others: Iterable[HtmlElement] | frozenset[HtmlElement]) -> bool:
    """True when the element or one around it is among the others."""
    if not others:
        return False
    if element in others:
        return True
    return any(outer in others for outer in element.iterancestors())


def _is_data(element: HtmlElement) -> bool:
    return element.tag == "table" and is_data_table(element)


def _weights(lines: Iterable[Block], without: set[HtmlElement]) -> dict[HtmlElement, int]:
    """Weights summed up the tree; lines inside `without` count nothing."""
    own: dict[HtmlElement, int] = {}
    for line in lines:
        own[line.element] = own.get(line.element, 0) + weight_of(line)
    total: dict[HtmlElement, int] = {}
    for element, weight in own.items():
        if weight and not lies_in(element, without):
            total[element] = total.get(element, 0) + weight
            for outer in element.iterancestors():
                total[outer] = total.get(outer, 0) + weight
    return total


def _small(elements: Iterable[HtmlElement], prose: dict[HtmlElement, int]) -> set[HtmlElement]:
    """Elements named like furniture that do not hold the page's text."""
    return {element for element in elements if prose.get(element, 0) <= _MOST_FURNITURE}


def _seen(hits: Iterable[tuple[str, HtmlElement]]) -> list[tuple[str, HtmlElement]]:
    shown = [(name, element) for name, element in hits if not inside_hidden(element)]
    return shown or list(hits)


class _Names:
    """Collects elements by what their id and class say."""

    def __init__(self, book: Containers) -> None:
        self._book = book
        self.certain: list[tuple[str, HtmlElement]] = []
        self.likely: list[tuple[str, HtmlElement]] = []
        self.headings: list[HtmlElement] = []
        self.furniture: set[HtmlElement] = set()
        self.inside: set[HtmlElement] = set()

    def look(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag in _HEADINGS:
            self.headings.append(element)
        if tag in ("header", "footer", "nav", "aside"):
            self.furniture.add(element)
        if tag == "ucapcontent":
            self.certain.append((str(tag), element))
        attributes = element.attrib
        if not attributes:
            return
        for name in (attributes.get("id"), attributes.get("class")):
            if name:
                self._named(element, name)

    def _named(self, element: HtmlElement, name: str) -> None:
        book = self._book
        for word in name[:500].split():
            if word in book.certain:
                self.certain.append((word, element))
            elif word in book.likely:
                self.likely.append((word, element))
        words = words_of(name[:500])
        if not words.isdisjoint(_TITLE_WORDS) and element.tag not in _HEADINGS:
            self.headings.append(element)
        if not words.isdisjoint(book.drop_inside):
            self.inside.add(element)
        elif not words.isdisjoint(book.drop):
            self.furniture.add(element)
