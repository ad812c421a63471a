"""URLs as keys: two spellings of one page must meet, two pages must not.

Rules: the URL standard (url.spec.whatwg.org) for what a browser asks for, RFC 3986 section
6.2.2–6.2.3 for one spelling of it (case, percent-encoding, dot segments, default port, empty path).
The query is left in its order: some portals answer differently when it changes. A session
id that a servlet puts behind the path is no part of the URL (it comes as a cookie too): with it
every visit would find every page anew.
"""

import re
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from archive.model.host import is_number, spelled_host
from archive.model.network import is_public
from archive.model.sessions import without_session

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_URL: Final = 4_000
"""Characters of a url that is asked for; of a longer one only its row is kept, see `clipped`."""

MAX_KEY_BYTES: Final = 2_000
"""Bytes of a page's key in UTF-8, see `key_of`."""

_KEPT_OF_CLIPPED: Final = 1_000
_CLIPPED = re.compile(r"#clipped,length=(\d{1,9}),sha256=[0-9a-f]{32}$")
_ANOTHER_SITE: Final = "#another-site"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")  # RFC 3986 section 2.3
_SESSION = re.compile(r";jsessionid=[\w.!:-]*", re.ASCII | re.IGNORECASE)
_SCHEME = re.compile(r"(https?):(/*)", re.IGNORECASE)
# A link as most are: no escapes, no white space, no dots that lead elsewhere (`_joined`
# leaves these out), an origin in lower case.
_PLAIN = re.compile(
    r"(https?://[a-z0-9][a-z0-9.:-]*)?(?:(/)|\./)?((?:[\w~-][\w~./=&-]*)?)(\?[\w~./=&-]+)?",
    re.ASCII,
)
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_LINE_ENDS = re.compile("[\t\r\n]")
_CONTROLS = "".join(map(chr, range(0x21)))


def canonical(url: str) -> str | None:
    """The one spelling under which an http(s) URL is kept; None when it is no such URL.

    The fragment, a default port and surrounding white space go; scheme and host are lower case;
    Chinese characters are percent-encoded as UTF-8. A name that no server can have (a space or an
    empty label in it, a fullwidth slash, an impossible port) makes no URL.

    >>> canonical(" HTTP://WWW.Pingtan.gov.cn:80/zwgk/年报.htm#top ")
    'http://www.pingtan.gov.cn/zwgk/%E5%B9%B4%E6%8A%A5.htm'
    >>> canonical("http://x.gov.cn/nb/../%6eb/%e5%b9%b4.jsp;jsessionid=0A1B?id=1")
    'http://x.gov.cn/nb/%E5%B9%B4.jsp?id=1'
    >>> canonical("http://[0:0::1]:8000")
    'http://[::1]:8000/'
    >>> canonical("javascript:void(0)") is None
    True
    """
    try:
        return _canonical(_cleaned(url))
    except ValueError:
        return None


def _canonical(cleaned: str) -> str | None:
    if "[" in cleaned and ":" not in (urlsplit(cleaned).hostname or ":"):
        return None  # brackets around what is no IPv6 address
    parts = urlsplit(safe_url_string(cleaned))
    port = parts.port
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = spelled_host(parts.hostname)
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    path = _without_dots(_SESSION.sub("", _PERCENT.sub(_spelled, parts.path)))
    return urlunsplit((scheme, netloc, path, _PERCENT.sub(_spelled, parts.query), ""))


def _cleaned(url: str) -> str:
    """What the parser of browsers makes of a url before it takes it apart: no line ends, tabs and
    fragment, backslashes as slashes, no halves of characters.
    """
    url = _LINE_ENDS.sub("", url.strip().strip(_CONTROLS)).partition("#")[0]
    if not url.isascii():
        url = _HALF_CHARACTERS.sub("\ufffd", url)
    path, joint, query = url.partition("?")
    return path.replace("\\", "/") + joint + query


def _spelled(escape: re.Match[str]) -> str:
    """One escape in its one spelling: upper case, and none for an unreserved character."""
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


def resolve(base: str, href: str, encoding: str = "utf-8") -> str | None:
    """The canonical URL of a link printed on the page at `base`; None when it leads nowhere
    a crawler can go (script, mail, fragment of the same page, malformed). One that is too long to
    be asked for comes `clipped`.

    encoding: of the page, see `archive.reading.html.charset.Decoded.link_encoding`: browsers write
    the query of a link in it, and the path in UTF-8.

    >>> resolve("http://x.gov.cn/nb/index.html", "./202503/t20250310_1.htm")
    'http://x.gov.cn/nb/202503/t20250310_1.htm'
    >>> resolve("http://x.gov.cn/nb/", "年报.asp?lm=年报", "gbk")
    'http://x.gov.cn/nb/%E5%B9%B4%E6%8A%A5.asp?lm=%C4%EA%B1%A8'
    >>> resolve("http://x.gov.cn/nb/", "#top") is None
    True
    """
    plain = _PLAIN.fullmatch(href)
    try:
        if plain is not None and (found := _joined(base, plain)) is not None:
            return found
        path, joint, query = _cleaned(href).partition("?")
        if not path and not joint:
            return None
        href = _whole_scheme(base, path) + joint + _in_encoding(query, encoding)
        found = _canonical(urljoin(base, href))
    except ValueError:
        return None
    return found if found is None or len(found) <= MAX_URL else clipped(found)


def _joined(base: str, plain: re.Match[str]) -> str | None:
    """A link without anything that needs another spelling, joined to its base: what the steps of
    `resolve` give, in a tenth of their time. None when they are needed.
    """
    origin, start, path, query = plain.groups("")
    root, folder = _place(base)
    if origin:
        root, _ = _place(origin)
    if root is None or (origin and not start and path) or "//" in path or "/." in path:
        return None
    if origin or start:
        found = f"{root}/{path}{query}"
    elif path and folder is not None:
        found = f"{root}{folder}{path}{query}"
    else:
        return None
    return found if len(found) <= MAX_URL else None


@lru_cache(maxsize=2_000)
def _place(base: str) -> tuple[str | None, str | None]:
    """Scheme and host of a URL in their one spelling; None without any. And the folder of its path,
    None where that is not plain.
    """
    parts = urlsplit(base)
    root = canonical(f"{parts.scheme}://{parts.netloc}/")
    folder = parts.path.rpartition("/")[0] + "/"
    plain = _PLAIN.fullmatch(folder) and "//" not in folder and "/." not in folder
    return root and root[:-1], folder if plain else None


def _whole_scheme(base: str, path: str) -> str:
    """``http:/x.gov.cn/`` and ``http:///x.gov.cn/`` mean a host to browsers; with the page's own
    scheme and fewer slashes they mean a path of its host.
    """
    found = _SCHEME.match(path)
    if found is None:
        return path
    own = base.lower().startswith(f"{found[1].lower()}:")
    return path if own and len(found[2]) < 2 else f"{found[1]}://{path[found.end() :]}"


def _in_encoding(query: str, encoding: str) -> str:
    if query.isascii() or encoding == "utf-8":
        return query
    return _BEYOND_ASCII.sub(
        lambda run: "".join(_escaped(letter, encoding) for letter in run[0]), query
    )


@lru_cache(maxsize=10_000)
def _escaped(letter: str, encoding: str) -> str:
    """A character of a query in the page's encoding; one that it has not as a reference (URL
    standard: percent-encode after encoding; GBK writes what GB 18030 has in two bytes).
    """
    try:
        written = letter.encode("gb18030" if encoding == "gbk" else encoding)
    except UnicodeEncodeError:
        written = b""
    if not written or (encoding == "gbk" and len(written) > 2):
        return quote(f"&#{ord(letter)};", safe="")
    return quote(written)


def clipped(url: str) -> str:
    """The key under which a url is told that is too long to be asked for: its beginning, and in
    place of a fragment its length and a digest of the whole, so that two stay two.

    >>> clipped("http://x.gov.cn/?" + "a" * 5_000)[-60:-35]
    '#clipped,length=5017,sha2'
    """
    digest = sha256(url.encode()).hexdigest()[:32]
    return f"{url[:_KEPT_OF_CLIPPED]}#clipped,length={len(url)},sha256={digest}"


def on_another_site(url: str) -> str:
    """The key under which a report is told that a portal's list names on another site: the URL with
    a fragment of ours, so that it never meets the page of the portal whose site that is.

    >>> on_another_site("http://y.gov.cn/nb/1.html")
    'http://y.gov.cn/nb/1.html#another-site'
    """
    return url if why_not_visited(url) else f"{url}{_ANOTHER_SITE}"


def why_not_visited(url: str) -> str | None:
    """Why a URL is never asked for: it was `clipped`, or is `on_another_site`; None for all others.

    >>> why_not_visited(clipped("http://x.gov.cn/?" + "a" * 5_000))
    'its url is too long to be asked for: 5,017 characters, at most 4,000'
    """
    if url.endswith(_ANOTHER_SITE):
        site = urlsplit(url).hostname
        return (
            f"a list names this report on another site ({site}): only the portal's own pages are"
            " visited"
        )
    found = _CLIPPED.search(url)
    if found is None:
        return None
    length = int(found[1])
    return f"its url is too long to be asked for: {length:,} characters, at most {MAX_URL:,}"


def without_tls(url: str) -> str:
    """The URL by http where it names https; else as it is.

    >>> without_tls("https://x.gov.cn/"), without_tls("http://x.gov.cn/")
    ('http://x.gov.cn/', 'http://x.gov.cn/')
    """
    return f"http://{url.removeprefix('https://')}" if url.startswith("https://") else url


@lru_cache(maxsize=1024)  # a request asks some forty times
def host_of(url: str) -> str:
    """The host that politeness counts by: scheme, name and port of a URL, always with the port.

    >>> host_of("http://x.gov.cn/nb/")
    'http://x.gov.cn:80'
    >>> host_of("http://[::1]:8000/")
    'http://[::1]:8000'
    """
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{name}:{port}"


def key_of(url: str, method: str = "GET", body: str | None = None) -> str:
    """The key of a page in the ledger: its URL without what names the visit (sessions); for a
    POST also what was sent, spelled as web archives do (pywb's ``__wb_method``), so that two
    windows of one list are two pages. Of what is longer than MAX_KEY_BYTES a digest stands in for
    the end: PostgreSQL refuses longer keys in an index.
    """
    key = without_session(url)
    if method != "GET":
        joint = "&" if urlsplit(key).query else "?"
        key = f"{key}{joint}__wb_method={method}&{body or ''}"
    spelled = key.encode("utf-8", "surrogatepass")
    if len(spelled) <= MAX_KEY_BYTES:
        return key
    begin = spelled[: MAX_KEY_BYTES - 128].decode("utf-8", "ignore")
    return f"{begin}#sha256={sha256(spelled).hexdigest()}"


def is_private(url: str) -> bool:
    """Whether a URL names this machine or a network of its own by number (or localhost), in
    any spelling that resolvers take: where no public page should lead a crawler (CWE-918).

    >>> [is_private(f"http://{host}/") for host in ("127.1", "[fe80::1]", "169.254.169.254")]
    [True, True, True]
    >>> is_private("http://www.gov.cn/"), is_private("http://202.106.0.20/")
    (False, False)
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if ":" in host:
        return not is_public(host)
    try:
        spelled = spelled_host(host)
    except ValueError:
        return False
    return is_number(spelled) and not is_public(spelled)


def same_site(one: str, other: str) -> bool:
    """True when two URLs belong to one site: the same host, whatever scheme and port, or the
    same registered name. What is registered below which suffix (gov.cn, com.cn, 公司.cn, the
    suffixes of hosting companies) tells the Public Suffix List that tldextract brings.

    >>> same_site("http://www.yj.gov.cn/a", "https://xxgk.yj.gov.cn/b")
    True
    >>> same_site("http://www.yj.gov.cn/", "http://www.ld.gov.cn/")
    False
    >>> same_site("http://a.com.cn/", "http://b.com.cn/")
    False
    """
    mine, theirs = _host(one), _host(other)
    return bool(mine) and (mine == theirs or _registered(mine) == _registered(theirs))


def _host(url: str) -> str:
    """The host as it is compared: in ASCII, without the dot at its end; "" when there is none."""
    try:
        return spelled_host(urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""


@lru_cache(maxsize=10_000)
def _registered(host: str) -> str:
    """The name that its owner registered; a number, a suffix itself or a single word stands for
    itself. Below an end that nobody lists (.example) it is the last two labels.
    """
    if is_number(host):
        return host
    found = _suffixes().extract_str(host)
    if not found.suffix:
        return ".".join(host.split(".")[-2:])
    return f"{found.domain}.{found.suffix}" if found.domain else host


@lru_cache(maxsize=1)
def _suffixes() -> "TLDExtract":
    """The list as the package has it; nobody is asked for a newer one, and nothing is cached."""
    from tldextract import TLDExtract  # noqa: PLC0415 - a sixth of a second, which most commands never need

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
