"""One public body with its reports, and bodies by part of a name."""

from datetime import timedelta
from pathlib import Path

import pytest

from archive.model.errors import NotFoundError
from archive.model.reading import BodyKind, PublicBody
from archive.store import Store
from archive.work.ingest.covering import cover
from archive.work.query.bodies import body_facts, find_bodies
from archive.work.query.coverage import CoverageFilter, late_reports, undated_reports
from tests.store.making import NOW
from tests.support.crawled_lists import CHONGCHUAN, PORTAL, SHOP, crawl, named, page_of, report

LATE = PublicBody(name="崇川区教育局", division="320613", kind=BodyKind.DEPARTMENT)


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "home") as opened:
        answers = {
            page_of(2020): report(2020, published_on="2021-04-10"),
            page_of(2021): report(2021, published_on="2022-03-01"),
            page_of(2020, "d"): report(2020, SHOP),
            page_of(2020, "e"): report(2020, LATE, "2021-07-31"),
        }
        crawl(opened, [named(2020), named(2021), named(2020, "供销社", "d"),
                       named(2020, "教育局", "e")], answers)  # fmt: skip
        cover(opened, [PORTAL], now=NOW)
        yield opened


def number_of(store: Store, name: str) -> int:
    return find_bodies(store, name).bodies[0].body_id


def test_a_body_has_its_years_its_reports_and_its_portals(store: Store) -> None:
    found = body_facts(store, number_of(store, CHONGCHUAN.name), now=NOW)
    assert (found.body.name, found.body.place, found.body.province, found.body.level) == (
        "崇川区人民政府", "崇川区", "江苏省", "county",
    )  # fmt: skip
    assert [(each.portal, each.is_own) for each in found.portals] == [("cc", True)]
    assert [(each.year, each.days_late, each.url) for each in found.reports] == [
        (2021, 0, page_of(2021)), (2020, 10, page_of(2020)),
    ]  # fmt: skip
    assert {each.year for each in found.years} == set(range(2008, 2026))


def test_an_unknown_number_is_told(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no public body has the number 99"):
        body_facts(store, 99, now=NOW)


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("供销", ["崇川区供销合作社"]),
        ("崇川区人民政府", ["崇川区人民政府"]),
        ("崇川", ["崇川区教育局", "崇川区人民政府", "崇川区供销合作社"]),
        ("%", []), ("", []), ("\u202e", []), ("x" * 100_000, []),
    ],
)  # fmt: skip
def test_bodies_are_found_by_part_of_their_name(store: Store, part: str, names: list[str]) -> None:
    found = find_bodies(store, part)
    assert [each.name for each in found.bodies] == names
    assert not found.are_near


def test_near_ones_are_found_where_none_has_the_part(store: Store) -> None:
    found = find_bodies(store, "崇州区教育局")
    assert (found.are_near, found.bodies[0].name) == (True, "崇川区教育局")


def test_there_may_be_more_than_are_asked_for(store: Store) -> None:
    found = find_bodies(store, "崇川", limit=2)
    assert (len(found.bodies), found.more) == (2, True)


def test_late_reports_come_worst_first_and_undated_ones_apart(store: Store) -> None:
    late = late_reports(store, CoverageFilter(), now=NOW)
    assert [(each.body, each.days_late) for each in late] == [
        (LATE.name, 181),
        (CHONGCHUAN.name, 10),
    ]
    assert late_reports(store, CoverageFilter(), now=NOW, least=11) == late[:1]
    assert late_reports(store, CoverageFilter(first_year=2021), now=NOW) == []
    assert [each.body for each in undated_reports(store, CoverageFilter(), now=NOW)] == [SHOP.name]


def test_a_correction_makes_no_report_late(store: Store) -> None:
    again = page_of(2021, "again")
    crawl(
        store,
        [named(2021), named(2021, name="again")],
        {page_of(2021): report(2021, published_on="2022-03-01"),
         again: report(2021, published_on="2022-09-01")},
        now=NOW + timedelta(days=1),
    )  # fmt: skip
    cover(store, None, now=NOW)
    assert [
        each.year for each in late_reports(store, CoverageFilter(first_year=2021), now=NOW)
    ] == []
