"""Watches the lists of a run while it goes on: a list that repeats another one under ever new urls,
and a portal that names more lists than any portal has. Pure.

Traps of this kind (a forgotten "http://" on a server that answers every path below, calendars,
queries in every order, /a/a/a/) never end by themselves, and their breadth doubles with each step.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from archive.model.frontier import Lease, Record
from archive.model.outcome import Role
from archive.model.reading import Kind, Reading

EQUAL_LISTS_LIMIT: Final = 30  # in a row: then no list of the portal is followed any more
EQUAL_LISTS_TAKEN: Final = 3  # in a row: pages that further ones name are copies
MAX_FOLDERS: Final = 8  # remembered of a content
CUT: Final = "no further list of the portal is visited: "
_YEAR: Final = re.compile(r"(?<![0-9])20[0-4][0-9]")
_TARGETS: Final = (Role.PAGE, Role.ATTACHMENT)


@dataclass(slots=True)
class _Seen:
    """What one portal's lists name. items: contents with the absolute urls of what they name;
    folders: contents with the urls below the list's own folder, and the folders they stood in.
    """

    items: dict[bytes, str] = field(default_factory=dict)
    folders: defaultdict[bytes, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    equal_in_a_row: int = 0


class ListWatch:
    """budgets: lists in a run at most, by portal; default: of a portal that names none. lists: how
    many a resumed run has visited already.
    """

    def __init__(
        self, *, budgets: Mapping[str, int], default: int, lists: Mapping[str, int]
    ) -> None:
        self._budgets = budgets
        self._default = default
        self._lists = Counter(lists)
        self._seen: defaultdict[str, _Seen] = defaultdict(_Seen)
        self._cut: dict[str, str] = {}

    def cut(self, portal_key: str) -> str | None:
        """Why no further list of the portal is visited in this run; None while lists are."""
        return self._cut.get(portal_key)

    def any_cut(self) -> str | None:
        """Why the first of the portals was cut; None when none was."""
        return next(iter(self._cut.values()), None)

    def is_cut(self, lease: Lease) -> bool:
        """Whether a leased URL is a list that is not visited any more. One whose answer is
        kept is read.
        """
        return (
            lease.role is Role.LIST
            and lease.pending_capture is None
            and lease.portal_key in self._cut
        )

    def filter_links(self, lease: Lease, record: Record) -> Record:
        """Takes note of how a URL ended; the record with those links that are followed."""
        key, reading = lease.portal_key, record.reading
        read_so = lease.role in _TARGETS and reading is not None and reading.kind is Kind.LIST
        if not lease.role.is_list and not read_so:
            return record
        equal = reading is not None and self._repeats(key, lease.url, reading)
        self._count(key)
        links = record.links
        if equal and self._seen[key].equal_in_a_row > EQUAL_LISTS_TAKEN:
            links = tuple(link for link in links if link.role not in _TARGETS)
        if key in self._cut and read_so:
            links = ()  # what a page names that is a list after all may go on for ever
        elif key in self._cut:
            links = tuple(link for link in links if link.role is not Role.LIST)
        return record if links == record.links else replace(record, links=links)

    def _count(self, key: str) -> None:
        budget = self._budgets.get(key, self._default)
        self._lists[key] += 1
        if self._lists[key] >= budget:
            why = f"{budget} lists a run are its budget (max_lists in its row; then crawl --full)"
            self._cut.setdefault(key, CUT + why)

    def _repeats(self, key: str, url: str, reading: Reading) -> bool:
        if reading.kind is not Kind.LIST:
            return False
        seen = self._seen[key]
        first = _first_of_its_kind(seen, url, reading)
        seen.equal_in_a_row = seen.equal_in_a_row + 1 if first else 0
        if first and seen.equal_in_a_row >= EQUAL_LISTS_LIMIT:
            why = f"{EQUAL_LISTS_LIMIT} in a row repeat {first}"
            self._cut.setdefault(key, CUT + why)
        return first is not None


def _first_of_its_kind(seen: _Seen, url: str, reading: Reading) -> str | None:
    """The list that this one repeats: the same lines and the same targets, or the same targets
    below a folder that lies within the other's. None when it is the first; then it is remembered.
    """
    targets = [link for link in reading.links if link.role in _TARGETS]
    # Ways to further lists look like entries and turn with every page; what is of a year does not.
    dated = [link for link in targets if _YEAR.search(link.text)]
    items = sorted(link.url for link in dated or targets)
    folder = f"{url.partition('?')[0].rpartition('/')[0]}/"
    exact = _digest(reading, items)
    below = _digest(reading, [each.removeprefix(folder) for each in items])
    known = seen.folders[below]
    outer = next(
        (first for at, first in known.items() if at != folder and folder.startswith(at)), None
    )
    if items and exact in seen.items and seen.items[exact] != url:
        return seen.items[exact]
    if outer is not None:
        return outer
    seen.items.setdefault(exact, url)
    if len(known) < MAX_FOLDERS:
        known.setdefault(folder, url)
    return None


def _digest(reading: Reading, items: list[str]) -> bytes:
    text = "\n".join((reading.content_hash, *items))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
