"""Every family crawled from the home page alone: each report once, nothing outside the section."""

import json
from collections import Counter
from collections.abc import Mapping

import pytest

from tests.storm.conftest import Storm
from tests.storm.county import County, county_of
from tests.storm.dialect import Dialect
from tests.storm.dialects_hanweb import (
    Hanweb,
    HanwebByPage,
    HanwebGet,
    HanwebPost,
    HanwebPostTwin,
    Jpaas,
    Xxgk,
)
from tests.storm.dialects_posted import (
    Epoint,
    Gkmlpt,
    Lonsun,
    TrueCms,
    UcapJson,
    UcapJsonp,
)
from tests.storm.dialects_static import (
    AnnualReportPages,
    AspNet,
    Nfcms,
    Openness,
    Trs,
    UcapStatic,
    Vsb,
)
from tests.storm.later import later_days, ruled, tagged, verdicts_of
from tests.storm.whole_portal import ABROAD, Whole, path_of, whole_portal

DIALECTS: Mapping[str, type[Dialect]] = {
    "trs": Trs,
    "hanweb-records": Hanweb,
    "hanweb-get": HanwebGet,
    "hanweb-post": HanwebPost,
    "hanweb-post-twin": HanwebPostTwin,
    "hanweb-no-startrecord": HanwebByPage,
    "hanweb-xxgk": Xxgk,
    "hanweb-annual-report": AnnualReportPages,
    "jpaas": Jpaas,
    "vsb": Vsb,
    "ucap-static": UcapStatic,
    "ucap-json": UcapJson,
    "ucap-jsonp": UcapJsonp,
    "gkmlpt": Gkmlpt,
    "nfcms": Nfcms,
    "lonsun": Lonsun,
    "openness": Openness,
    "epoint": Epoint,
    "truecms": TrueCms,
    "aspnet": AspNet,
    "hand-made": Dialect,
}


def portal_of(dialect: Dialect, reports: int, number: int) -> Whole:
    """A portal whose rules forbid the first report that the county has: a list names it, nobody may
    ask for it. Each other portal answers 304 to who has a page.
    """
    whole = whole_portal(dialect, reports=reports)
    closed = next(iter(whole.reports))
    allowed = {path: title for path, title in whole.reports.items() if path != closed}
    decoys = whole.decoys | {closed}
    weather = ruled(whole.weather, [closed])
    weather = tagged(weather) if number % 2 else weather
    return Whole(weather=weather, reports=allowed, decoys=decoys)


def misses(storm: Storm, county: County, portals: Mapping[str, tuple[str, Whole]]) -> list[str]:
    """What should be there and is not, and what is there or was asked for and should not be."""
    kinds = {row["url"]: row["kind"] for row in storm.rows("documents")}
    read = Counter(row["url"] for row in storm.rows("versions") if kinds.get(row["url"]) != "list")
    found = [f"asked {path} of another site" for path in county.paths(ABROAD)]
    for name, (host, whole) in portals.items():
        wanted = {county.url(host, path) for path in whole.reports}
        mine = {url for url in read if url.startswith(county.url(host, ""))}
        found += [f"{name}: missed {path_of(url)}" for url in sorted(wanted - mine)]
        found += [f"{name}: outside {path_of(url)}" for url in sorted(mine - wanted)]
        found += [f"{name}: {read[url]} times {url}" for url in mine & wanted if read[url] > 1]
        visited = Counter(county.paths(host))
        found += [f"{name}: asked for {path}" for path in sorted(set(visited) & whole.decoys)]
        found += [f"{name}: {n} times {path}" for path, n in visited.items() if n > 1]
    return found


def crawl_from_home(
    storm: Storm, dialects: Mapping[str, Dialect], *, reports: int, patience_s: float = 100
) -> list[str]:
    portals = {
        name: (f"127.10.{n // 200}.{n % 200 + 1}", portal_of(dialect, reports, n))
        for n, (name, dialect) in enumerate(dialects.items())
    }
    weather = {host: whole.weather for host, whole in portals.values()}
    with county_of(weather | {ABROAD: lambda _path, _times: None}) as county:
        storm.catalogue({name: county.url(host) for name, (host, _) in portals.items()})
        said = json.loads(
            storm.run(
                "crawl", *portals, "--delay", "0", "--json", status=None, patience_s=patience_s
            )
        )
        found = misses(storm, county, portals)
        verdicts = verdicts_of(said["portals"])
        found += [
            f"{name}: {said['portals'][name]['reason']}"
            for name in portals
            if verdicts[name] != "good"
        ]
        forbidden = {path for _, whole in portals.values() for path in whole.decoys}
        return found + later_days(storm, county, verdicts, forbidden, patience_s=patience_s)


@pytest.mark.timeout(400)
def test_every_family_is_crawled_from_its_home_page_alone(storm: Storm) -> None:
    """Every report once, none outside the section, and nothing else on later days: the list of
    misses is empty.
    """
    found = crawl_from_home(storm, {key: kind() for key, kind in DIALECTS.items()}, reports=7)
    print("misses:", found)
    assert found == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_hundreds_of_portals_of_all_families_are_crawled_from_their_home_pages(
    storm: Storm,
) -> None:
    storm.settings = "tests.storm.patient"
    many = {f"{key}-{n}": kind() for n in range(15) for key, kind in DIALECTS.items()}
    found = crawl_from_home(storm, many, reports=7, patience_s=3000)
    print("misses:", found)
    assert found == []
