"""Which URLs a crawl fetches that only searches the annual-report section."""

from collections.abc import Sequence
from typing import Final

from archive.model.frontier import Lease
from archive.model.outcome import Role

MAX_LISTS: Final = 8


def on_the_way(leases: Sequence[Lease], lists_before: int) -> tuple[list[Lease], list[Lease]]:
    """The leases that lead to sections, and the others, which wait for the portal's first crawl.

    lists_before: how many lists were taken up already; no more than MAX_LISTS are looked at.
    """
    wanted: list[Lease] = []
    others: list[Lease] = []
    for lease in leases:
        is_list = lease.role is Role.LIST
        fits = lease.role in (Role.ENTRY, Role.NAVIGATION) or (is_list and lists_before < MAX_LISTS)
        lists_before += is_list and fits
        (wanted if fits else others).append(lease)
    return wanted, others
