"""A home page, or a page on the way from it, read for one thing: where the annual reports are.

Nothing else that such a page names is followed: news, plans and notices are outside the section.
"""

from collections.abc import Sequence
from dataclasses import replace

from archive.families.listing.anchors import Page, prepare
from archive.families.listing.roles import role_of
from archive.families.navigation import (
    Way,
    framed_sections,
    in_section,
    inner_sections,
    is_front_page,
    lists_reports,
    lists_reports_itself,
    names_report,
    ways,
)
from archive.families.records import ListPage
from archive.families.words import words
from archive.model.outcome import Role
from archive.model.reading import Finding, Link, Reading, Severity
from archive.reading.analysis import Seen, core_of
from archive.reading.html.parse import is_answer
from archive.reading.list_page import reading_of_links
from archive.reading.text.title import is_document_title, names_only_the_site

_MOST_TEXT = 100
_LEADING = (Role.ENTRY, Role.WAY)


def guide_of(seen: Seen, listing: ListPage | None) -> tuple[Way, ...] | None:
    """The ways that a home page or a page on the way names, perhaps none; None when the page was
    not asked for as such, or is a list of reports or a document itself.

    An entry that is no front page is read as the list it is, unless it names the section.
    """
    if seen.source.role not in _LEADING or seen.page.plain or is_answer(seen.page.text):
        return None
    page = _prepared(seen)
    framed = framed_sections(page) if in_section(page) else ()
    if _is_document(seen) and not (framed and _says_little(seen)):
        return None
    if listing is None and in_section(page):
        return (*inner_sections(page), *framed) or None
    return None if listing and lists_reports(page, listing) else _leading(seen, page, listing)


def _leading(seen: Seen, page: Page, listing: ListPage | None) -> tuple[Way, ...] | None:
    found = ways(page, bodies=seen.source.role is Role.WAY)
    if seen.source.role is Role.WAY or is_front_page(page):
        return found
    if listing is not None and not _names_section(found):
        return None
    return found or None


def guide_reading(seen: Seen, found: Sequence[Way]) -> Reading:
    """The reading of a page that leads to the section: one way a line, in the order of worth."""
    links = tuple(way.link for way in found)
    lines = tuple(link.text or link.url for link in links)
    return reading_of_links(seen, seen.title.text if seen.title else None, lines, links)


def led_nowhere(reading: Reading) -> Reading:
    """The reading of a page that should lead to the section and does not: nothing it names is
    followed, and a finding says so.
    """
    finding = Finding(
        rule="no_section",
        severity=Severity.WARNING,
        message="no way from this page to a list of annual reports was found",
    )
    nothing: tuple[Link, ...] = ()
    return replace(reading, links=nothing, findings=(*reading.findings, finding))


def strays(seen: Seen, listing: ListPage) -> bool:
    """Whether a list stands where a document was expected, and is none of annual reports: a home
    page that answers for a page that is gone, a column of news.
    """
    if seen.source.role not in (Role.PAGE, Role.ATTACHMENT):
        return False
    if seen.title is not None and names_report(seen.title.text):
        return False
    page = _prepared(seen)
    return not lists_reports_itself(page, listing)


def strayed(seen: Seen, reading: Reading) -> Reading:
    """The reading of a list that strays: of what it names only reports are followed, and a finding
    says so. A site's home page there is a "not found" in disguise.
    """
    finding = Finding(
        rule="off_section",
        severity=Severity.WARNING,
        message="a list that is none of annual reports stands where a document was expected",
    )
    home = names_only_the_site(seen.page.tree)
    return replace(
        reading,
        links=tuple(link for link in reading.links if names_report(link.text)),
        findings=(*reading.findings, finding),
        soft_404=f"a home page stands here: {home}" if home else None,
    )


def _says_little(seen: Seen) -> bool:
    """Whether a page has next to no text of its own, or is only called as its column is: what it is
    for stands in a frame.
    """
    if seen.title is not None and words().column.fullmatch(seen.title.text.replace(" ", "")[:40]):
        return True
    return sum(len(line.text) for line in core_of(seen)) <= _MOST_TEXT


def _prepared(seen: Seen) -> Page:
    return prepare(
        seen.page.tree,
        seen.page.text,
        seen.source.url,
        seen.family,
        encoding=seen.decoded.link_encoding,
    )


def _is_document(seen: Seen) -> bool:
    """An article by its meta tags or its family's URLs, or a report of a year by its title."""
    url = seen.source.url
    if seen.metas.get("articletitle"):
        return True
    if seen.family and any(pattern.search(url) for pattern in seen.family.pages):
        return True
    titled = seen.title is not None and is_document_title(seen.title.text)
    return titled and role_of(url, seen.family) is Role.PAGE


def _names_section(found: Sequence[Way]) -> bool:
    return any(way.link.role is Role.LIST for way in found)
