"""A tree as lines of text: one paragraph, heading, list item or layout cell a block.

This walk loses nothing that is visible: text nodes of one character, tails, text directly inside
<body>, paragraphs made with <br>. It is the measure that extraction is audited against.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.reading.html.visible import UNSEEN, says_hidden

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


@dataclass(slots=True, kw_only=True, eq=False)
class Block:
    """A visible line: its text with white space folded, the block element it stands in, and whether
    most of it is link text (linked, as a line without text is). `marked` is the text with SEAM
    where one text node ends and the next begins: two spans side by side are two things to a reader
    of the page. A line is equal to itself alone. Never changed, but not frozen: there are hundreds.
    """

    text: str
    element: HtmlElement
    linked: bool
    marked: str = ""


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
    if len(root) == 0 and root.tag in _PLAIN:  # as most cells are
        text = folded(root.text or "")
        return [Block(text=text, element=root, linked=False, marked=text)] if text else []
    return Walk(root, replaced).found


_PLAIN = frozenset({"td", "th", "p", "li", "dd", "dt", "div"})
_INLINE, _BLOCK, _PRE, _TABLE, _BREAK, _LINK, _UNSEEN = range(7)
_WAYS: dict[object, int] = {
    **dict.fromkeys(BLOCK_TAGS, _BLOCK),
    **dict.fromkeys(UNSEEN, _UNSEEN),
    "pre": _PRE,
    "table": _TABLE,
    "br": _BREAK,
    "a": _LINK,
}
_ALL_BLOCKS = frozenset({_BLOCK, _PRE, _TABLE})
_MAX_SEAMS = 60
_MAX_KEPT = 50_000


class Walk:
    """One walk over a tree with a stack of its own: no recursion, so no depth can break it.

    found: the visible lines. entered: the visible elements that are not inside a replaced table.
    shows_all: what attributes, styles and classes hide is entered, too.
    """

    def __init__(
        self,
        root: HtmlElement,
        replaced: Callable[[HtmlElement], bool] | None,
        *,
        shows_all: bool = False,
    ) -> None:
        self.found: list[Block] = []
        self.entered: list[HtmlElement] = []
        self._root = root
        self._replaced = replaced
        self._shows_all = shows_all
        self._element = root
        self._links = 0
        self._kept = 0  # <pre>: line ends are meant
        self._parts: list[str] = []
        self._link_chars = 0
        self._run()

    def _run(self) -> None:
        entered, enter, leave, add = self.entered, self._enter, self._leave, self._add
        shows_all = self._shows_all
        opened: list[tuple[HtmlElement, int]] = []
        stack: list[HtmlElement | None] = []  # None: the element opened last ends here
        if enter(self._root, _WAYS.get(self._root.tag, _INLINE)):
            entered.append(self._root)
            stack.extend(reversed(self._root))
        while stack:
            element = stack.pop()
            if element is None:
                leave(*opened.pop())
                continue
            way = _WAYS.get(element.tag, _INLINE)
            hidden = way == _UNSEEN or (not shows_all and says_hidden(element))
            if not hidden and enter(element, way):
                entered.append(element)
                if len(element):
                    opened.append((element, way))
                    stack.append(None)
                    stack.extend(reversed(element))
                else:
                    leave(element, way)
            elif tail := element.tail:
                add(tail)
        self._close()

    def _enter(self, element: HtmlElement, way: int) -> bool:
        """Starts an element; False when it is not gone into."""
        if way == _INLINE:
            if not isinstance(element.tag, str):
                return False  # a comment
        elif way in _ALL_BLOCKS:
            if self._parts:
                self._close()
            if way == _TABLE and self._replaced is not None and self._replaced(element):
                self.found.append(Block(text="", element=element, linked=True))
                return False
            self._element = element
            self._kept += way == _PRE
        elif way == _BREAK:
            if self._parts:
                self._close()
        elif way == _LINK:
            self._links += 1
        if text := element.text:
            self._add(text)
        return True

    def _leave(self, element: HtmlElement, way: int) -> None:
        if way == _LINK:
            self._links -= 1
        elif way in _ALL_BLOCKS:
            if self._parts:
                self._close()
            self._kept -= way == _PRE
            parent = element.getparent()
            self._element = self._root if parent is None else parent
        if tail := element.tail:
            self._add(tail)

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
                Block(
                    text=text,
                    element=self._element,
                    linked=self._link_chars * 10 >= len(text) * 6,
                    marked=marked,
                )
            )
        parts.clear()
        self._link_chars = 0
