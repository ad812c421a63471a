"""Addresses (URLs) as keys: two spellings of one page must meet, two pages must not.

Rules: RFC 3986 section 6.2.2–6.2.3 (case, percent-encoding, dot segments, default port, empty
path). The query is left in its order: some portals answer differently when it changes. A session
id that a servlet puts behind the path is no part of the address (it comes as a cookie too): with it
every visit would find every page anew.
"""

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")  # RFC 3986 section 2.3
_SESSION = re.compile(r";jsessionid=[\w.!:-]*", re.ASCII | re.IGNORECASE)


def canonical(url: str) -> str | None:
    """The one spelling under which an http(s) address is kept; None when it is no such address.

    The fragment, a default port and surrounding white space go; scheme and host are lower case;
    Chinese characters are percent-encoded as UTF-8.

    >>> canonical(" HTTP://WWW.Pingtan.gov.cn:80/zwgk/年报.htm#top ")
    'http://www.pingtan.gov.cn/zwgk/%E5%B9%B4%E6%8A%A5.htm'
    >>> canonical("http://x.gov.cn/nb/../%6eb/%e5%b9%b4.jsp;jsessionid=0A1B?id=1")
    'http://x.gov.cn/nb/%E5%B9%B4.jsp?id=1'
    >>> canonical("javascript:void(0)") is None
    True
    """
    try:
        parts = urlsplit(safe_url_string(url.strip()))
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = parts.hostname
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    path = _without_dots(_SESSION.sub("", _PERCENT.sub(_spelled, parts.path)))
    return urlunsplit((scheme, netloc, path, _PERCENT.sub(_spelled, parts.query), ""))


def _spelled(escape: re.Match[str]) -> str:
    """One escape in the one way it is written: upper case, and none for an unreserved character."""
    meant = chr(int(escape[1], 16))
    return meant if _UNRESERVED.fullmatch(meant) else escape[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4, as browsers do before they ask."""
    if "/." not in path:
        return path or "/"
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    ends_in_dots = parts[-1] in (".", "..")
    return "/" + "/".join([*kept, ""] if ends_in_dots and kept else kept)


def resolve(base: str, href: str) -> str | None:
    """The canonical address of a link printed on the page at `base`; None when it leads nowhere
    a crawler can go (script, mail, fragment of the same page, malformed).

    >>> resolve("http://x.gov.cn/nb/index.html", "./202503/t20250310_1.htm")
    'http://x.gov.cn/nb/202503/t20250310_1.htm'
    >>> resolve("http://x.gov.cn/nb/", "#top") is None
    True
    """
    href = "".join(href.split("\n")).strip()
    if not href or href.startswith("#"):
        return None
    try:
        return canonical(urljoin(base, href))
    except ValueError:
        return None


def host_of(url: str) -> str:
    """The host that manners count by: scheme, name and port of an address, always with the port.

    >>> host_of("http://x.gov.cn/nb/")
    'http://x.gov.cn:80'
    """
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def key_of(address: str, method: str = "GET", body: str | None = None) -> str:
    """The key of a page in the ledger: its address; for a POST also what was sent, spelled as
    web archives do (pywb's ``__wb_method``), so that two windows of one list are two pages.
    """
    if method == "GET":
        return address
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}__wb_method={method}&{body or ''}"


def same_site(one: str, other: str) -> bool:
    """True when two addresses belong to one site: the same host name, whatever scheme and port, or
    the same registered name (three labels under gov.cn, two elsewhere).

    >>> same_site("http://www.yj.gov.cn/a", "https://xxgk.yj.gov.cn/b")
    True
    >>> same_site("http://www.yj.gov.cn/", "http://www.ld.gov.cn/")
    False
    """
    return _site(one) == _site(other)


def _site(address: str) -> str:
    host = urlsplit(address).hostname or ""
    if host.replace(".", "").isdigit() or ":" in host:
        return host
    labels = host.split(".")
    return ".".join(labels[-3:] if host.endswith(".gov.cn") else labels[-2:])
