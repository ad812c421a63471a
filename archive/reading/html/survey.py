"""One pass over a page: its visible lines, where running text stands, which elements are named
like containers, headings or furniture. Everything later asks this survey; nothing changes the tree.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree
from lxml.html import HtmlElement

from archive.codebook.containers import Containers, containers, words_of
from archive.codebook.phrases import phrases, squeezed
from archive.reading.html.blocks import Block, Walk
from archive.reading.html.datatable import data_rows
from archive.reading.html.repeated import copies_of, without_copies
from archive.reading.html.tablerows import Row

_TEXTS = etree.XPath(".//text()", smart_strings=False)
_MAX_WEIGHT = 20_000
_STOP = re.compile(r"[。，；！？;]")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "ucaptitle"})
_FURNITURE = frozenset({"header", "footer", "nav", "aside"})
_TITLE_WORDS = frozenset(
    "title tit bt biaoti headline subject ucaptitle contitle arttitle xltitle newstitle main_title"
    " wztitle".split()
)
_MAX_FURNITURE = 160
_MAX_FOOT = 400
_NEXT_TO_NOTHING = 40
_SENTENCE = 20
_SHORT_PROSE = 5
_CLAUSE_PROSE = 10
_LISTED_PROSE = 60
_FULL_STOP = re.compile(r"。[”’」』）)】\s]{0,3}\Z")
_CLAUSE_STOP = re.compile(r"[；;][”’」』）)】\s]{0,3}\Z")
_COMMAS = re.compile(r"[，、；]")

_Parents: TypeAlias = list[tuple[HtmlElement, HtmlElement]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was seen.

    lines: visible lines in order; a data table is one line without text (see `tables`).
    prose: characters of running text below an element (links, feet and furniture count nothing).
    spoken: characters of prose and data tables below an element, what lies in furniture and
        the notes of a site left out.
    size: characters of all visible text below an element (a data table counts 1).
    named: elements with the name of a container, "certain" or "likely", in document order.
    index: elements by "#id" and ".class".
    tables: the rows of each data table. printed: the text nodes of those that are a line.
    alone: lines that stand only in a copy of the text for telephones; the copy is in none of these.
    sentences: those of `lines` and `alone` that are prose, see `is_prose`.
    furniture: elements named as navigation, header, foot …; inside: as share bars and the like.
    """

    lines: tuple[Block, ...]
    prose: dict[HtmlElement, int]
    spoken: dict[HtmlElement, int]
    size: dict[HtmlElement, int]
    certain: tuple[tuple[str, HtmlElement], ...]
    likely: tuple[tuple[str, HtmlElement], ...]
    headings: tuple[HtmlElement, ...]
    furniture: frozenset[HtmlElement]
    inside: frozenset[HtmlElement]
    index: dict[str, list[HtmlElement]]
    tables: dict[HtmlElement, list[Row]]
    printed: dict[HtmlElement, list[str]]
    alone: tuple[Block, ...] = ()
    sentences: frozenset[Block] = frozenset()


def survey(tree: HtmlElement) -> Survey:
    """The survey of a parsed page. Where next to nothing is visible, what waits hidden for a script
    to show it is taken as shown.
    """
    tables: dict[HtmlElement, list[Row]] = {}

    def is_data(element: HtmlElement) -> bool:
        rows = data_rows(element)
        if rows is not None:
            tables[element] = rows
        return rows is not None

    walk = Walk(tree, is_data)
    if sum(len(line.text) or _MAX_FURNITURE for line in walk.found) < _NEXT_TO_NOTHING:
        walk = Walk(tree, is_data, shows_all=True)
    copies = frozenset(copies_of(walk.found, tree))
    lines, alone = without_copies(walk.found, copies) if copies else (walk.found, [])
    named = _Names(containers())
    for element in walk.entered:
        if not copies or not lies_in(element, copies):
            named.look(element)
    printed = {line.element: texts_in(line.element) for line in lines if not line.text}
    weights = _weights(lines, printed)
    sentences = [line for line in lines if _is_sentence(line, weights[line])]
    own, sizes = _by_element(weights, weights), _sizes(lines)
    parents = _parents(sizes)
    prose = _summed(own, parents, set())
    inside = _small(named.inside, prose)
    prose = _summed(own, parents, inside) if inside else prose
    furniture = _small(named.furniture, prose)
    prose = _summed(own, parents, furniture | inside) if furniture else prose
    return Survey(
        lines=tuple(lines),
        prose=prose,
        spoken=_summed(_by_element(sentences, weights), parents, furniture | inside),
        size=_summed(sizes, parents, set()),
        certain=tuple(named.certain),
        likely=tuple(named.likely),
        headings=tuple(named.headings),
        furniture=frozenset(furniture),
        inside=frozenset(inside),
        index=named.index,
        tables=tables,
        printed=printed,
        alone=tuple(alone),
        sentences=frozenset((*sentences, *filter(is_prose, alone))),
    )


def _is_sentence(line: Block, weight: int) -> bool:
    return is_prose(line) if line.text else weight >= _NEXT_TO_NOTHING


def weight_of(line: Block) -> int:
    """How much a line counts as running text: its length, little for scraps, nothing for links
    and feet of sites. A data table counts the text of its cells.
    """
    if not line.text:
        return _weight_of_table(texts_in(line.element))
    if line.linked:
        return 0
    text = line.text
    if len(text) >= 20 and (len(text) > 60 or _STOP.search(text)):
        may_be_foot = len(text) <= _MAX_FOOT and "。" not in text
        return 0 if may_be_foot and phrases().footer.search(squeezed(text)) else len(text)
    return len(text) // 4


def _weights(lines: Iterable[Block], printed: Mapping[HtmlElement, list[str]]) -> dict[Block, int]:
    return {
        line: weight_of(line) if line.text else _weight_of_table(printed[line.element])
        for line in lines
    }


def texts_in(element: HtmlElement) -> list[str]:
    """The text nodes below an element, in order."""
    found = _TEXTS(element)
    return found if isinstance(found, list) else []


def _weight_of_table(texts: Iterable[str]) -> int:
    return min(sum(map(len, map(str.strip, texts))), _MAX_WEIGHT)


def lies_in(element: HtmlElement, others: AbstractSet[HtmlElement]) -> bool:
    """True when the element or one around it is among the others."""
    return element in others or not others.isdisjoint(element.iterancestors())


def _by_element(lines: Iterable[Block], weights: Mapping[Block, int]) -> dict[HtmlElement, int]:
    own: dict[HtmlElement, int] = {}
    for line in lines:
        if weight := weights[line]:
            own[line.element] = own.get(line.element, 0) + weight
    return own


def is_spoken(line: Block) -> bool:
    """True for a sentence or a data table: what no menu, heading or foot of a site consists of."""
    if not line.text:
        return weight_of(line) >= _NEXT_TO_NOTHING
    if line.linked or len(line.text) < _SENTENCE or "。" not in line.text:
        return False
    bare = squeezed(line.text[:_MAX_FOOT])
    book = phrases()
    return book.line.fullmatch(bare) is None and book.end.match(bare) is None


def is_prose(line: Block) -> bool:
    """True for what is_spoken takes, and for prose that is shorter or ends without a full stop:
    a sentence of a few words, a clause of a list, many clauses between commas.
    """
    if is_spoken(line):
        return True
    text = line.text
    if line.linked or len(text) < _SHORT_PROSE or not _reads_as_prose(text):
        return False
    bare, book = squeezed(text[:_MAX_FOOT]), phrases()
    if book.end.match(bare) or any(each.fullmatch(bare) for each in (book.line, book.tools)):
        return False
    return book.notice.search(bare) is None and book.footer.search(bare) is None


def _reads_as_prose(text: str) -> bool:
    end = text[-4:]
    if "。" in end and _FULL_STOP.search(end):
        return True
    clause = len(text) >= _CLAUSE_PROSE and ("；" in end or ";" in end)
    if clause and _CLAUSE_STOP.search(end):
        return True
    return len(text) >= _LISTED_PROSE and len(_COMMAS.findall(text[:_MAX_FOOT])) * 40 >= min(
        len(text), _MAX_FOOT
    )


def is_tool(text: str) -> bool:
    """True for a line of tools, hints and counters (浏览次数：12, 返回顶部, 扫一扫在手机打开)."""
    if len(text) > _MAX_FOOT:
        return False
    bare = squeezed(text)
    book = phrases()
    return any(pattern.fullmatch(bare) for pattern in (book.tools, book.line))


def _sizes(lines: Iterable[Block]) -> dict[HtmlElement, int]:
    own: dict[HtmlElement, int] = {}
    for line in lines:
        own[line.element] = own.get(line.element, 0) + (len(line.text) or 1)
    return own


def _parents(elements: Iterable[HtmlElement]) -> _Parents:
    """Elements and those around them, each with its parent, inner ones first."""
    found: dict[HtmlElement, HtmlElement | None] = {}
    for element in elements:
        path = []
        each: HtmlElement | None = element
        while each is not None and each not in found:
            outer = each.getparent()
            path.append((each, outer))
            each = outer
        found.update(reversed(path))
    return [(each, outer) for each, outer in reversed(found.items()) if outer is not None]


def _summed(
    own: Mapping[HtmlElement, int], parents: _Parents, without: AbstractSet[HtmlElement]
) -> dict[HtmlElement, int]:
    """Weights summed up the tree; elements inside `without` count nothing."""
    left_out = set(without)
    for element, outer in reversed(parents) if without else ():
        if outer in left_out:
            left_out.add(element)
    total: dict[HtmlElement, int] = defaultdict(int)
    total.update(own)
    for element in left_out.intersection(own):
        del total[element]
    for element, outer in parents:
        if element in total:
            total[outer] += total[element]
    return total


def _small(elements: Iterable[HtmlElement], prose: dict[HtmlElement, int]) -> set[HtmlElement]:
    """Elements named like furniture that do not hold the page's text."""
    return {element for element in elements if prose.get(element, 0) <= _MAX_FURNITURE}


class _Names:
    """Collects elements by what their id and class say."""

    def __init__(self, book: Containers) -> None:
        self._book = book
        self.certain: list[tuple[str, HtmlElement]] = []
        self.likely: list[tuple[str, HtmlElement]] = []
        self.headings: list[HtmlElement] = []
        self.furniture: set[HtmlElement] = set()
        self.inside: set[HtmlElement] = set()
        self.index: dict[str, list[HtmlElement]] = {}

    def look(self, element: HtmlElement) -> None:
        tag, names = element.tag, element.keys()
        if tag in _HEADINGS:
            self.headings.append(element)
        elif tag in _FURNITURE:
            self.furniture.add(element)
        elif tag == "ucapcontent":
            self.certain.append((str(tag), element))
        if "id" in names and (name := element.get("id")):
            self._named(element, "#", name)
        if "class" in names and (name := element.get("class")):
            self._named(element, ".", name)

    def _named(self, element: HtmlElement, sign: str, name: str) -> None:
        book = self._book
        for word in name[:500].split():
            self.index.setdefault(sign + word, []).append(element)
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
