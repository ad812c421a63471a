"""Finds the page that a user means by a URL: any spelling, or the end of one."""

from urllib.parse import urlsplit

from rapidfuzz import fuzz, process

from archive.model.errors import NotFoundError, UsageError
from archive.model.url import canonical
from archive.store import Store
from archive.store.query.questions import PageRow, page_at, pages_ending, some_urls

_NEAR = 3
_LOOKED_AT = 5_000
_SHOWN_MATCHES = 5


def find_page(store: Store, given: str) -> PageRow:
    """The page under a URL in any spelling, with or without scheme, or under a unique end
    of a URL. NotFoundError names the nearest ones; UsageError: several.
    """
    given = given.strip()
    if not given:
        raise UsageError("the URL is empty; give a URL or the end of one")
    with store.read() as connection:
        for spelled in _spellings(given):
            page = page_at(connection, spelled)
            if page is not None:
                return page
        for ending in _endings(given):
            pages = pages_ending(connection, ending, limit=_SHOWN_MATCHES + 1)
            if len(pages) == 1:
                return pages[0]
            if pages:
                raise UsageError(_several(given, pages))
    raise NotFoundError(_none(store, given))


def _spellings(given: str) -> list[str]:
    """Whole URLs that `given` may stand for, the likeliest first."""
    bare = given.split("://", 1)[-1]
    tried = [given] if "://" in given else []
    tried += [f"http://{bare}", f"https://{bare}"]
    found = [given, *(canonical(each) for each in tried)]
    return list(dict.fromkeys(each for each in found if each))


def _endings(given: str) -> list[str]:
    """`given` as the end of a URL: first as whole path segments, then as it stands."""
    spelled = canonical(f"http://x/{given.split('://', 1)[-1].lstrip('/')}")
    ending = spelled.removeprefix("http://x/") if spelled else given
    return [f"/{ending}", ending] if ending else []


def _several(given: str, pages: list[PageRow]) -> str:
    shown = ", ".join(page.key for page in pages[:_SHOWN_MATCHES])
    more = ", …" if len(pages) > _SHOWN_MATCHES else ""
    return f"{given!r} is the end of several URLs: {shown}{more}; give more of it"


def _none(store: Store, given: str) -> str:
    near = nearest(store, given)
    hint = f"; nearest: {', '.join(near)}" if near else "; the archive knows no URL like it"
    return f"no page has the URL {given!r}{hint}"


def _host_and_last(given: str) -> tuple[str, str]:
    """The host of a URL and the last segment of its path; "" for what it does not have."""
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
    except ValueError:  # a host of characters that no host has (／, ℀)
        return "", given.rstrip("/").rsplit("/", 1)[-1]
    return parts.hostname or "", parts.path.rstrip("/").rsplit("/", 1)[-1]


def nearest(store: Store, given: str) -> list[str]:
    """Up to three URLs of the archive that look like `given`, the likest first."""
    host, last = _host_and_last(given)
    with store.read() as connection:
        for word in (f"//{host}" if host else "", last, ""):
            known = some_urls(connection, word, limit=_LOOKED_AT)
            if known:
                break
    found = process.extract(given, known, scorer=fuzz.partial_ratio, limit=_NEAR)
    return [url for url, _score, _place in found]
