"""Hub pages: a portal's home page and the pages between it and the annual-report section. They are
read for the links that lead to the section.

Nothing else that such a page names is followed: news, plans and notices are outside the section.
"""

from collections.abc import Sequence
from dataclasses import replace

from archive.families.listing.anchors import Page, prepare
from archive.families.listing.roles import role_of
from archive.families.navigation import (
    NavigationLink,
    framed_sections,
    in_section,
    inner_sections,
    is_front_page,
    lists_reports,
    lists_reports_itself,
    names_report,
    navigation_links,
)
from archive.families.records import ListPage
from archive.families.words import words
from archive.model.outcome import Role
from archive.model.reading import Finding, Link, Reading, Severity
from archive.reading.analysis import PageAnalysis, core_of
from archive.reading.html.parse import is_answer
from archive.reading.list_page import reading_of_links
from archive.reading.text.title import is_document_title, names_only_the_site

_MAX_TEXT = 100
_LEADING = (Role.ENTRY, Role.NAVIGATION)


def hub_links(
    analysis: PageAnalysis, listing: ListPage | None
) -> tuple[NavigationLink, ...] | None:
    """The navigation links of a hub page, perhaps none; None when the page was not scheduled as
    such, or is a list of reports or a document itself.

    An entry that is no front page is read as the list it is, unless it names the section.
    """
    if analysis.source.role not in _LEADING or analysis.page.plain or is_answer(analysis.page.text):
        return None
    page = _prepared(analysis)
    framed = framed_sections(page) if in_section(page) else ()
    if _is_document(analysis) and not (framed and _says_little(analysis)):
        return None
    if listing is None and in_section(page):
        return (*inner_sections(page), *framed) or None
    return None if listing and lists_reports(page, listing) else _leading(analysis, page, listing)


def _leading(
    analysis: PageAnalysis, page: Page, listing: ListPage | None
) -> tuple[NavigationLink, ...] | None:
    found = navigation_links(page, bodies=analysis.source.role is Role.NAVIGATION)
    if analysis.source.role is Role.NAVIGATION or is_front_page(page):
        return found
    if listing is not None and not any(each.link.role is Role.LIST for each in found):
        return None
    return found or None


def hub_reading(analysis: PageAnalysis, found: Sequence[NavigationLink]) -> Reading:
    """The reading of a hub page: one navigation link a line, in the order of worth."""
    links = tuple(each.link for each in found)
    lines = tuple(link.text or link.url for link in links)
    return reading_of_links(analysis, analysis.title.text if analysis.title else None, lines, links)


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


def strays(analysis: PageAnalysis, listing: ListPage) -> bool:
    """Whether a list stands where a document was expected, and is none of annual reports: a home
    page that answers for a page that is gone, a column of news.
    """
    if analysis.source.role not in (Role.PAGE, Role.ATTACHMENT):
        return False
    if analysis.title is not None and names_report(analysis.title.text):
        return False
    page = _prepared(analysis)
    return not lists_reports_itself(page, listing)


def strayed(analysis: PageAnalysis, reading: Reading) -> Reading:
    """The reading of a list that strays: of what it names only reports are followed, and a finding
    says so. A site's home page there is a "not found" in disguise.
    """
    finding = Finding(
        rule="off_section",
        severity=Severity.WARNING,
        message="a list that is none of annual reports stands where a document was expected",
    )
    home = names_only_the_site(analysis.page.tree)
    return replace(
        reading,
        links=tuple(link for link in reading.links if names_report(link.text)),
        findings=(*reading.findings, finding),
        soft_404=f"a home page stands here: {home}" if home else None,
    )


def _says_little(analysis: PageAnalysis) -> bool:
    """Whether a page has next to no text of its own, or is only called as its column is: what it is
    for stands in a frame.
    """
    if analysis.title is not None and words().column.fullmatch(
        analysis.title.text.replace(" ", "")[:40]
    ):
        return True
    return sum(len(line.text) for line in core_of(analysis)) <= _MAX_TEXT


def _prepared(analysis: PageAnalysis) -> Page:
    return prepare(
        analysis.page.tree,
        analysis.page.text,
        analysis.source.url,
        analysis.family,
        encoding=analysis.decoded.link_encoding,
    )


def _is_document(analysis: PageAnalysis) -> bool:
    """An article by its meta tags or its family's URLs, or a report of a year by its title."""
    url = analysis.source.url
    if analysis.metas.get("articletitle"):
        return True
    if analysis.family and any(pattern.search(url) for pattern in analysis.family.pages):
        return True
    titled = analysis.title is not None and is_document_title(analysis.title.text)
    return titled and role_of(url, analysis.family) is Role.PAGE
