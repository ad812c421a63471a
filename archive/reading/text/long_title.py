"""Titles that a page prints in several lines, put together again."""

import re
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from archive.codebook.phrases import phrases, squeezed
from archive.reading.html.blocks import Block, blocks

_MAX_LINES = 150
_MAX_ABOVE = 2
_MAX_BELOW = 3
_LONGEST = 120
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "ucaptitle"})
_BEGINS_WITH_YEAR = re.compile(r"(?:(?:19|20)\d{2}|[二一][〇○零一二三四五六七八九]{3})年")
_ORGAN = re.compile(
    r"(?:政府|委员会|管委会|办公室|局|厅|委|办|中心|院|署|处|街道|办事处|镇|乡|县|市|区|旗|总队|支队|大队)$"
)
_BEGUN = re.compile(r"年(?:度)?(?:政府信息|政务信息|政务|信息)公开(?:工作)?(?:年度|情况)?$")
_PARTS = re.compile(r"[\s_|｜»>\-–—]+")
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
    above = _above(lines[max(begin - _MAX_ABOVE, 0) : begin], lines[begin], head, site)
    begun = joined([*above, title])
    below = _below(begun, lines[begin], lines[begin + 1 : begin + 1 + _MAX_BELOW], spelled)
    return joined([begun, *below])


def _place(title: str, lines: Sequence[Block]) -> int | None:
    wanted = squeezed(title)
    for number, line in enumerate(islice(lines, _MAX_LINES)):
        if line.text and not line.linked and squeezed(line.text) == wanted:
            return number
    return None


def _above(lines: Sequence[Block], title: Block, head: str, site: re.Pattern[str]) -> Sequence[str]:
    for start in range(len(lines)):
        texts = [line.text for line in lines[start:]]
        whole = squeezed("".join((*texts, title.text)))
        if all(texts) and (whole in squeezed(head) or _completes(lines[start:], title, whole)):
            return texts
    line = lines[-1] if lines else None
    if line is None or line.linked or not _BEGINS_WITH_YEAR.match(squeezed(title.text)):
        return ()
    bare = squeezed(line.text)
    alike = _kind(line.element) == _kind(title.element) != ""
    beside = line.element.getparent() is title.element.getparent()
    both = beside or (_is_heading(line) and _is_heading(title))
    belongs = alike or (both and not _names_site(bare, head, site))
    return [line.text] if belongs and len(bare) <= _LONGEST and _ORGAN.search(bare) else ()


def _completes(lines: Sequence[Block], title: Block, whole: str) -> bool:
    """Whether a title that is none yet is a whole report's title with lines of its kind above."""
    titles = phrases().report_title
    if titles.fullmatch(squeezed(title.text)) or not titles.fullmatch(whole):
        return False
    kinds = {_kind(line.element) for line in (*lines, title)}
    return len(kinds) == 1 and kinds != {""} and not any(line.linked for line in lines)


def _names_site(bare: str, head: str, site: re.Pattern[str]) -> bool:
    """Whether <title> tells that a line is the site's name: it is nothing else, or begins so and
    ends as names of sites do.
    """
    pieces = [squeezed(piece) for piece in _PARTS.split(head) if piece.strip()]
    return any(piece.startswith(bare) and site.search(piece) for piece in pieces)


def _below(title: str, line: Block, lines: Sequence[Block], spelled: str) -> Sequence[str]:
    """The lines that go on with a title: as <title> spells it, or to a whole report's title."""
    found: list[str] = []
    titles = phrases().report_title
    begun = _ORGAN.search(squeezed(title)) or _BEGUN.search(squeezed(title))
    for other in lines:
        if not other.text or other.linked or len(other.text) > _LONGEST:
            return ()
        found.append(other.text)
        whole = squeezed("".join((title, *found)))
        if whole in spelled:
            return found
        alike = _kind(other.element) == _kind(line.element) or _is_heading(other)
        if not alike and other.element.getparent() is not line.element.getparent():
            return ()
        if begun and titles.fullmatch(whole):
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
