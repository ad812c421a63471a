"""Portals that no catalogue row names."""

import hashlib
import re
from typing import Final
from urllib.parse import urlsplit

_NOT_IN_KEYS: Final = re.compile("[^A-Za-z0-9]+")
_HOST_IN_KEY: Final = 56  # characters, so that a key keeps within its 64


def ad_hoc_key(url: str) -> str:
    """The key of a portal that no catalogue row names: its host and a few letters of its URL,
    so that two sections of one host are two portals.

    >>> ad_hoc_key("http://127.0.0.1:8000/nb/index.html")
    '127-0-0-1-8000-2e68ce'
    """
    host = _NOT_IN_KEYS.sub("-", urlsplit(url).netloc)[:_HOST_IN_KEY].strip("-")
    return f"{host}-{hashlib.sha256(url.encode()).hexdigest()[:6]}"
