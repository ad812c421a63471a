"""What a URL shows to people: never its password."""

import re
from typing import Final

_USER: Final = re.compile(r"\A([\w.+-]+://[^:/@?]*)(?::.*)?@([^@]*)")
_USER_BEGINS: Final = re.compile(r"//|:(?!//)")
_PARAMETER: Final = re.compile(r"([?&;]\w*(?:pass|secret|token|key)\w*=)[^&]*", re.IGNORECASE)


def without_secrets(url: str) -> str:
    """A URL with `***` in place of its password; where it is none, in place of all before its `@`.

    >>> without_secrets("postgresql://me:pw@host/a?password=pw")
    'postgresql://me:***@host/a?password=***'
    >>> without_secrets("postgresql//me:pw@host/a")
    'postgresql//***@host/a'
    """
    shown = _PARAMETER.sub(r"\1***", url)
    if "@" not in shown:
        return shown
    found = _USER.fullmatch(shown)
    if found is None:
        before, _, host = shown.rpartition("@")
        begins = _USER_BEGINS.search(before)
        return f"{before[: begins.end()] if begins else ''}***@{host}"
    has_password = len(found[1]) + 1 + len(found[2]) < len(shown)
    return f"{found[1]}{':***' if has_password else ''}@{found[2]}"
