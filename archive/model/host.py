"""Hosts as browsers spell them (URL standard, section 3.5: host parsing)."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote

# Forbidden domain code points; what else a name may hold is the name server's to judge.
_FORBIDDEN = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")
_LAST_IS_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0[xX][0-9a-fA-F]*)\.?$", re.ASCII)
_NUMBER = re.compile(
    r"0[xX](?P<hex>[0-9a-fA-F]*)|0(?P<octal>[0-7]+)|(?P<decimal>0|[1-9]\d*)", re.ASCII
)
_MAX_LABEL, _MAX_NAME = 63, 253


@lru_cache(maxsize=10_000)
def spelled_host(host: str) -> str:
    """The one spelling of a url's host: ASCII, lower case, a number in its usual form, an IPv6
    address in brackets. ValueError when no server can have that name.

    >>> spelled_host("WWW.政务.中国"), spelled_host("0x7f.1"), spelled_host("0:0::1")
    ('www.xn--zfr164b.xn--fiqs8s', '127.0.0.1', '[::1]')
    """
    if ":" in host:
        return f"[{IPv6Address(_without_zone(host))}]"
    if "%" in host:
        host = unquote(host, errors="strict")
    if not host.isascii():
        host = host.encode("idna").decode()
    host = host.lower()
    labels = host.removesuffix(".").split(".")
    if _FORBIDDEN.search(host) or not all(0 < len(label) <= _MAX_LABEL for label in labels):
        raise ValueError(f"no name of a host: {host[:300]!r}")
    if len(host) > _MAX_NAME + 1:
        raise ValueError(f"too long for a name: {len(host)} characters")
    return _number(labels) if _LAST_IS_NUMBER.search(host) else host


def is_number(host: str) -> bool:
    """Whether a host, as `spelled_host` gives it, is an IP address."""
    return host.startswith("[") or _LAST_IS_NUMBER.search(host) is not None


def _without_zone(host: str) -> str:
    if "%" in host:
        raise ValueError("a zone belongs to one machine, not to a url")
    return host


def _number(labels: list[str]) -> str:
    """An IPv4 address from one to four parts, each decimal, octal or hexadecimal."""
    values = [_value(label) for label in labels]
    last = values.pop()
    if len(values) > 3 or any(value > 255 for value in values) or last >= 256 ** (4 - len(values)):
        raise ValueError("no IPv4 address")
    return str(IPv4Address(last + sum(value << 8 * (3 - n) for n, value in enumerate(values))))


def _value(label: str) -> int:
    found = _NUMBER.fullmatch(label)
    if found is None:
        raise ValueError("no part of an IPv4 address")
    if found["hex"] is not None:
        return int(found["hex"] or "0", 16)
    return int(found["octal"], 8) if found["octal"] else int(found["decimal"])
