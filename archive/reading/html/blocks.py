"""A tree as lines of text: one paragraph, heading, list item or layout cell a block.

This walk loses nothing that is visible: text nodes of one character, tails, text directly inside
<body>, paragraphs made with <br>. It is the measure that extraction is audited against.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.reading.html.visible import is_hidden

BLOCK_TAGS = frozenset(
    "html body p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption"
    " section article header footer nav aside form fieldset legend center blockquote pre address"
    " hr main figure figcaption details summary marquee dir menu ucapcontent".split()
)

SEAM = "\x1f"
"""Stands between the text nodes of a line in Block.marked; never in a page (see parse)."""

_UNSEEN_SPACES = ("\u200b", "\ufeff", "\u2060")
_WRAPPED = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*[\r\n][ \t\r\n]*(?=[\u3000-\u9fff\uff00-\uffef])"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A visible line: its text with white space folded, the block element it stands in, and how
    many of its characters are link text. `marked` is the text with SEAM where one text node ends
    and the next begins: two spans side by side are two things to a reader of the page. A line is
    equal to itself alone.
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
    text = text.strip()
    if text.isprintable() and " " not in text:  # the only blank that is printable
        return text
    if "\n" in text or "\r" in text:
        text = _WRAPPED.sub("", text)
    for space in _UNSEEN_SPACES:
        if space in text:
            text = text.replace(space, "")
    return " ".join(text.split())


def blocks(
    root: HtmlElement, *, replaced: Callable[[HtmlElement], bool] | None = None
) -> list[Block]:
    """The visible lines under `root` in document order.

    `replaced`: tables for which it is True are not entered but stand as one block without text,
    to be expanded later; None enters everything visible.
    """
    return Walk(root, replaced).found


_ENTER, _LEAVE = 0, 1
_MAX_SEAMS = 60
_MAX_KEPT = 50_000


class Walk:
    """One walk over a tree with a stack of its own: no recursion, so no depth can break it.

    found: the visible lines. entered: the visible elements that are not inside a replaced table.
    """

    def __init__(
        self,
        root: HtmlElement,
        replaced: Callable[[HtmlElement], bool] | None,
        hides: Callable[[HtmlElement], bool] = is_hidden,
    ) -> None:
        self.found: list[Block] = []
        self.entered: list[HtmlElement] = []
        self._root = root
        self._replaced = replaced
        self._hides = hides
        self._element = root
        self._links = 0
        self._kept = 0  # <pre>: line ends are meant
        self._parts: list[str] = []
        self._link_chars = 0
        self._run()

    def _run(self) -> None:
        stack: list[tuple[HtmlElement, int]] = [(self._root, _ENTER)]
        while stack:
            element, phase = stack.pop()
            if phase == _LEAVE:
                self._leave(element)
            elif self._enter(element):
                self.entered.append(element)
                if len(element) == 0:
                    self._leave(element)
                    continue
                stack.append((element, _LEAVE))
                stack.extend([(child, _ENTER) for child in reversed(element)])
            elif element is not self._root and element.tail:
                self._add(element.tail)
        self._close()

    def _enter(self, element: HtmlElement) -> bool:
        """Starts an element; False when it is not gone into."""
        tag = element.tag
        if not isinstance(tag, str) or (element is not self._root and self._hides(element)):
            return False
        if tag in BLOCK_TAGS:
            self._close()
            if tag == "table" and self._replaced is not None and self._replaced(element):
                self.found.append(Block(text="", element=element, link_chars=0))
                return False
            self._element = element
            self._kept += tag == "pre"
        elif tag == "br":
            self._close()
        elif tag == "a":
            self._links += 1
        if element.text:
            self._add(element.text)
        return True

    def _leave(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "a":
            self._links -= 1
        if element is self._root:
            return
        if tag in BLOCK_TAGS:
            self._close()
            self._kept -= tag == "pre"
            parent = element.getparent()
            self._element = self._root if parent is None else parent
        if element.tail:
            self._add(element.tail)

    def _add(self, text: str) -> None:
        if self._kept and 0 < text.count("\n") <= _MAX_KEPT:
            first, *others = text.split("\n")
            self._add(first)
            for line in others:
                self._close()
                self._add(line)
            return
        self._parts.append(text)
        if self._links:
            self._link_chars += len(text.strip())

    def _close(self) -> None:
        parts = self._parts
        if not parts:
            return
        text = folded(parts[0] if len(parts) == 1 else "".join(parts))
        if text:
            marked = SEAM.join(parts) if 1 < len(parts) <= _MAX_SEAMS else text
            self.found.append(
                Block(text=text, element=self._element, link_chars=self._link_chars, marked=marked)
            )
        parts.clear()
        self._link_chars = 0
