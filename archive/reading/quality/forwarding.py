"""Pages that only send their reader on: by a refresh, by a script, or by the one link on them.

They are redirects, as browsers take them (HTML standard, shared declarative refresh steps). A page
that loads itself again stays a page, and so does one that moves on after it was read.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from archive.families.listing.roles import folder_form
from archive.families.listing.targets import refresh_of, targets_of, without_comments
from archive.families.words import folded, words
from archive.model.content import content_hash
from archive.model.outcome import Role
from archive.model.reading import Forward, Kind, Reading
from archive.model.url import resolve
from archive.reading import READER_VERSION
from archive.reading.analysis import PageAnalysis, core_of
from archive.reading.html.attachments import is_file
from archive.reading.html.parse import fragment, is_answer
from archive.reading.quality.error_pages import missing, refused, visible_text

# A page that goes on at once is never read; one that goes on soon says little more than that.
_AT_ONCE_S: Final = 1
_SOON_S: Final = 30
_LITTLE_TEXT: Final = 150
_NO_TEXT: Final = 60
_SHORT_SOURCE: Final = 3_000
_FEW_LINKS: Final = 3
_MAX_LINK_TEXT: Final = 200
_CLICKS = ".click()"
# A window of its own, which browsers open for a click alone; the page stays where it is.
_POPUP = re.compile(r"\bopen\s{0,8}\((?![^;)]{0,400}['\"]_(?:self|top|parent)['\"])")
_PHONE = re.compile(r"mobile|android|iphone|ipad|phone|useragent", re.IGNORECASE)
_DECIDES = re.compile(r"\b(?:if|switch|catch)\s{0,8}\(|\?[^\"'\n]{0,200}:")
_SCRIPT = re.compile(r"\s{0,200}(?:<!--.{0,500}?-->\s{0,200})?<script\b", re.IGNORECASE | re.DOTALL)
_TEXTS = etree.XPath(
    "//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::title"
    " or ancestor::head)]",
    smart_strings=False,
)
_SHOWS = etree.XPath(
    "boolean(//img | //iframe | //frame | //embed | //object | //video | //form | //table//table)"
)


def forward_of(analysis: PageAnalysis) -> Forward | None:
    """Where a page sends its reader, and by what; None for every page that is one itself, and for
    refusals and "not found".

    A report's page that only leads to a home page is none: the document is gone, and the page is a
    "not found" in disguise.
    """
    if is_answer(analysis.page.text):
        return None
    found = _refreshed(analysis) or _scripted(analysis) or _only_link(analysis)
    if found is None or _is_none(analysis):
        return None
    is_document = analysis.source.role in (Role.PAGE, Role.ATTACHMENT)
    return None if is_document and _is_home(found.url) else found


def forward_reading(analysis: PageAnalysis, forward: Forward) -> Reading:
    """The reading of such a page: nothing but where it leads."""
    nothing: tuple[str, ...] = ()
    return Reading(
        reader_version=READER_VERSION,
        kind=Kind.OTHER,
        family=analysis.family.key if analysis.family else None,
        charset_declared=analysis.decoded.declared,
        charset_used=analysis.decoded.used,
        title=analysis.title.text if analysis.title else None,
        lines=nothing,
        content_hash=content_hash(None, nothing),
        findings=(*analysis.decoded.findings, *analysis.page.findings),
        forward=forward,
    )


def _length(analysis: PageAnalysis) -> int:
    """Characters that a browser shows of the page. Counted last of all conditions: it takes longer
    than they do.
    """
    if analysis.page.plain and _SCRIPT.match(analysis.page.text):
        return 0
    pieces = _TEXTS(analysis.page.tree)
    return sum(len(piece.strip()) for piece in pieces) if isinstance(pieces, list) else 0


def _is_none(analysis: PageAnalysis) -> bool:
    said = visible_text(core_of(analysis), analysis.title.text if analysis.title else "")
    return bool(missing(said, holds=True) or refused(said, analysis.page.text))


def _is_home(url: str) -> bool:
    parts = urlsplit(folder_form(url))
    return parts.path == "/" and not parts.query


def _target(analysis: PageAnalysis, href: str) -> str | None:
    """Another URL than the page's own; None for that, and where it leads nowhere."""
    found = resolve(analysis.base, href, analysis.decoded.link_encoding)
    return found if found != analysis.source.url else None


def _refreshed(analysis: PageAnalysis) -> Forward | None:
    for how, content in _refreshes(analysis):
        refresh = refresh_of(content)
        target = _target(analysis, refresh[1]) if refresh else None
        if refresh is None or target is None:
            continue
        after_s = refresh[0]
        if after_s <= _AT_ONCE_S or (after_s <= _SOON_S and _length(analysis) <= _LITTLE_TEXT):
            return Forward(url=target, how=how)
    return None


def _refreshes(analysis: PageAnalysis) -> Iterator[tuple[str, str]]:
    if analysis.source.refresh:
        yield "Refresh header", analysis.source.refresh
    for meta in analysis.page.tree.iter("meta"):
        is_refresh = (meta.get("http-equiv") or "").strip().lower() == "refresh"
        if is_refresh and next(meta.iterancestors("noscript"), None) is None:
            yield "meta refresh", meta.get("content") or ""


def _scripted(analysis: PageAnalysis) -> Forward | None:
    """What the scripts of a page with next to nothing on it go to. Where they decide between
    targets, the one for phones is not taken; what else they decide is left to a browser.
    """
    text, links = analysis.page.text, analysis.page.tree.iter("a")
    if len(text) > 4 * _SHORT_SOURCE or sum(1 for _ in islice(links, _FEW_LINKS + 1)) > _FEW_LINKS:
        return None
    source = re.sub(r"\s+", " ", _without_remarks(text))
    if len(source) > _SHORT_SOURCE or _length(analysis) > _NO_TEXT:
        return None
    scripts = _POPUP.sub("popup(", "\n".join(_scripts(analysis)))
    hrefs = targets_of(scripts) or (_clicked(analysis) if _CLICKS in scripts else ())
    found = [target for href in hrefs if (target := _target(analysis, href))]
    if not found:
        return None
    if _DECIDES.search(without_comments(scripts)):
        only = len(set(found)) == 1 and not _loads_scripts(analysis)
        if not only and not _PHONE.search(scripts):
            return None
    return Forward(url=found[-1], how="script")


def _clicked(analysis: PageAnalysis) -> tuple[str, ...]:
    """The one link of a page whose script clicks on it."""
    links = [href for link in analysis.page.tree.iter("a") if (href := link.get("href"))]
    return tuple(links) if len(links) == 1 else ()


def _without_remarks(text: str) -> str:
    first, *rest = text.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)


def _scripts(analysis: PageAnalysis) -> Iterator[str]:
    tree = analysis.page.tree
    if analysis.page.plain:
        written = fragment(analysis.page.text) if _SCRIPT.match(analysis.page.text) else None
        if written is None:
            return
        tree = written
    for script in tree.iter("script"):
        if script.get("src") is None:
            yield script.text or ""
    for body in tree.iter("body"):
        yield body.get("onload") or ""


def _loads_scripts(analysis: PageAnalysis) -> bool:
    return any(script.get("src") for script in analysis.page.tree.iter("script"))


def _only_link(analysis: PageAnalysis) -> Forward | None:
    """The link that is all a document's page shows."""
    if analysis.source.role is not Role.PAGE or analysis.page.plain:
        return None
    named = (link for link in analysis.page.tree.iter("a") if link.get("href"))
    links = list(islice(named, 2))
    length = _length(analysis) if len(links) == 1 else 0
    if not 0 < length <= _MAX_LINK_TEXT or _SHOWS(analysis.page.tree) is True:
        return None
    text = folded("".join(links[0].itertext()))
    target = _target(analysis, links[0].get("href") or "")
    said = len("".join(text.split()))
    if target is None or is_file(target) or words().back.search(text):
        return None
    return Forward(url=target, how="its only link") if said and length <= said + 2 else None
