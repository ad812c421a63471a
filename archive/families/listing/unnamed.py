"""Entries of a list that name a report and lead nowhere that can be told. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree

from archive.families.listing.anchors import Page, structural_text
from archive.families.listing.clusters import Row
from archive.families.listing.roles import same_page
from archive.families.words import words
from archive.model.reading import Finding, Severity

RULE: Final = "entry_without_url"
_YEAR: Final = re.compile(r"(?<![0-9])20[0-4][0-9]")
_LONGEST: Final = 80
_MAX_TOLD: Final = 3


def without_url(page: Page, rows: Sequence[Row]) -> Iterator[Finding]:
    """The finding that names them. Only what stands in the same list as other entries counts: a
    button of the page's own (a tab, a year to choose) is none.
    """
    lists = {_list_around(row.anchor.element) for row in rows} - {None}
    leading = {each.element for each in page.anchors if not same_page(each.url, page.url)}
    known = {row.anchor.text for row in rows}
    found = dict.fromkeys(
        text
        for element in (page.tree.iter("a") if lists else ())
        if element not in leading and _list_around(element) in lists
        if not any(outer in leading for outer in element.iterancestors())
        if (text := structural_text(element)) not in known and _names_report(text)
    )
    if found:
        yield Finding(
            rule=RULE,
            severity=Severity.WARNING,
            message=f"{len(found)} entries name a report and no url that can be told",
            evidence="; ".join(list(found)[:_MAX_TOLD]),
        )


def _list_around(element: etree._Element) -> etree._Element | None:
    parent = element.getparent()
    return None if parent is None or parent.tag == "body" else parent.getparent()


def _names_report(text: str) -> bool:
    fits = len(text) <= _LONGEST and _YEAR.search(text) is not None
    return fits and words().report.search(text) is not None
