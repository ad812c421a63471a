"""Pages that are none: polite "not found" pages, refusals of firewalls, empty shells.

Phrases count only on pages with hardly any text, so that a notice *about* missing pages stays one.
"""

import re

from archive.codebook.phrases import phrases, squeezed
from archive.reading.html.blocks import Block

_REDIRECT = re.compile(
    r"http-equiv=[\"']?refresh|(?:window|document|self|top|parent)?\.?location(?:\.href)?\s*="
    r"|location\.(?:replace|assign)\s*\(",
    re.IGNORECASE,
)
_EMPTY = 12
_SHORT_SOURCE = 3000
_MAX_TEXT = 5000
_TABLE = "▒" * 600  # a data table is text enough for any limit


def missing(text: str, *, holds: bool) -> str | None:
    """Why the page is a "not found" in disguise; None when it is a page. text: see `visible_text`.
    `holds`: the page has fields, tables, files or pictures of its own, so that little text is no
    sign.
    """
    for mark in phrases().soft_404:
        if len(text) <= mark.most and (found := mark.pattern.search(text)):
            return f"says: {found.group(0)[:60]}"
    return None if holds or len(text) > _EMPTY else "no text"


def refused(text: str, source: str) -> str | None:
    """Why the page is a refusal or a challenge; None when it is a page. text: see `visible_text`.
    source: its mark-up.
    """
    for mark in phrases().blocked:
        if len(text) <= mark.most and (
            mark.pattern.search(text if mark.where == "text" else source[:200_000]) is not None
        ):
            return mark.name if mark.where == "source" else f"{mark.name}: {text[:60]}"
    return None


def redirects(source: str, lines: tuple[Block, ...]) -> bool:
    """True for a stub that only sends the reader elsewhere by script or meta refresh."""
    if len(source) > _SHORT_SOURCE or sum(len(line.text) for line in lines) > 60:
        return False
    return _REDIRECT.search(source) is not None


def visible_text(lines: tuple[Block, ...], title: str) -> str:
    """Everything visible, squeezed, title first: enough of it to know that the page is longer than
    any limit.
    """
    parts = [title]
    length = 0
    for line in lines:
        text = line.text or _TABLE
        parts.append(text)
        length += len(text)
        if length > _MAX_TEXT:
            break
    joined = "".join(parts)
    return joined if length > _MAX_TEXT else squeezed(joined) or ""
