"""The rules of a robots.txt by RFC 9309, with failures closed. Pure.

An answer of 5xx (or none at all) closes the host: section 2.3.1.4. 4xx opens it: 2.3.1.3.
"""

import re
from dataclasses import dataclass
from typing import Final

from protego import Protego

TOO_MANY_REQUESTS: Final = 429  # a 4xx by number; it closes the host
NOT_MODIFIED: Final = 304
_AGENT_LINE: Final = re.compile(r"\A\s*user[ -]?agent[\s:]\s*:?\s*([^#]*)", re.IGNORECASE)
_SOMEBODY_ELSE: Final = "-"
_BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a URL may not be fetched. down: no answer came at all, so it is the host that fails,
    not its rules that forbid.
    """

    reason: str
    down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a host allows. closed: why nothing may be asked at all; None when rules were read."""

    closed: Refusal | None
    parser: Protego | None = None

    def refusal(self, url: str, agent: str) -> Refusal | None:
        """Why the URL may not be fetched; None when it may."""
        if self.closed is not None:
            return self.closed
        if self.parser is None or self.parser.can_fetch(url, agent):
            return None
        return Refusal(reason="robots.txt disallows it")


def read_rules(status: int, text: str, agent: str) -> Rules:
    """The rules that a robots.txt answer gives an agent; status 0 means that none arrived, and
    that `text` says why.
    """
    if status == 0:
        reason = f"{text or 'no answer'} (robots.txt is asked for first)"
        return Rules(closed=Refusal(reason=reason, down=True))
    if status >= 500 or status == TOO_MANY_REQUESTS:
        reason = f"robots.txt answered {status}: the host is left alone"
        return Rules(closed=Refusal(reason=reason))
    if 300 <= status < 400:
        return Rules(closed=None)  # more redirects than must be followed: as if there was none
    if not is_success(status) or _is_page(text):
        return Rules(closed=None)
    lines = text.lstrip(_BYTE_ORDER_MARK).splitlines()
    return Rules(closed=None, parser=Protego.parse("\n".join(_for(agent, each) for each in lines)))


def _for(agent: str, line: str) -> str:
    """A line as it concerns an agent. Groups of all others become one: thousands of them over
    thousands of rules would cost their product. Versions behind the agent's name are no part of it.

    >>> [_for("gongkai", f"User-agent: {name}") for name in ("Gongkai/1.0", "*", "Baiduspider")]
    ['User-agent: gongkai', 'User-agent: *', 'User-agent: -']
    """
    found = _AGENT_LINE.match(line)
    if found is None:
        return line
    name = found[1].strip().lower()
    if re.match(rf"{re.escape(agent)}(?![\w-])", name):
        name = agent
    return f"User-agent: {name if name in (agent, '*') else _SOMEBODY_ELSE}"


def is_success(status: int) -> bool:
    """True for an answer that may hold rules."""
    return 200 <= status < 300


def _is_page(text: str) -> bool:
    """A soft 404: portals answer an unknown path with their home page and status 200."""
    return (
        text.lstrip(f"{_BYTE_ORDER_MARK} \t\r\n")[:200].lower().startswith(("<!doctype", "<html"))
    )
