"""Who may be visited without a contact address in the User-Agent: nobody but this machine."""

import ipaddress
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from archive.model.errors import UsageError
from archive.model.portal import Portal


def ask_for_contact(portals: Iterable[Portal], contact: str | None) -> None:
    """UsageError when one of the portals is not on this machine and no contact was given."""
    if contact:
        return
    for portal in portals:
        for entry in portal.entries:
            if not is_loopback(entry):
                raise UsageError(
                    f"crawling {urlsplit(entry).hostname} needs a contact address in the"
                    " User-Agent: set GONGKAI_CONTACT (a mail address or a page about you)"
                )


def left_out(portals: Sequence[Portal], contact: str | None) -> list[Portal]:
    """The shipped portals that a crawl of the whole catalogue leaves out, because nobody gave a
    contact and the user has portals of his own: nobody asked for those that came with Gongkai.
    """
    if contact or all(portal.source == "shipped" for portal in portals):
        return []
    return [
        portal
        for portal in portals
        if portal.source == "shipped" and not all(map(is_loopback, portal.entries))
    ]


def is_loopback(url: str) -> bool:
    """True when a URL never leaves this machine.

    >>> is_loopback("http://127.0.0.1:8000/"), is_loopback("http://www.gov.cn/")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
