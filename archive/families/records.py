"""The records of the families: what is known of a CMS, and what a list page gave."""

import re
from dataclasses import dataclass

from archive.model.reading import Finding, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One sign of a family. kind: text (a literal in the HTML), regex (over the HTML), url (a regex
    over the page's URL) or selector (CSS). source: where it was seen.
    """

    kind: str
    value: str
    weight: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """How a family says how many pages a list has, and what they are called.

    patterns: all must be found in the HTML; their named groups fill the templates. `pages` is the
        number of pages, `records` the number of items (with `perpage`).
    page: URL template of page p, relative to the list. Names: p (from 1), p0 (from 0), back
        (pages - p + 1), start, end, perpage and every named group.
    first: template of page 1 when it differs; None when `page` serves it too or it is unknown.
    first_page: the first p that `page` is used for.
    """

    patterns: tuple[re.Pattern[str], ...]
    page: str
    first: str | None
    first_page: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One CMS: its fingerprints, and where things stand on its pages.

    body, title, metadata_box: CSS selectors, best first: the text's container, the heading, the
        box of header fields.
    pages, lists: patterns of URLs of single pages and of lists.
    canonical_rewrites: (pattern, replacement) pairs that give the URLs of one page one spelling.
    readers: names of the files of archive/families/cms that read what data cannot say; () for none.
    """

    key: str
    name: str
    fingerprints: tuple[Fingerprint, ...]
    body: tuple[str, ...]
    title: tuple[str, ...]
    metadata_box: tuple[str, ...]
    pages: tuple[re.Pattern[str], ...]
    lists: tuple[re.Pattern[str], ...]
    canonical_rewrites: tuple[tuple[re.Pattern[str], str], ...]
    pagers: tuple[Pager, ...]
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The family of a page: its key, the fingerprints met, the sum of their weights.

    key is None when no family's fingerprints suffice; evidence then holds what little was met.
    """

    key: str | None
    evidence: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """What a list page names.

    items: the entries of the main list in printed order; role PAGE, ATTACHMENT, or LIST for a
        list inside the list (year folder, department column, frame).
    pages: every other page of this list that can be named from here, in a long one those near it
    and the first; role LIST.
    total_items, total_pages: as the page says; None when it does not.
    """

    items: tuple[Link, ...] = ()
    pages: tuple[Link, ...] = ()
    total_items: int | None = None
    total_pages: int | None = None
    findings: tuple[Finding, ...] = ()
