"""Which portal a page belongs to that a file of others holds."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from archive.model.errors import UsageError, did_you_mean
from archive.model.portal import Portal
from archive.model.url import same_site
from archive.work.ad_hoc import ad_hoc_key

# Every government portal has its name below gov.cn (国办发〔2018〕85号, 政府网站域名管理).
_GOVERNMENT: Final = re.compile(r"(?:^|\.)gov\.cn$")


class PortalRules:
    """`chosen` (--portal) is the portal of every page; else it is the one on whose site the URL
    lies, as a crawl follows links: of several the one whose entry shares most of host and path. A
    host below gov.cn that nobody names becomes an ad-hoc portal; with `everything` any host.

    stored: the ledger's portals. catalogue: those of the catalogue. UsageError: neither has
    `chosen`.
    """

    def __init__(
        self,
        stored: Iterable[Portal],
        catalogue: Iterable[Portal],
        *,
        chosen: str | None = None,
        everything: bool = False,
    ) -> None:
        # Rows that the ledger has not, or has in an older form.
        self._fresh = {each.key: each for each in catalogue}
        known = {each.key: each for each in stored} | self._fresh
        if chosen is not None and chosen not in known:
            hint = did_you_mean(chosen, known) or "; see gongkai portals list"
            raise UsageError(f"no portal has the key {chosen!r}{hint}")
        self._entries = [(url, each.key) for each in known.values() for url in each.entries]
        self._of_host: dict[str, list[tuple[str, str]]] = {}
        self._chosen = chosen
        self._everything = everything

    def portal_of(self, url: str) -> str | None:
        """The key of the portal that a page belongs to; None for a page of none."""
        if self._chosen is not None:
            return self._chosen
        host = urlsplit(url).netloc
        if host not in self._of_host:
            entries = self._entries
            self._of_host[host] = [each for each in entries if same_site(each[0], url)]
        candidates = self._of_host[host]
        if candidates:
            return max(candidates, key=lambda each: _nearness(each[0], url))[1]
        if not (self._everything or _GOVERNMENT.search(urlsplit(url).hostname or "")):
            return None
        return self._make(url, host)

    def entries_of(self, portal_key: str) -> frozenset[str]:
        """The entries of a portal, as URLs."""
        return frozenset(url for url, key in self._entries if key == portal_key)

    def take_fresh(self, keys: Iterable[str]) -> list[Portal]:
        """The portals among `keys` whose rows are to be stored; each is given once."""
        return [self._fresh.pop(key) for key in sorted({*keys} & self._fresh.keys())]

    def _make(self, url: str, host: str) -> str:
        root = f"{urlsplit(url).scheme}://{host}/"
        portal = Portal(key=ad_hoc_key(root), name=root, entries=(root,), source="ad-hoc")
        self._fresh[portal.key] = portal
        self._entries.append((root, portal.key))
        self._of_host.clear()
        return portal.key


def _nearness(entry: str, url: str) -> tuple[bool, int]:
    """The same host first, then as many folders of the path as both share."""
    mine, theirs = urlsplit(entry), urlsplit(url)
    shared = 0
    for one, other in zip(mine.path.split("/")[:-1], theirs.path.split("/"), strict=False):
        if one != other:
            break
        shared += 1
    return mine.netloc == theirs.netloc, shared
