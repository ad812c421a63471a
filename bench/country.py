"""Who publishes what in an invented archive: portals of real places, bodies of invented towns, and
the years for which each has a report. Nothing is drawn twice: a portal's plan depends on its
number alone, so that a generator that was stopped goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from archive.codebook.divisions import Division, divisions
from archive.model.portal import Portal
from archive.model.reading import PublicBody
from archive.reading.metadata.public_body import read_public_body

PORTALS: Final = 3_200
"""Of a whole country; a `--size` of 0.001 makes 3 of them."""
LAST_YEAR: Final = 2025
_FIRST_YEAR: Final = 2008
_OFFICES: Final = 12
_SEED: Final = "country"
_DEPARTMENTS: Final = (
    "教育局", "财政局", "公安局", "民政局", "司法局", "自然资源局", "水利局", "农业农村局",
    "商务局", "统计局", "审计局", "医疗保障局", "交通运输局", "应急管理局", "文化和旅游局",
    "市场监督管理局", "卫生健康委员会", "发展和改革委员会", "住房和城乡建设局",
    "人力资源和社会保障局",
)  # fmt: skip
_TOWN_SIGNS: Final = "柳石东鹤青沙云桥湾河岭塘坪渡林泉溪峰堡营沟坡湖川"
_TOWN_KINDS: Final = ("镇", "镇", "乡", "街道")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A body that reports. printed: its name as its pages print it. has_tables: not so of those
    that write prose all the years.
    """

    printed: str
    body: PublicBody
    years: Sequence[int]
    has_tables: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPortal:
    """A portal with those that publish there, the government first."""

    number: int
    portal: Portal
    host: str
    place: str
    offices: Sequence[Office]


def portal_count(size: float) -> int:
    """How many portals an archive of that size has, a whole country being 1."""
    return max(2, min(PORTALS, round(PORTALS * size)))


@cache
def planned(number: int, of: int) -> PlannedPortal:
    """The portal of that number, from 0, of so many: they are spread over the country."""
    place = _places()[number * len(_places()) // of]
    random = Random(f"{_SEED}/{place.code}")  # noqa: S311 - an invented country, no secrets
    host = f"www.d{place.code}.example"
    return PlannedPortal(
        number=number,
        portal=Portal(
            key=f"d{place.code}",
            name=f"{place.name}人民政府",
            entries=(f"http://{host}/zfxxgknb/",),
            division=place.code,
            family="trs",
            source="user",
        ),
        host=host,
        place=place.name,
        offices=[_government(place, random), *_others(place, random)],
    )


@cache
def _places() -> tuple[Division, ...]:
    # A name that begins with 本 or 全 is read as none: "our county", "the whole city".
    known = {
        each.code: each
        for each in divisions()
        if each.valid_to is None and each.name[0] not in "我本各全该"
    }
    return tuple(known[code] for code in sorted(known))[:PORTALS]


def _government(place: Division, random: Random) -> Office:
    years = [y for y in range(_FIRST_YEAR, LAST_YEAR + 1) if random.random() < 0.95]
    return _office(place, "人民政府", years, has_tables=True)


def _others(place: Division, random: Random) -> list[Office]:
    count = random.choice((_OFFICES - 1, _OFFICES))
    departments = random.sample(_DEPARTMENTS, count - count // 3)
    towns = {
        "".join(random.sample(_TOWN_SIGNS, 2)) + random.choice(_TOWN_KINDS)
        for _ in range(count // 3)
    }
    found = []
    for name in (*departments, *(f"{each}人民政府" for each in sorted(towns))):
        length, last = random.randint(1, 10), random.randint(2014, LAST_YEAR)
        years = range(max(_FIRST_YEAR, last - length + 1), last + 1)
        found.append(_office(place, name, years, has_tables=random.random() < 0.82))
    return found


def _office(place: Division, name: str, years: Sequence[int], *, has_tables: bool) -> Office:
    printed = f"{place.name}{name}"
    body = read_public_body(printed, hints=[place.code], year=LAST_YEAR)
    if body is None:
        raise ValueError(f"{printed} names no body")
    return Office(printed=printed, body=body, years=tuple(years), has_tables=has_tables)
