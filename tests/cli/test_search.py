"""Counts, orders and superseded versions on the command line."""

import json

import pytest

from tests.support.invented import YUNHE
from tests.support.invented_home import Run

pytestmark = pytest.mark.usefixtures("on_each_engine")


def test_count_tells_hits_by_year_place_portal_and_kind(gongkai: Run) -> None:
    counts = json.loads(gongkai("search", "复议", "--count", "--json", "--portal", YUNHE).stdout)
    assert (counts["total"], counts["exact"]) == (6, True)
    assert [each["year"] for each in counts["years"]] == [2024, 2023, 2022, 2021, 2020, 2019]
    assert counts["places"][0]["division"] == "320000"
    assert counts["portals"] == [{"portal": YUNHE, "hits": 6}]
    said = gongkai("search", "复议", "--count").stdout.decode().splitlines()
    assert said[0].endswith(" hits")
    assert [line.partition(":")[0] for line in said[1:]] == ["years", "places", "portals", "kinds"]


def test_nothing_counted_is_zero(gongkai: Run) -> None:
    assert json.loads(gongkai("search", "没有这个词", "--count", "--json").stdout)["total"] == 0
    told = gongkai("search", "没有这个词", "--count")
    assert (told.stdout, told.stderr) == (b"", b"nothing found\n")


def test_history_finds_the_superseded_version(gongkai: Run) -> None:
    found = json.loads(gongkai("search", "复议", "--history", "--year", "2021", "--portal", YUNHE,
                               "--json").stdout)  # fmt: skip
    assert [(hit["version"], hit["superseded"]) for hit in found] == [(2, False), (1, True)]


def test_published_is_the_newest_date_first(gongkai: Run) -> None:
    found = json.loads(gongkai("search", "复议", "--sort", "published", "--json").stdout)
    dates = [hit["published_on"] for hit in found]
    assert dates == sorted(dates, reverse=True)
    assert gongkai("search", "複議", "--sort", "relevance").returncode == 0
