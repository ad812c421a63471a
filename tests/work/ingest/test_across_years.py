"""The rules between the reports of two years, over the archive."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from archive.model.outcome import Outcome
from archive.model.reading import BodyKind, CellState, Figure, Kind, PublicBody
from archive.store import Store
from archive.store.query import history, stored_parts
from archive.store.query.questions import reports_of
from archive.store.schema import year_check, year_pair
from archive.store.write import outcomes
from archive.store.write.packed import unpack_held
from archive.work.ingest import across_years
from archive.work.ingest.across_years import check_across_years
from tests.store.making import a_portal, a_reading, a_record, begin, finish, keep, take
from tests.support.transactions import commit, fetch

TOWN = PublicBody(name="崇川区人民政府", division="320613", kind=BodyKind.GOVERNMENT)
PORTAL = a_portal(
    "cc", "http://cc.example/2022", "http://cc.example/2023", name="崇川区", division="320613"
)


@pytest.fixture(params=[1, 1_000], autouse=True)
def at_once(request, monkeypatch):
    """Body by body, and all together: what comes of it is the same."""
    monkeypatch.setattr(across_years, "_BODIES_AT_ONCE", request.param)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "home") as opened:
        yield opened


def cell(key: str, value: int) -> Figure:
    return Figure(
        form="f21", indicator=f"f21.s3.{key}", label=key, applicant="total", value=Decimal(value),
        unit="件", printed=str(value), state=CellState.GIVEN, where="table 2 row 1 column 9",
    )  # fmt: skip


def report(year: int, carried_in: int, carried_out: int, **changes):
    figures = (cell("carried_in", carried_in), cell("carried_out", carried_out))
    return a_reading(lines=(str(carried_in),), report_year=year, figures=figures, publisher=TOWN,
                     **changes)  # fmt: skip


def crawl(
    store: Store, readings: dict[str, object], outcome=Outcome.NEW, portal=PORTAL, **changes
) -> None:
    ticket = begin(store, portal, mode="full")
    for lease in take(store, ticket.run_id):
        reading = readings.get(lease.url)
        [capture] = keep(store, [lease])
        record = a_record(lease, capture, outcome if reading else Outcome.GONE, **(
            {"reading": reading} | changes if reading else {}))  # fmt: skip
        commit(store, outcomes.record, [record], next_due={})
    finish(store, ticket.run_id)


def both(earlier_out: int, later_in: int) -> dict[str, object]:
    return {
        "http://cc.example/2022": report(2022, 0, earlier_out),
        "http://cc.example/2023": report(2023, later_in, 0),
    }


def totals(store: Store) -> list[str]:
    with store.read() as connection:
        rows = connection.execute(
            select(year_check.c.state).where(
                year_check.c.rule == "R5", year_check.c.scope == "total"
            )
        )
        packed = connection.scalars(select(year_pair.c.held)).all()
    held = [check for each in packed for _, check in unpack_held(each)]
    return [row.state for row in rows] + [
        check.state for check in held if (check.rule, check.scope) == ("R5", "total")
    ]


def doubts(store: Store) -> list:
    with store.read() as connection:
        found = connection.execute(text("SELECT * FROM findings WHERE rule = 'R5'"))
        return found.mappings().all()


def test_two_years_that_agree_hold(store):
    crawl(store, both(3, 3))
    assert check_across_years(store) == 1
    assert (totals(store), doubts(store)) == (["holds"], [])


def test_two_years_that_disagree_are_a_finding_that_names_both_versions(store):
    crawl(store, both(3, 5))
    check_across_years(store)
    [doubt] = doubts(store)
    assert (doubt["url"], doubt["version"], doubt["severity"]) == (
        "http://cc.example/2023", 1, "warning",
    )  # fmt: skip
    assert "http://cc.example/2022 version 1" in doubt["evidence"]


def test_the_page_itself_tells_the_doubt_as_the_table_of_findings_does(store):
    crawl(store, both(3, 5))
    check_across_years(store)
    [doubt] = doubts(store)
    version = fetch(store, history.latest_version, "http://cc.example/2023")
    [told] = fetch(store, stored_parts.version_parts, version.version_id).findings
    named = (told.rule, told.severity, told.message, told.evidence)
    assert named == tuple(doubt[name] for name in ("rule", "severity", "message", "evidence"))
    with store.read() as connection:
        listed = reports_of(connection, portal_key=None, year=None, limit=9)
    assert [each.doubts for each in listed] == [1, 0]


def test_what_is_up_to_date_is_not_compared_again(store):
    crawl(store, both(3, 5))
    check_across_years(store)
    assert check_across_years(store) == 0
    assert totals(store) == ["violated"]


def test_a_new_version_is_compared_and_the_old_comparison_goes(store):
    crawl(store, both(3, 5))
    check_across_years(store)
    crawl(store, {"http://cc.example/2023": report(2023, 3, 0)}, Outcome.CHANGED)
    assert check_across_years(store) == 1
    assert totals(store) == ["holds"]


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_page_speaks_instead_of_the_file_that_did_so_before(store, year):
    """The file stays the latest version of its own URL."""
    portal = replace(PORTAL, entries=(*PORTAL.entries, "http://cc.example/page"))
    file = replace(both(9, 5)[f"http://cc.example/{year}"], kind=Kind.ATTACHMENT)
    first = both(3, 3) | {f"http://cc.example/{year}": file}
    crawl(store, first, portal=portal)
    check_across_years(store)
    assert totals(store) == ["violated"]
    page = both(3, 3)[f"http://cc.example/{year}"]
    crawl(store, {"http://cc.example/page": page}, portal=portal)
    assert check_across_years(store) == 1
    assert totals(store) == ["holds"]


def test_a_page_that_is_no_report_any_more_takes_its_comparison_with_it(store):
    crawl(store, both(3, 5))
    check_across_years(store)
    crawl(store, {"http://cc.example/2022": a_reading(report_year=None)}, Outcome.CHANGED)
    assert check_across_years(store) == 0
    assert totals(store) == []


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_version_read_again_by_a_better_reader_is_compared_again(store, year):
    crawl(store, both(3, 5))
    check_across_years(store)
    better = both(3, 5) | {f"http://cc.example/{year}": report(year, 5, 5, reader_version="r2")}
    crawl(store, better, Outcome.UNCHANGED, supersede_reader=True)
    assert totals(store) == []
    assert check_across_years(store) == 1


def test_reports_of_two_bodies_are_not_compared(store):
    other = PublicBody(name="崇川区教育局", division="320613", kind=BodyKind.DEPARTMENT)
    readings = both(3, 5)
    readings["http://cc.example/2023"] = report(2023, 5, 0)
    crawl(store, readings | {"http://cc.example/2022": a_reading(
        report_year=2022, publisher=other, figures=(cell("carried_out", 3),))})  # fmt: skip
    assert check_across_years(store) == 0


def named(place: str, division: str, office: str = "人民政府") -> PublicBody:
    kind = BodyKind.GOVERNMENT if office == "人民政府" else BodyKind.DEPARTMENT
    return PublicBody(name=place + office, division=division, kind=kind)


def compared(
    store: Store, earlier: PublicBody, later: PublicBody, years: tuple[int, int]
) -> list[str]:
    """What R5 says of two reports whose figures agree."""
    bodies = dict(zip(years, (earlier, later), strict=True))
    pages = zip(("http://cc.example/2022", "http://cc.example/2023"), years, strict=True)
    crawl(
        store, {page: replace(report(year, 3, 3), publisher=bodies[year]) for page, year in pages}
    )
    check_across_years(store)
    return totals(store)


@pytest.mark.parametrize("office", ["人民政府", "教育局"])
def test_a_renamed_place_is_compared_with_what_it_was_called_before(store, office):
    was, now = named("密云县", "110228", office), named("密云区", "110118", office)
    assert compared(store, was, now, (2014, 2015)) == ["holds"]


def test_a_place_renamed_under_its_code_is_compared_too(store):
    was, now = named("苍山县", "371324"), named("兰陵县", "371324")
    assert compared(store, was, now, (2013, 2014)) == ["holds"]


def test_a_report_titled_late_with_the_old_name_is_compared(store):
    was, now = named("密云县", "110228"), named("密云区", "110118")
    assert compared(store, was, now, (2015, 2016)) == ["holds"]


def test_other_offices_of_a_renamed_place_are_not_compared(store):
    was, now = named("密云县", "110228", "教育局"), named("密云区", "110118", "卫生局")
    assert compared(store, was, now, (2014, 2015)) == []


@pytest.mark.parametrize("before", ["崇川区", "港闸区"])
def test_a_place_made_of_several_cannot_be_compared_with_one_of_them(store, before):
    was = named(before, {"崇川区": "320613", "港闸区": "320611"}[before])
    assert compared(store, was, TOWN, (2019, 2020)) == ["not_assessable"]
    with store.read() as connection:
        [message] = connection.execute(
            select(year_check.c.message).where(year_check.c.scope == "total")
        ).scalars()
    assert message == "not comparable: the place took over 崇川区 (2020), 港闸区 (2020)"


def test_a_place_that_took_in_another_cannot_be_compared_in_that_year(store):
    town = named("长安区", "130102")
    assert compared(store, town, town, (2013, 2014)) == ["not_assessable"]


def test_a_merged_place_is_compared_again_in_the_year_after(store):
    assert compared(store, TOWN, TOWN, (2020, 2021)) == ["holds"]


def test_an_archive_without_reports_has_nothing_to_compare(store):
    assert check_across_years(store) == 0


def test_reports_without_the_compared_cells_are_told_to_be_not_assessable(store):
    """Their form is known by their first figure."""
    others = (cell("result.granted", 1), cell("result.total", 1))
    crawl(store, {url: replace(each, figures=others) for url, each in both(0, 0).items()})
    assert check_across_years(store) == 1
    with store.read() as connection:
        states = connection.execute(select(year_check.c.state)).scalars().all()
    assert len(states) == 9
    assert set(states) == {"not_assessable"}
