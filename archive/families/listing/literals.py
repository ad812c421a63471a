"""Parameters that a page's scripts spell out: ``{'webId':'12', columnid: 77}``. Nothing is run."""

import re

_PAIR = re.compile(
    r"[\"']?(?P<name>[A-Za-z_]\w{0,40})[\"']?\s*:\s*"
    r"(?:'(?P<single>[^']{0,500})'|\"(?P<double>[^\"]{0,500})\"|(?P<number>-?\d{1,15}))"
)
_MAX_PAIRS = 60


def literals(text: str) -> dict[str, str]:
    """The names and literal values of an object as JavaScript spells it; what is computed is left
    out.

    >>> literals("{'webId':'12', columnid: 77, path: a + b}")
    {'webId': '12', 'columnid': '77'}
    """
    found: dict[str, str] = {}
    for pair in _PAIR.finditer(text):
        single, double, number = pair.group("single", "double", "number")
        found[pair.group("name")] = next(v for v in (single, double, number) if v is not None)
        if len(found) >= _MAX_PAIRS:
            break
    return found
