"""The second-day mode bites: what goes wrong on a later day is reported, and nothing else is."""

import json

import pytest

from tests.storm.conftest import Storm
from tests.storm.county import Answer, County, Weather, county_of
from tests.storm.later import later_days, verdicts_of
from tests.storm.portals import county_site, fair, report, title

TWO = ("25 hours on", "13 months on")
PAGE = "/nb/2015.html"


def on_later_days(path: str, answer: Answer) -> Weather:
    """The small portal, where one path answers otherwise from its second visit on."""
    calm = fair(county_site())
    return lambda target, times: (
        answer if (target, times > 0) == (path, True) else calm(target, times)
    )


PORTALS: dict[str, Weather] = {
    "well": fair(county_site()),
    "closed": on_later_days("/robots.txt", Answer(status=503)),
    "changed": on_later_days(PAGE, Answer(body=report(title(2015), 77))),
    "gone": on_later_days(PAGE, Answer(status=404)),
}


def problems(storm: Storm, county: County, hosts: dict[str, str]) -> list[str]:
    storm.catalogue({name: county.url(host, "/nb/index.html") for name, host in hosts.items()})
    said = json.loads(storm.run("crawl", *hosts, "--delay", "0", "--json", patience_s=300))
    found = later_days(storm, county, verdicts_of(said["portals"]), ["/nb/2012.html"], days=TWO)
    names = {host: name for name, host in hosts.items()}
    for host, name in names.items():
        found = [each.replace(county.url(host, ""), name).replace(host, name) for each in found]
    return found


@pytest.mark.timeout(400)
def test_what_goes_wrong_on_a_later_day_is_told(storm: Storm) -> None:
    hosts = {name: f"127.12.{number}.1" for number, name in enumerate(PORTALS)}
    with county_of({hosts[name]: weather for name, weather in PORTALS.items()}) as county:
        found = problems(storm, county, hosts)
    assert any("closed is bad" in each and "robots.txt answered 503" in each for each in found)
    assert f"25 hours on: changed{PAGE} is 'changed' where it was 'new'" in found
    assert f"25 hours on: gone{PAGE} is 'gone' where it was 'new'" in found
    assert "25 hours on: 1 new versions" in found
    assert "25 hours on: asked for well/nb/2012.html" in found, "forbidden, though no rules say so"
    assert f"13 months on: closed{PAGE} was left out" in found
    assert all("well" not in each or "asked for well/nb/2012.html" in each for each in found)
