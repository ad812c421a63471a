"""Which internet addresses are public: where a page of the web may lead a crawler (CWE-918)."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_UNICAST: Final = IPv6Network("2000::/3")  # all that IANA gives out for the public net
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_COMPATIBLE: Final = IPv6Network("::/96")  # RFC 4291 section 2.5.5.1, long obsolete
_LAST_32: Final = 0xFFFFFFFF


def is_public(number: str) -> bool:
    """Whether an IPv4 or IPv6 address is of the public net; False for what is no address. An IPv6
    address that carries an IPv4 one (mapped, 6to4, NAT64) is as public as that one is.

    >>> [is_public(ip) for ip in ("202.106.0.20", "2400:da00::6666", "::ffff:202.106.0.20")]
    [True, True, True]
    >>> [is_public(ip) for ip in ("100.64.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "fec0::1")]
    [False, False, False, False]
    """
    try:
        found = ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast
    inner = _carried(found)
    if inner is not None:
        return inner.is_global and not inner.is_multicast
    return found in _UNICAST and found.is_global


def _carried(found: IPv6Address) -> IPv4Address | None:
    if found in _NAT64 or found in _COMPATIBLE:
        return IPv4Address(int(found) & _LAST_32)
    return found.ipv4_mapped or found.sixtofour
