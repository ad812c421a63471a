"""What a request other than GET and HEAD adds to the key of a URL, so that two windows of one list
are two captures to web archives: `__wb_method=POST&` and what was sent; pure.

Rules: pywb 2.10 (its own lookups must find the key) and
https://specs.webrecorder.net/request-body-canonicalization/latest/. A form comes unescaped, JSON
as name and value, anything else in base64 (a multipart form too, which pywb takes apart).
"""

import json
import math
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus, urlencode

from archive.warc.message import head_length

_MAX_QUERY: Final = 4_096
_MAX_BODY: Final = 1024 * 1024
_MAX_DEPTH: Final = 100
_REQUEST = re.compile(rb"\A([A-Z]{1,20}) [^\r\n]* HTTP/[\d.]+\r?\n", re.ASCII)
_HEADER = re.compile(rb"(?im)^(content-type|content-length):[ \t]*([^\r\n]*)")
_WITH_BODY: Final = frozenset({"POST", "PUT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a URL was asked for. method: POST, PUT …; query: what was sent, as part of a key."""

    method: str
    query: str

    def url(self, url: str) -> str:
        """The URL under which a web archive looks the answer up.

        >>> Asked(method="POST", query="start=1").url("http://x.gov.cn/list.jsp")
        'http://x.gov.cn/list.jsp?__wb_method=POST&start=1'
        """
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}__wb_method={self.method}{'&' if self.query else ''}{self.query}"


def asked(request: bytes) -> Asked | None:
    """What a request was; None for GET and HEAD, and for what is no request."""
    found = _REQUEST.match(request)
    if found is None or found[1] in (b"GET", b"HEAD"):
        return None
    method = found[1].decode()
    end = head_length(request)
    if method not in _WITH_BODY or end is None:
        return Asked(method=method, query="")
    headers = {name.lower(): text.strip() for name, text in _HEADER.findall(request[:end])}
    length = headers.get(b"content-length", b"")
    body = request[end : end + min(int(length), _MAX_BODY)] if length.isdigit() else b""
    media_type = headers.get(b"content-type", b"").decode("latin-1").lower()
    return Asked(method=method, query=_query(body, media_type)[:_MAX_QUERY])


def _query(body: bytes, media_type: str) -> str:
    if not body:
        return ""
    try:
        if media_type.startswith("application/x-www-form-urlencoded"):
            return unquote_plus(body.decode())
        if media_type.startswith(("application/json", "text/plain")):
            return _of_json(body)
    except (ValueError, RecursionError):
        if media_type.startswith("application/json"):
            return ""
    return f"__wb_post_data={b64encode(body).decode()}"


def _of_json(body: bytes) -> str:
    """Names and values without the nesting; a name's second value gets `.2_`, and so on."""
    count: dict[str, int] = {}
    named: dict[str, str] = {}
    for name, value in _leaves(json.loads(body), "", _MAX_DEPTH):
        count[name] = count.get(name, 0) + 1
        named[name if count[name] == 1 else f"{name}.{count[name]}_"] = value
    return urlencode(named)


def _leaves(value: object, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, key, depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name, depth - 1)
    elif name:
        yield name, _spelled(value)


def _spelled(value: object) -> str:
    """As JavaScript spells it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)
