"""What kind of page a page is, decided in one place from its analysis and what it was scheduled as.

A page sends its reader on, is a hub page before the annual-report section, a list, or a
document; the first that fits.
"""

from dataclasses import dataclass
from typing import TypeAlias

from archive.families.navigation import NavigationLink
from archive.families.records import ListPage
from archive.model.reading import Forward
from archive.reading.analysis import PageAnalysis
from archive.reading.hub_page import hub_links
from archive.reading.list_page import listing_of
from archive.reading.quality.forwarding import forward_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPage:
    """A page between a portal's home page and its section; links: () when it leads nowhere."""

    links: tuple[NavigationLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page that is read for its own text: a report, an article, or nothing of use."""


PageKind: TypeAlias = Forward | HubPage | ListPage | Document


def classify(page: PageAnalysis) -> PageKind:
    """The kind of a page, with what was found while it was decided: where it forwards to, the links
    of a hub page, the entries of a list.
    """
    forward = forward_of(page)
    if forward is not None:
        return forward
    listing = listing_of(page)
    links = hub_links(page, listing)
    if links is not None:
        return HubPage(links=links)
    return listing or Document()
