"""A national catalogue made of counts: portals of provinces, prefectures and counties with their
departments and townships, what they have published, and when they publish the next reports.

The counts are those of a list of portals of 2026 and of the yearbook of administrative divisions;
everything else is an assumption with a name here. No host of it exists.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from archive.model.portal import Portal
from archive.work.ingest.recrawl import spread

# Portals of each level, offices and townships that publish on each, first years of their reports.
PROVINCES, PREFECTURES, COUNTIES = 31, 439, 2_739
OFFICES: Final = {"province": 45, "prefecture": 35, "county": 28}
TOWNSHIPS_OF_COUNTY: Final = 14
GOVERNMENT_SINCE, OFFICES_SINCE, TOWNSHIPS_SINCE = 2008, 2014, 2018
LATEST_YEAR: Final = 2025
# So many bodies have a list in common; a portal has four beside: entry, section, years, offices.
BODIES_A_LIST, OTHER_LISTS = 3, 4
# Every fifth province has all portals on one platform, which answers as one host.
SHARED_EVERY: Final = 5
# Every twentieth portal may be asked at night alone; every fiftieth asks for ten seconds.
NIGHT_EVERY, NIGHT, SLOW_EVERY, SLOW_DELAY_S = 20, "22:00-06:00", 50, 10.0
# How long answers take, by fifths of the portals.
ELAPSED_S: Final = (0.2, 0.4, 0.8, 1.5, 4.0)
ATTACHED: Final = 0.15  # reports with a file of their own beside the page
_DEADLINES: Final = {
    "government": datetime(2027, 3, 31, 9, tzinfo=UTC),
    "office": datetime(2027, 1, 31, 9, tzinfo=UTC),
}
_RUSH: Final = timedelta(days=16)  # before a deadline most appear, more of them the nearer it is
_LATE_SHARE, _LATE = 0.15, timedelta(days=45)


@dataclass(slots=True)
class Body:
    """Who publishes. publishes_at: when its report of the year after LATEST_YEAR appears."""

    since: int
    publishes_at: datetime
    number: int


@dataclass(slots=True)
class Site:
    """A portal with its bodies. group: of hosts that share one pace. elapsed_s: what an answer
    takes.
    """

    portal: Portal
    group: str
    elapsed_s: float
    bodies: list[Body] = field(default_factory=list)

    @property
    def lists(self) -> int:
        """How many lists it has."""
        return OTHER_LISTS + -(-len(self.bodies) // BODIES_A_LIST)


def national(every: int = 1) -> list[Site]:
    """All portals, or every so-many-th one."""
    levels = ["province"] * PROVINCES + ["prefecture"] * PREFECTURES + ["county"] * COUNTIES
    return [_site(number, level) for number, level in enumerate(levels) if number % every == 0]


def _site(number: int, level: str) -> Site:
    province = number % PROVINCES
    key = f"p{number:04d}"
    shared = province % SHARED_EVERY == 0 and level != "province"
    entry = f"http://{f'platform{province}' if shared else key}.example/{key}/"
    portal = Portal(
        key=key,
        name=key,
        entries=(entry,),
        source="user",
        platform=f"platform{province}" if shared else None,
        delay_s=SLOW_DELAY_S if number % SLOW_EVERY == 7 else None,
        hours=NIGHT if number % NIGHT_EVERY == 3 else None,
    )
    fifth = province if shared else number
    elapsed_s = ELAPSED_S[int(spread(fifth + 1) * len(ELAPSED_S))]
    site = Site(portal=portal, group=portal.platform or key, elapsed_s=elapsed_s)
    townships = TOWNSHIPS_OF_COUNTY if level == "county" else 0
    firsts = [GOVERNMENT_SINCE, *[OFFICES_SINCE] * OFFICES[level], *[TOWNSHIPS_SINCE] * townships]
    for place, since in enumerate(firsts):
        own = number * 100 + place
        kind = "government" if place == 0 else "office"
        site.bodies.append(Body(since=since, publishes_at=_published(own, kind), number=own))
    return site


def _published(number: int, kind: str) -> datetime:
    """Most publish in the days before their deadline, some after it."""
    chance = spread(number + 1)
    if chance < _LATE_SHARE:
        return _DEADLINES[kind] + _LATE * (chance / _LATE_SHARE)
    before = (1 - chance) / (1 - _LATE_SHARE)
    return _DEADLINES[kind] - _RUSH * before**2
