"""URLs as sort keys (SURT), as the indexes of web archives spell them; pure.

Two spellings that web archives take for one page get one key: host reversed and without www,
everything lower case, query sorted, session ids dropped. That joins more than our own
`canonical`; it is for exchange with others only. Rules: those of the Internet Archive's
canonicalizer, found by comparing keys with cdxj-indexer.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes, urlsplit

_WWW = re.compile(r"www\d*\.")
_SESSION_IN_PATH = re.compile(
    r"\A(/(?:[^?]*/)?)\((?:[0-9a-z]{24}|(?:[a-z]\([0-9a-z]{24}\))+)\)/([^?]+\.aspx.*)"
)
_SESSIONS_IN_QUERY = re.compile(
    r"(?P<before>^|&)"
    r"(?:(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24}"
    r"|cfid=[^&]{1,200}&cftoken=[^&]{1,200})(?:&|$)"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_UNQUOTING = 20


@lru_cache(maxsize=4_096)
def surt(uri: str) -> str:
    """The sort key of a URL; anything but http(s) is only made lower case.

    >>> surt("http://www.pingtan.gov.cn/zwgk/Index.htm?b=2&A=1")
    'cn,gov,pingtan)/zwgk/index.htm?a=1&b=2'
    """
    try:
        parts = urlsplit(uri.strip())
        port = parts.port
    except ValueError:
        return uri.lower()
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return uri.lower().rstrip("/")
    host = _host(parts.hostname)
    shown_port = f":{port}" if port not in (None, _DEFAULT_PORTS[parts.scheme]) else ""
    query = _query(_spelled(parts.query))
    return f"{host}{shown_port}){_path(_spelled(parts.path))}{'?' + query if query else ''}"


def _host(name: str) -> str:
    try:
        name = name.encode("idna").decode()
    except UnicodeError:
        name = _spelled(name)
    if ":" in name:
        return name
    bare = name.strip(".")
    if "." in bare:
        bare = _WWW.sub("", bare, count=1) if _WWW.match(bare) else bare
    return ",".join(reversed(bare.split(".")))


def _spelled(text: str) -> str:
    """Lower case, and every character escaped in the one way that it has to be."""
    raw = text.encode("utf-8", "surrogatepass")
    for _ in range(_MAX_UNQUOTING):
        unquoted = unquote_to_bytes(raw)
        if unquoted == raw:
            break
        raw = unquoted
    kept = (
        chr(byte) if 0x21 <= byte <= 0x7E and byte not in b"%#" else f"%{byte:02x}" for byte in raw
    )
    return "".join(kept).lower()


def _path(path: str) -> str:
    """`..` takes an empty part away too: so the web archives' keys do."""
    parts: list[str] = []
    for part in path.split("/")[1:]:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    joined = "/" + "/".join(filter(None, parts))
    session = _SESSION_IN_PATH.fullmatch(joined)
    return session[1] + session[2] if session else joined


def _query(query: str) -> str:
    without = _SESSIONS_IN_QUERY.sub(lambda match: match["before"], query)
    return "&".join(sorted(without.split("&"), key=lambda each: each.split("=", 1)))
