"""Which report speaks for a body and year, and what `figures_current` shows of it."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, table, text

from archive.model.outcome import Outcome
from archive.model.reading import BodyKind, CellState, Field, Kind, PublicBody
from archive.store import Store
from archive.store.query.current_reports import uncounted_reports
from archive.store.schema import public_body, version
from archive.work.codebook_rows import fill_codebook
from archive.work.ingest.current_reports import choose_current_reports
from archive.work.open_archive import open_archive
from tests.store import conftest as ledgers
from tests.store.making import a_figure, a_portal, a_reading, begin, finish, take, visit

# A fresh ledger for every test, on both engines.
location, made_home, store = ledgers.location, ledgers.made_home, ledgers.store

JIASHAN = PublicBody(name="嘉善县人民政府", division="330421", kind=BodyKind.GOVERNMENT)
GULOU = PublicBody(name="鼓楼区人民政府", division=None, kind=BodyKind.GOVERNMENT)


def report_of(body, value, **changes):
    """A report on 2024 with one number."""
    number = a_figure("f21.s3.new", value, Decimal(value), CellState.GIVEN)
    return a_reading(lines=(str(body), value), figures=(number,), publisher=body, **changes)


def crawl(store: Store, readings: dict[str, object], outcome=Outcome.NEW, **portals) -> None:
    """One reading for each portal; portals: changes of the portal of that key."""
    made = [a_portal(key, f"http://{key}.example/", **portals.get(key, {})) for key in readings]
    ticket = begin(store, *made, mode="full")
    for lease in take(store, ticket.run_id):
        reading = readings.get(lease.url.split("/")[2].removesuffix(".example"))
        if reading is not None:
            visit(store, lease, outcome, reading=reading)
    finish(store, ticket.run_id)


def rows(store: Store, view="figures_current") -> list:
    with store.read() as connection:
        return connection.execute(select(text("*")).select_from(table(view))).mappings().all()


def values(store: Store) -> list[int]:
    return sorted(row["value"] for row in rows(store))


def published(day: str) -> tuple[Field, ...]:
    return (Field(name="published_on", value=day, printed=day, origin="header"),)


def test_a_row_says_who_where_what_and_where_it_is_cited(store):
    crawl(store, {"js": report_of(JIASHAN, "12")})
    assert choose_current_reports(store) == 1
    [row] = rows(store)
    wanted = {
        "body": "嘉善县人民政府", "division": "330421", "place": "嘉善县", "province": "浙江省",
        "level": "county", "report_year": 2024, "form": "f21", "indicator": "f21.s3.new",
        "concept": "requests_received", "applicant": "total", "value": 12, "state": "given",
        "certainty": "table", "url": "http://js.example/", "version": 1, "portal": "js",
        "reader_version": "r1",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert row["captured_at"] is not None
    assert row["content_hash"]


def test_what_is_up_to_date_stays(store):
    crawl(store, {"js": report_of(JIASHAN, "12")})
    assert [choose_current_reports(store) for _ in range(2)] == [1, 0]


def test_an_empty_archive_has_nothing_to_choose(store):
    assert choose_current_reports(store) == 0
    assert rows(store) == []


def test_offices_of_one_name_in_two_places_are_two(store):
    places = ["320106", "320302", "350102", "410204"]
    bodies = {f"p{n}": replace(GULOU, division=code) for n, code in enumerate(places)}
    crawl(store, {key: report_of(body, "1") for key, body in bodies.items()})
    choose_current_reports(store)
    assert {row["division"] for row in rows(store)} == set(places)
    assert len({row["body_id"] for row in rows(store)}) == 4


def test_offices_whose_place_is_not_known_are_told_apart_by_their_portal(store):
    crawl(store, {"p0": report_of(GULOU, "1"), "p1": report_of(GULOU, "2")})
    choose_current_reports(store)
    assert values(store) == [1, 2]
    assert {row["body"] for row in rows(store)} == {"鼓楼区人民政府", "鼓楼区人民政府（p1）"}
    assert len({row["body_id"] for row in rows(store)}) == 2
    assert choose_current_reports(store) == 0


def test_a_body_without_place_is_the_placed_one_of_its_portal(store):
    placed = replace(JIASHAN, division=None)
    portal = {"js": {"name": "嘉善县", "division": "330421"}}
    crawl(store, {"js": report_of(placed, "1")}, **portal)
    choose_current_reports(store)
    assert [row["division"] for row in rows(store)] == ["330421"]


def test_a_report_that_names_nobody_is_its_portals(store):
    portal = {"js": {"name": "嘉善县", "division": "330421"}}
    crawl(store, {"js": report_of(None, "5"), "x": report_of(None, "6")}, **portal)
    choose_current_reports(store)
    assert {(row["body"], row["division"]) for row in rows(store)} == {
        ("嘉善县人民政府", "330421"), ("x县", None),
    }  # fmt: skip
    with store.read() as connection:
        known = set(connection.scalars(select(public_body.c.id)))
    assert {row["body_id"] for row in rows(store)} <= known


def test_the_page_speaks_before_the_file_and_of_two_pages_the_one_found_last(store):
    file = report_of(JIASHAN, "9", kind=Kind.ATTACHMENT)
    crawl(store, {"p0": report_of(JIASHAN, "7"), "p1": report_of(JIASHAN, "8"), "p2": file})
    choose_current_reports(store)
    assert values(store) == [8]


def test_a_report_with_tables_speaks_before_one_without(store):
    bare = report_of(JIASHAN, "1", fields=published("2025-12-31"))
    crawl(store, {"p0": report_of(JIASHAN, "7"), "p1": replace(bare, figures=())})
    choose_current_reports(store)
    assert values(store) == [7]


@pytest.mark.parametrize("word", ["更正", "修订", "修正"])
def test_a_correction_speaks_and_else_what_was_published_last(store, word):
    late = report_of(JIASHAN, "3", fields=published("2025-03-01"))
    early = report_of(JIASHAN, "1", fields=published("2025-01-10"))
    crawl(store, {"p0": late, "p1": early})
    choose_current_reports(store)
    assert values(store) == [3]
    corrected = report_of(JIASHAN, "4", title=f"2024年年度报告（{word}）")
    crawl(store, {"p9": corrected})
    assert choose_current_reports(store) == 1
    assert values(store) == [4]


def test_the_latest_version_of_a_page_speaks(store):
    crawl(store, {"js": report_of(JIASHAN, "1")})
    choose_current_reports(store)
    crawl(store, {"js": report_of(JIASHAN, "2")}, Outcome.CHANGED)
    assert choose_current_reports(store) == 1
    assert values(store) == [2]


def test_a_version_read_again_is_chosen_again_with_what_is_read_now(store):
    crawl(store, {"js": report_of(JIASHAN, "1")})
    choose_current_reports(store)
    again = report_of(JIASHAN, "1", reader_version="r2", report_year=2023)
    ticket = begin(store, a_portal("js", "http://js.example/"), mode="full")
    [lease] = take(store, ticket.run_id)
    changes = {"reading": again, "supersede_reader": True}
    visit(store, lease, Outcome.UNCHANGED, **changes)
    choose_current_reports(store)
    assert [(row["report_year"], row["reader_version"]) for row in rows(store)] == [(2023, "r2")]


def test_copies_on_strangers_sites_and_reports_without_a_year_do_not_speak(store):
    crawl(store, {
        "p0": report_of(JIASHAN, "1", official=False), "p1": report_of(JIASHAN, "2", report_year=None),
    })  # fmt: skip
    assert choose_current_reports(store) == 0


def a_number(indicator, applicant, value, place):
    number = a_figure(indicator, value or "", value and Decimal(value), CellState.GIVEN)
    state = CellState.GIVEN if value else CellState.BLANK
    return replace(number, applicant=applicant, where=place, state=state)


def test_what_a_report_prints_twice_is_counted_once_and_a_number_before_a_blank(store):
    numbers = (
        a_number("f21.s3.new", "total", "1", "table 1 row 1 column 1"),
        a_number("f21.s3.new", "natural", None, "table 1 row 1 column 2"),
        a_number("f21.s3.new", "total", "2", "table 2 row 1 column 1"),
        a_number("f21.s3.new", "natural", "3", "table 2 row 1 column 2"),
        a_number("f14.review.total", None, "4", "table 3 row 1 column 1"),
        a_number("f14.review.total", None, "5", "table 4 row 1 column 1"),
        a_number(None, "total", "6", "table 5 row 1 column 1"),
    )
    crawl(store, {"js": a_reading(publisher=JIASHAN, figures=numbers)})
    choose_current_reports(store)
    assert values(store) == [1, 3, 4]


def test_the_key_of_a_row_is_unique_whatever_is_planted(store):
    """A table printed twice, two reports of one body and year, files, versions, nobody named."""
    numbers = tuple(
        a_number(indicator, applicant, str(n), f"table {n} row 1 column 1")
        for n in range(3)
        for indicator in ("f21.s3.new", "f21.s3.carried_in")
        for applicant in ("total", "natural", None)
    )
    twice = a_reading(figures=numbers)
    readings = {
        "p0": replace(twice, publisher=JIASHAN),
        "p1": replace(twice, publisher=JIASHAN, kind=Kind.ATTACHMENT),
        "p2": replace(twice, publisher=GULOU),
        "p3": replace(twice, publisher=GULOU),
        "p4": twice,
        "p5": twice,
        "p6": replace(twice, publisher=replace(JIASHAN, division=None)),
    }
    portals = {"p4": {"name": "嘉善县", "division": "330421"}}
    crawl(store, readings, **portals)
    crawl(store, {key: replace(each, lines=("二",)) for key, each in readings.items()},
          Outcome.CHANGED, **portals)  # fmt: skip
    choose_current_reports(store)
    keys = Counter(
        (row["body_id"], row["report_year"], row["indicator"], row["applicant"])
        for row in rows(store)
    )
    assert set(keys.values()) == {1}
    assert len(keys) == 5 * 6  # 嘉善县, two of 鼓楼区, p5's own, 嘉善县 of no known place
    assert not any(row["body_id"] is None for row in rows(store))


def test_bodies_say_where_and_for_which_years_they_report(store):
    other = report_of(JIASHAN, "1", report_year=2022)
    crawl(store, {"js": report_of(JIASHAN, "1"), "zj": other})
    choose_current_reports(store)
    [row] = rows(store, "bodies")
    assert (row["name"], row["division"], row["province"], row["kind"]) == (
        "嘉善县人民政府", "330421", "浙江省", "government",
    )  # fmt: skip
    assert (row["first_year"], row["last_year"], row["reports"]) == (2022, 2024, 2)
    assert row["portals"] in ('["js","zj"]', ["js", "zj"])


def test_townships_have_a_level_of_their_own(store):
    town = PublicBody(name="魏塘街道办事处", division="330421", kind=BodyKind.TOWNSHIP)
    crawl(store, {"js": report_of(town, "1")})
    choose_current_reports(store)
    assert [row["level"] for row in rows(store)] == ["township"]


def test_indicators_and_rules_are_tables(store):
    fill_codebook(store)
    found = {row["indicator"]: row for row in rows(store, "indicators")}
    received = found["f14.request.received.total"]
    assert (received["concept"], received["concept_name_en"]) == (
        "requests_received", "Requests received",
    )  # fmt: skip
    assert {row["rule"] for row in rows(store, "rules")} == {f"R{n}" for n in range(1, 22)}


def test_the_codebook_is_filled_anew_when_other_data_made_it(store):
    fill_codebook(store)
    with store.write() as connection:
        connection.execute(text("UPDATE codebook SET digest = 'of another release'"))
        connection.execute(text("DELETE FROM indicator"))
    fill_codebook(store)
    assert rows(store, "indicators") != []


def test_a_choice_that_was_cut_short_is_mended(store):
    crawl(store, {"js": report_of(JIASHAN, "1")})
    choose_current_reports(store)
    with store.write() as connection:
        connection.execute(text("DELETE FROM current_report"))
    assert choose_current_reports(store) == 1
    with store.read() as connection:
        assert [row["version"] for row in rows(store)] == [
            connection.scalar(select(version.c.number))
        ]


def test_what_a_killed_run_read_is_counted_when_the_archive_is_opened(tmp_path):
    with Store.open(tmp_path) as opened:
        crawl(opened, {"js": report_of(JIASHAN, "12")})
        choose_current_reports(opened)
        ticket = begin(opened, a_portal("gl", "http://gl.example/"), mode="full")
        for lease in take(opened, ticket.run_id):
            visit(opened, lease, reading=report_of(GULOU, "7"))
        with opened.read() as connection:
            assert uncounted_reports(connection) == 1
        assert values(opened) == [12]
    with open_archive(tmp_path) as opened:
        assert values(opened) == [7, 12]
        with opened.read() as connection:
            assert uncounted_reports(connection) == 0
