"""The text of a table cell, as a reader of the page sees it."""

import re

from lxml.html import HtmlElement

_BREAKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "section",
        "article",
        "table",
        "tr",
        "caption",
        "center",
        "hr",
    ]
)
_CELLS = frozenset({"td", "th"})
_SILENT = frozenset({"script", "style", "template", "noscript", "head", "title", "textarea"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_AROUND_BREAK = re.compile(r" ?\n[ \n]*")
_FOLD = re.compile(r"(?<!\s)\s*\n\s*")
_NBSP = "\N{NO-BREAK SPACE}"

MAX_CELL_CHARACTERS = 200_000
"""Text of a cell beyond this is cut."""


def cell_text(cell: HtmlElement) -> str:
    """The text of a cell: mark-up gone, inner white space folded, <br> and blocks as line breaks.

    A cell that holds nothing but no-break spaces gives one of them: editors put it there on
    purpose, which is not the same as an empty cell.
    """
    if len(cell) == 0:
        raw = cell.text or ""
        if raw.isalnum():
            return raw[:MAX_CELL_CHARACTERS]
    elif len(cell) == 1 and len(cell[0]) == 0 and cell[0].tag in ("p", "span", "div", "font"):
        raw = _only_child(cell)
    else:
        raw = "".join(_pieces(cell))
    return folded(raw[:MAX_CELL_CHARACTERS])


def folded(raw: str) -> str:
    """White space as a browser shows it; line breaks of mark-up (U+000B here) become newlines."""
    bare = raw.strip(" \v\r\n\t")
    if not bare or (bare.isprintable() and " " not in bare):  # the only blank that is printable
        return bare
    text = _BLANKS.sub(" ", raw.replace("\n", " ").replace("\v", "\n"))
    text = _AROUND_BREAK.sub("\n", text).strip()
    return text or (_NBSP if _NBSP in raw else "")


def one_line(text: str) -> str:
    r"""`text` on one line: a break between Chinese characters vanishes, elsewhere it is a blank.

    >>> one_line("商业\n企业"), one_line("100\n200"), one_line("\xa0")
    ('商业企业', '100 200', '')
    """
    if "\n" not in text:
        if "\t" not in text:
            return text.strip()
        return text.replace("\t", " ").strip()
    return _FOLD.sub(lambda found: _joint(text, found), text).replace("\t", " ").strip()


def is_hidden(element: HtmlElement) -> bool:
    """Whether the element itself says that it is not shown (hidden, display:none)."""
    names = element.keys()
    if not names:
        return False
    style = element.get("style") if "style" in names else None
    if style is not None and "ispla" in style.lower() and _HIDDEN.search(style):
        return True
    return "hidden" in names


def _joint(text: str, found: re.Match[str]) -> str:
    before = text[max(found.start() - 1, 0) : found.start()]
    after = text[found.end() : found.end() + 1]
    return " " if before.isascii() and after.isascii() else ""


def _only_child(cell: HtmlElement) -> str:
    child = cell[0]
    inner = "" if is_hidden(child) else child.text or ""
    joint = "\v" if child.tag in _BREAKS else ""
    return f"{cell.text or ''}{joint}{inner}{joint}{child.tail or ''}"


def _pieces(cell: HtmlElement) -> list[str]:
    """All text of the cell in order, with a vertical tab wherever mark-up breaks the line."""
    found = [cell.text or ""]
    # A node is pushed as (node, False) to be opened, (node, True) to be closed.
    stack = [(child, False) for child in reversed(cell)]
    while stack:
        node, closing = stack.pop()
        tag = node.tag
        if (
            closing
            or not isinstance(tag, str)
            or tag in _SILENT
            or (node.keys() and is_hidden(node))
        ):
            found.append("\v" if closing and tag in _BREAKS else " " if closing else "")
            found.append(node.tail or "")
            continue
        found.append("\v" if tag in _BREAKS or tag == "br" else "")
        found.append(node.text or "")
        if len(node) or tag in _BREAKS or tag in _CELLS:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))
        else:
            found.append(node.tail or "")
    return found
