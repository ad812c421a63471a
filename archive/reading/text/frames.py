"""Pages whose text is another page in a frame, as 常州 and 淮安 have them; old sites' framesets."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archive.model.outcome import Role
from archive.model.reading import Finding, Link, Severity
from archive.model.url import resolve
from archive.reading.html.attachments import is_file
from archive.reading.html.survey import Survey, lies_in
from archive.reading.html.visible import inside_hidden

_MAX_TEXT = 100
_MAX_FRAMES = 3
_NO_TEXT = re.compile(
    r"visit|count|hits|login|share|weather|tianqi|search|(?:^|[/_])(?:top|head|foot|bottom|nav|left"
    r"|menu|banner|link)",
    re.IGNORECASE,
)


def framed_pages(
    page: Survey,
    tree: HtmlElement,
    base: str,
    lines: Sequence[str],
    title: str | None,
    *,
    encoding: str = "utf-8",
) -> tuple[Link, ...]:
    """The pages of the same host that stand in frames of a page with next to no text of its own;
    they are read as pages of their own. Frames of tools, menus and feet are none of them.
    """
    if sum(len(line) for line in lines) > _MAX_TEXT:
        return ()
    aside = page.furniture | page.inside
    found: dict[str, Link] = {}
    for frame in tree.iter("iframe", "frame"):
        url = resolve(base, frame.get("src") or "", encoding)
        if url is None or is_file(url) or not _may_hold_text(frame, url, base):
            continue
        if not lies_in(frame, aside):
            found[url] = Link(url=url, text=title or "", role=Role.PAGE)
    return tuple(found.values())[:_MAX_FRAMES]


def frame_findings(links: Sequence[Link]) -> tuple[Finding, ...]:
    """Finding `text_in_frame` where the text is another page's."""
    if not links:
        return ()
    return (
        Finding(
            rule="text_in_frame",
            severity=Severity.INFO,
            message="the text is a page of its own that is shown in a frame",
            evidence=" ".join(link.url for link in links)[:300],
        ),
    )


def _may_hold_text(frame: HtmlElement, url: str, base: str) -> bool:
    parts = urlsplit(url)
    if parts.hostname != urlsplit(base).hostname or _NO_TEXT.search(parts.path):
        return False
    outer = frame.getparent()
    hidden = "none" in (frame.get("style") or "")  # display:none; a frame is never text itself
    return not hidden and (outer is None or outer.tag == "frameset" or not inside_hidden(outer))
