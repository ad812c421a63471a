"""Titles that a page prints in several lines, put together again."""

import re
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from archive.codebook.phrases import phrases, squeezed
from archive.reading.html.blocks import Block, blocks

_MOST_LINES = 150
_MOST_ABOVE = 2
_MOST_BELOW = 3
_LONGEST = 120
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "ucaptitle"})
_BEGINS_WITH_YEAR = re.compile(r"(?:(?:19|20)\d{2}|[二一][〇○零一二三四五六七八九]{3})年")
_ORGAN = re.compile(
    r"(?:政府|委员会|管委会|办公室|局|厅|委|办|中心|院|署|处|街道|办事处|镇|乡|县|市|区|旗|总队|支队|大队)$"
)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)


def printed_title(element: HtmlElement) -> str:
    """The text of a heading; lines that <br> or blocks break go on without a blank between Chinese
    characters.
    """
    return joined([line.text for line in blocks(element)])


def joined(lines: Sequence[str]) -> str:
    """Lines as one; a blank only where both sides are of Latin letters or digits.

    >>> joined(["清河县人民政府", "2018年年报"]), joined(["Annual", "Report"])
    ('清河县人民政府2018年年报', 'Annual Report')
    """
    text = ""
    for line in lines:
        gap = " " if text and text[-1].isascii() and line[:1].isascii() else ""
        text += gap + line
    return text


def whole_title(title: str, lines: Sequence[Block], head: str, site: re.Pattern[str]) -> str:
    """The title with the printed lines above and below it that belong to it: those with which
    <title> (`head`) spells it, an office's name over a title that begins with its year, and what
    goes on with an office's name to a report's title. `site`: what names of sites end with.
    """
    begin = _place(title, lines)
    if begin is None or len(squeezed(title)) > _LONGEST:
        return title
    spelled = squeezed(head)
    above = _above(lines[max(begin - _MOST_ABOVE, 0) : begin], lines[begin], spelled, site)
    below = _below(title, lines[begin], lines[begin + 1 : begin + 1 + _MOST_BELOW], spelled)
    return joined([*above, title, *below])


def _place(title: str, lines: Sequence[Block]) -> int | None:
    wanted = squeezed(title)
    for number, line in enumerate(islice(lines, _MOST_LINES)):
        if line.text and not line.linked and squeezed(line.text) == wanted:
            return number
    return None


def _above(
    lines: Sequence[Block], title: Block, spelled: str, site: re.Pattern[str]
) -> Sequence[str]:
    for start in range(len(lines)):
        texts = [line.text for line in lines[start:]]
        if all(texts) and squeezed("".join((*texts, title.text))) in spelled:
            return texts
    line = lines[-1] if lines else None
    if line is None or line.linked or not _BEGINS_WITH_YEAR.match(squeezed(title.text)):
        return ()
    bare = squeezed(line.text)
    alike = _kind(line.element) == _kind(title.element) != ""
    both = alike or (_is_heading(line) and _is_heading(title) and not site.search(bare))
    return [line.text] if both and len(bare) <= _LONGEST and _ORGAN.search(bare) else ()


def _below(title: str, line: Block, lines: Sequence[Block], spelled: str) -> Sequence[str]:
    found: list[str] = []
    for other in lines:
        if not other.text or other.linked or len(other.text) > _LONGEST:
            return ()
        if _kind(other.element) != _kind(line.element) and not _is_heading(other):
            return ()
        found.append(other.text)
        whole = squeezed("".join((title, *found)))
        if whole in spelled or (
            _ORGAN.search(squeezed(title)) and phrases().report_title.fullmatch(whole)
        ):
            return found
    return ()


def _is_heading(line: Block) -> bool:
    around = (line.element, *islice(line.element.iterancestors(), 1))
    return any(each.tag in _HEADINGS for each in around)


def _kind(element: HtmlElement) -> str:
    """What makes a line stand out: its heading, its place in the middle, or its class."""
    for each in (element, *islice(element.iterancestors(), 1)):
        if each.tag in _HEADINGS:
            return str(each.tag)
        if (each.get("align") or "").lower() == "center" or each.tag == "center":
            return "centred"
        if _CENTRED.search((each.get("style") or "")[:500]):
            return "centred"
    return element.get("class") or ""
