"""A tree as lines of text: one paragraph, heading, list item or layout cell a block.

This walk loses nothing that is visible: text nodes of one character, tails, text directly inside
<body>, paragraphs made with <br>. It is the measure that extraction is audited against.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from archive.reading.visible import is_hidden

BLOCK_TAGS = frozenset(
    "html body p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption"
    " section article header footer nav aside form fieldset legend center blockquote pre address"
    " hr main figure figcaption details summary marquee dir menu ucapcontent".split()
)

SEAM = "\x1f"
"""Stands between the text nodes of a line in Block.marked; never in a page (see parse)."""

_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u3000\u2000-\u200b\u202f\u205f\ufeff]+")
_WRAPPED = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*[\r\n][ \t\r\n]*(?=[\u3000-\u9fff\uff00-\uffef])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A visible line: its text with white space folded, the block element it stands in, and how
    many of its characters are link text. `marked` is the text with SEAM where one text node ends
    and the next begins: two spans side by side are two things to a reader of the page.
    """

    text: str
    element: HtmlElement
    link_chars: int
    marked: str = ""

    @property
    def linked(self) -> bool:
        """True when most of the line is link text."""
        return self.link_chars * 10 >= len(self.text) * 6


def folded(text: str) -> str:
    """`text` with white space folded to single blanks; a line wrapped between two Chinese
    characters is joined without one.

    >>> folded("  政府\\n    信息 公开　")
    '政府信息 公开'
    """
    return _SPACES.sub(" ", _WRAPPED.sub("", text)).strip(" ")


def blocks(root: HtmlElement, *, replaced: Callable[[HtmlElement], bool] | None = None) -> list[Block]:
    """The visible lines under `root` in document order.

    `replaced`: elements for which it is True are not entered but stand as one block with their
    own folded text attribute (see tables: a marker); None enters everything visible.
    """
    return list(_walk(root, replaced))


def _walk(root: HtmlElement, replaced: Callable[[HtmlElement], bool] | None) -> Iterator[Block]:
    line = _Line(root)
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            yield from _entered(line, element, walk, root, replaced)
        else:
            yield from _left(line, element, root)
    yield from line.closed()


def _entered(
    line: "_Line",
    element: HtmlElement,
    walk: "etree.iterwalk",
    root: HtmlElement,
    replaced: Callable[[HtmlElement], bool] | None,
) -> Iterator[Block]:
    tag = element.tag
    if not isinstance(tag, str) or (element is not root and is_hidden(element)):
        walk.skip_subtree()
        return
    if replaced is not None and replaced(element):
        yield from line.closed()
        yield Block(text="", element=element, link_chars=0)
        walk.skip_subtree()
        return
    if tag == "br" or tag in BLOCK_TAGS:
        yield from line.closed()
    if tag in BLOCK_TAGS:
        line.element = element
    if tag == "a":
        line.links += 1
    line.add(element.text)


def _left(line: "_Line", element: HtmlElement, root: HtmlElement) -> Iterator[Block]:
    if element is root:
        return
    tag = element.tag
    if tag == "a" and line.links:
        line.links -= 1
    if tag in BLOCK_TAGS:
        yield from line.closed()
        parent = element.getparent()
        line.element = root if parent is None else parent
    line.add(element.tail)


_MOST_SEAMS = 60


class _Line:
    """The line being collected."""

    def __init__(self, root: HtmlElement) -> None:
        self.element = root
        self.links = 0
        self._parts: list[str] = []
        self._link_chars = 0

    def add(self, text: str | None) -> None:
        if text:
            self._parts.append(text)
            if self.links:
                self._link_chars += len(text.strip())

    def closed(self) -> Iterator[Block]:
        if self._parts:
            text = folded("".join(self._parts))
            if text:
                yield Block(
                    text=text,
                    element=self.element,
                    link_chars=self._link_chars,
                    marked=SEAM.join(self._parts) if 1 < len(self._parts) <= _MOST_SEAMS else text,
                )
            self._parts.clear()
            self._link_chars = 0
