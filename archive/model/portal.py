"""A portal: one row of the catalogue. The fields here are the one definition of a row: its TOML,
the ledger's columns, imported lists, JSON and docs/portals.md are derived from them.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Final, TypeAlias

from archive.model.url import canonical

MAX_ENTRIES: Final = 200
MAX_DELAY_S: Final = 86_400
_Check: TypeAlias = Callable[[object], object]
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


def _row_field(
    meaning: str,
    check: _Check,
    *,
    default: object = MISSING,
    headings: tuple[str, ...] = (),
    is_stored: bool = True,
) -> Any:
    """A field of a catalogue row. meaning: for docs/portals.md. check: gives a TOML value as the
    portal holds it; ValueError says what is wrong with it. headings: the columns of imported lists
    that give it. is_stored: the ledger has a column for it.
    """
    facts = {"meaning": meaning, "check": check, "headings": headings, "is_stored": is_stored}
    return field(default=default, metadata=facts)


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise ValueError("must be text of 1 to 200 characters")
    return value.strip()


def _entries(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ENTRIES:
        raise ValueError(f"must be a list of 1 to {MAX_ENTRIES} URLs")
    urls = [canonical(each) if isinstance(each, str) else None for each in value]
    for given, url in zip(value, urls, strict=True):
        if url is None:
            raise ValueError(f"{given!r} is not an http(s) URL")
    return tuple(dict.fromkeys(url for url in urls if url is not None))


def _matching(pattern: str, what: str) -> _Check:
    known = re.compile(pattern)

    def check(value: object) -> str:
        if not isinstance(value, str) or not known.fullmatch(value):
            raise ValueError(f"{value!r} is not {what}")
        return value

    return check


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number of seconds")  # noqa: TRY004 - one error for all checks
    if not math.isfinite(value) or not 0 <= value <= MAX_DELAY_S:
        raise ValueError(f"must be 0 to {MAX_DELAY_S} seconds")
    return float(value)


def _count(most: int) -> _Check:
    def check(value: object) -> int:
        if type(value) is not int or not 1 <= value <= most:
            raise ValueError(f"must be a whole number, 1 to {most}")
        return value

    return check


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one error for all checks
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """One government web site as the catalogue describes it; docs/portals.md lists what the fields
    of a row mean. None leaves a choice to the settings, or to the portal's pages.

    key: short name used on the command line (chongchuan); letters, digits, - and _.
    source: "shipped", "user" or "ad-hoc".
    """

    key: str
    name: str = _row_field(
        "what it is called",
        _name,
        headings=("name", "portal", "place", "title", "名称", "网站名称", "单位", "地区"),
    )
    entries: tuple[str, ...] = _row_field(
        "URLs of its annual-report lists, or of its home page",
        _entries,
        headings=(
            "url", "entry", "entries", "address", "homepage", "website", "网址", "地址", "首页",
        ),
    )  # fmt: skip
    division: str | None = _row_field(
        "GB/T 2260 code of the place, six digits",
        _matching("[0-9]{6}", "a code of six digits (GB/T 2260)"),
        default=None,
        headings=("division", "code", "adcode", "行政区划代码"),
    )
    family: str | None = _row_field(
        "CMS family; left out, the pages decide",
        _matching("[a-z][a-z0-9_]{0,31}", "the name of a CMS family"),
        default=None,
        headings=("family", "cms"),
    )
    delay_s: float | None = _row_field(
        "least seconds between the end of an exchange and the next request to a host (3)",
        _seconds,
        default=None,
    )
    concurrency: int | None = _row_field(
        "connections at once to a host (1)", _count(16), default=None
    )
    platform: str | None = _row_field(
        "a key that portals on one shared platform (集约化平台) have in common: all their hosts"
        " count as one",
        _matching("[a-z0-9][a-z0-9-]{0,31}", "a key: small letters, digits and -"),
        default=None,
    )
    hours: str | None = _row_field(
        "the window of China's time in which it may be visited, over midnight too:"
        ' `"22:00-06:00"`',
        _matching(
            f"(?P<opens>{_CLOCK})-(?!(?P=opens)$){_CLOCK}",
            'a window of China\'s time such as "22:00-06:00"',
        ),
        default=None,
    )
    max_pages: int | None = _row_field(
        "exchanges in one run at most; the rest waits for the next run",
        _count(1_000_000),
        default=None,
    )
    max_lists: int | None = _row_field(
        "lists and their further pages visited in one run at most (1,000); see *Lists without an"
        " end*",
        _count(1_000_000),
        default=None,
        is_stored=False,
    )
    max_size_mb: int | None = _row_field(
        "the largest answer that is taken, in MiB (64; 500 at most); a larger one is asked for"
        " once and ends as `failed`, with the limit named",
        _count(500),  # what a WARC record can be read back from
        default=None,
        is_stored=False,
    )
    tls: str | None = _row_field(
        '`"legacy"`: TLS before 1.2 and weak ciphers are allowed; `"none"`: its pages name https,'
        " it answers http. Where a row says nothing, both are tried once and remembered when they"
        " work (the log and `portals show` say so)",
        _matching("legacy|none", '"legacy" or "none"'),
        default=None,
    )
    agent: str | None = _row_field(
        '`"mobile"`: it serves only phones; the User-Agent still says who we are',
        _matching("mobile", '"mobile"'),
        default=None,
    )
    allow_private: bool = _row_field(
        "`true`: its host names may lead to private addresses (an intranet, this machine). A host"
        " that an entry names by a private number (`http://10.1.2.3/`, `http://localhost:8000/`)"
        " is allowed anyway",
        _flag,
        default=False,
        is_stored=False,
    )
    requisites: bool = _row_field(
        "`true`: the style sheets and images that its pages show are archived too, so that a"
        " snapshot looks as the page did; see *Style sheets and images*",
        _flag,
        default=False,
        is_stored=False,
    )
    source: str = "shipped"


ROW_FIELDS: Final[Mapping[str, Field[Any]]] = {
    each.name: each for each in fields(Portal) if "check" in each.metadata
}
STORED: Final = (*(n for n, each in ROW_FIELDS.items() if each.metadata["is_stored"]), "source")
