"""Queries and form bodies taken apart and written again without touching their bytes: what a GBK
page escaped stays as it was, and so does what is no text at all.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

# One character a byte: whatever was escaped comes back as it was.
_BYTES = "latin-1"


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Names and values of an escaped query, one character a byte; empty values are kept.

    >>> pairs_of("page=1&lm=%C4%EA")
    [('page', '1'), ('lm', 'Äê')]
    """
    return parse_qsl(query, keep_blank_values=True, encoding=_BYTES)


def query_of(pairs: Iterable[tuple[str, object]] | Mapping[str, object]) -> str:
    """The query of what `pairs_of` gave; a character that is no byte goes out in UTF-8.

    >>> query_of([("page", "2"), ("lm", "Äê"), ("q", "年")])
    'page=2&lm=%C4%EA&q=%E5%B9%B4'
    """
    each = pairs.items() if isinstance(pairs, Mapping) else pairs
    return urlencode([(_bytes(name), _bytes(str(value))) for name, value in each])


def _bytes(text: str) -> bytes:
    try:
        return text.encode(_BYTES)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
