"""Host groups: portals whose hosts share one pace. Pure.

Portals with a host, an IP address and port, or a platform in common are one group; jobs of a group
wait for each other. What is not known yet (where a name leads, before its first visit) is found out
by the visit itself, which takes its hosts one by one (crawler.frontier.claims).
"""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from archive.model.portal import Portal
from archive.model.url import host_of


def host_groups(portals: Iterable[Portal], numbers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The group of each portal, by key; portals of one group have the same name for it. numbers:
    the IP addresses of hosts, by name.
    """
    parts = {portal.key: _parts(portal, numbers) for portal in portals}
    leader: dict[str, str] = {}
    for names in parts.values():
        _join(leader, names)
    return {key: _leader(leader, names[0]) for key, names in parts.items()}


def _parts(portal: Portal, numbers: Mapping[str, Sequence[str]]) -> list[str]:
    """What a portal may have in common with others."""
    found = [f"platform:{portal.platform}"] if portal.platform else []
    for name in dict.fromkeys(map(host_of, portal.entries)):
        port = urlsplit(name).port or 0
        found += [name, *(f"{number}:{port}" for number in numbers.get(name, ()))]
    return found or [portal.key]


def _join(leader: dict[str, str], names: Sequence[str]) -> None:
    """One group of all that these names lead to; the first name in the alphabet names it."""
    leaders = sorted({_leader(leader, name) for name in names})
    for each in leaders:
        leader[each] = leaders[0]


def _leader(leader: dict[str, str], name: str) -> str:
    while leader.setdefault(name, name) != name:
        leader[name] = leader[leader[name]]
        name = leader[name]
    return name
