"""Pages that a family's script declares: a number of pages and a rule for their names."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from archive.families.listing.anchors import Page
from archive.families.listing.roles import folder_form
from archive.families.records import Family, Pager
from archive.model.outcome import Role
from archive.model.reading import Link

# No list of reports is longer; a larger number is a trap or a mistake.
MAX_PAGES = 2_000
_MAX_TEXT = 2_000_000


def declared_pages(family: Family, page: Page) -> tuple[tuple[Link, ...], int]:
    """The pages that the family's first fitting pager names (this one too), and how many there
    are; nothing and 0 when no pager of the family is on the page.
    """
    text = page.text[:_MAX_TEXT]
    for pager in family.pagers:
        groups = _groups(pager, text, page.url)
        if groups and (total := _total(groups)):
            return tuple(_pages(pager, groups, total, page)), total
    return (), 0


def _groups(pager: Pager, text: str, url: str) -> dict[str, str] | None:
    """What the pager's patterns found; None when one of them found nothing."""
    groups: dict[str, str] = {}
    for pattern in pager.patterns:
        found = pattern.search(text) or pattern.search(f"@{url}")
        if not found:
            return None
        groups |= found.groupdict()
    return groups


def _total(groups: Mapping[str, str]) -> int:
    if "pages" in groups:
        return int(groups["pages"])
    per_page = int(groups["perpage"])
    return -(-int(groups["records"]) // per_page) if per_page else 0


def _pages(pager: Pager, groups: dict[str, str], total: int, page: Page) -> Iterator[Link]:
    if pager.first is not None:
        # Portals link to their lists as folders; one spelling saves a second visit.
        first = _page(pager.first, groups | _numbers(groups, total, 1), page)
        yield from (replace(link, url=folder_form(link.url)) for link in first)
    for number in range(pager.first_page, min(total, MAX_PAGES) + 1):
        yield from _page(pager.page, groups | _numbers(groups, total, number), page)


def _page(template: str, names: Mapping[str, str], page: Page) -> Iterator[Link]:
    if target := page.resolve(template.format_map(names)):
        yield Link(url=target, text=f"第{names['p']}页", role=Role.LIST)


def _numbers(groups: Mapping[str, str], total: int, number: int) -> dict[str, str]:
    perpage = int(groups.get("perpage", 0))
    return {
        "p": str(number),
        "p0": str(number - 1),
        "back": str(total - number + 1),
        "start": str((number - 1) * perpage + 1),
        "end": str(number * perpage),
    }
