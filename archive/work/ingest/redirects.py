"""Where a redirect may lead: bounded in number, never back, never to another site's pages. Pure."""

from collections.abc import Mapping
from typing import Final

from archive.model.frontier import Lease
from archive.model.outcome import Outcome, Role
from archive.model.url import key_of, same_site

MAX_HOPS: Final = 10


def turn_of(
    lease: Lease, target: str, redirects: Mapping[str, str], *, into_private: bool, how: str = ""
) -> tuple[Outcome, str]:
    """How a URL ends that leads to `target`, and why; REDIRECTED where it is followed.

    redirects: where other URLs of this run were found to lead. into_private: whether the
        target lies in a private network and this URL does not. how: by what it leads there,
        where it is no Location.
    """
    hops = (*lease.hops, lease.url)
    if _leads_back(target, hops, redirects):
        return Outcome.FAILED, f"redirect loop to {target}{how}"
    if len(hops) > MAX_HOPS:
        return Outcome.FAILED, f"more than {MAX_HOPS} redirects"
    if into_private:
        return Outcome.OUT_OF_SCOPE, f"redirects into a private network: {target}{how}"
    if lease.role is not Role.ENTRY and not same_site(lease.url, target):
        return Outcome.OUT_OF_SCOPE, f"redirects to another site: {target}{how}"
    return Outcome.REDIRECTED, f"to {target}{how}"


def _leads_back(target: str, hops: tuple[str, ...], redirects: Mapping[str, str]) -> bool:
    led = {key_of(hop) for hop in hops}
    for _ in range(MAX_HOPS):
        if key_of(target) in led:
            return True
        if target not in redirects:
            return False
        target = redirects[target]
    return True
