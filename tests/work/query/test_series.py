"""Numbers over years, bodies and places."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from archive.codebook.divisions import whole_of
from archive.model.errors import UsageError
from archive.store import Store
from archive.store.query.counted import concept_rows
from archive.work.query.series import (
    Asked,
    ask,
    bodies_in_year,
    body_series,
    distribution,
    narrowed,
    sums,
    values_of,
)
from tests.store import conftest as ledgers
from tests.support import counted
from tests.support.counted import CHONGCHUAN, JIASHAN, TAX, url_of

# A fresh ledger for every test, on both engines.
location, made_home, store = ledgers.location, ledgers.made_home, ledgers.store


@pytest.fixture
def filled(store: Store) -> Store:
    counted.fill(store)
    return store


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Filled once, for what only reads; on SQLite."""
    home: Path = tmp_path_factory.mktemp("counted")
    with Store.open(home) as opened:
        counted.fill(opened)
        yield opened


def id_of(store: Store, name: str) -> int:
    with store.read() as connection:
        asked = narrowed(ask("requests_answered"), last_year=None)
        ids = {each.body: each.body_id for each in values_of(connection, asked)}
    return ids[name]


def series(store: Store, asked: Asked, name: str = CHONGCHUAN.name) -> dict[int, object]:
    with store.read() as connection:
        found = body_series(connection, asked, id_of(store, name))
    return {each.year: (each.has_report, each.number) for each in found}


def test_a_series_joins_forms_and_tells_a_year_without_report_from_one(filled: Store) -> None:
    assert series(filled, ask("requests_answered")) == {
        2018: (True, 132), 2019: (False, None), 2020: (False, None), 2021: (False, None),
        2022: (True, 104), 2023: (True, 82),
    }  # fmt: skip


def test_a_concept_of_two_numbers_is_their_sum_and_lacking_where_one_is_blank(
    filled: Store,
) -> None:
    found = series(filled, narrowed(ask("litigation"), first_year=2018))
    assert found[2018] == (True, 2)
    assert found[2022] == (True, 3)
    assert found[2023] == (True, None)


def test_an_indicator_is_of_one_form(seen: Store) -> None:
    found = series(seen, ask("f14.request.reply.total"))
    assert [year for year, (_, number) in found.items() if number is not None] == [2018]


def test_applicants_are_asked_for_apart(seen: Store) -> None:
    assert series(seen, ask("requests_received", "natural"))[2022] == (True, 90)
    assert series(seen, ask("requests_received", "total"))[2022] == (True, 100)
    assert series(seen, ask("f21.s3.new", "natural"))[2023] == (True, 80)


def test_a_body_that_is_not_there_has_no_series(seen: Store) -> None:
    with seen.read() as connection:
        assert body_series(connection, ask("reviews"), 999_999) == ()


def test_every_value_is_cited(filled: Store) -> None:
    with filled.read() as connection:
        [year] = [
            each for each in body_series(connection, ask("reviews"), id_of(filled, JIASHAN.name))
            if each.year == 2023
        ]  # fmt: skip
    assert year.value is not None
    assert (year.value.url, year.value.version) == (url_of(JIASHAN, 2023), 1)
    assert year.value.captured_at.tzinfo is not None
    assert len(year.value.content_hash) > 40


def test_bodies_of_a_year_come_by_size_and_those_that_lack_the_number_are_counted(
    filled: Store,
) -> None:
    with filled.read() as connection:
        found = bodies_in_year(connection, ask("reviews"), 2023)
    assert [(each.body, each.value) for each in found.values] == [
        (JIASHAN.name, 9), (CHONGCHUAN.name, 4),
    ]  # fmt: skip
    assert (found.reports, found.lacking) == (4, 2)


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        (None, [(None, 13, 2, 2)]),
        ("province", [("江苏省", 4, 1, 1), ("浙江省", 9, 1, 1)]),
        ("division", [("320613", 4, 1, 0), ("320623", None, 0, 1), ("330421", 9, 1, 1)]),
    ],
)
def test_sums_say_of_how_many_bodies_they_are_and_how_many_lack_the_number(
    filled: Store, by: str | None, wanted: list[object]
) -> None:
    asked = narrowed(ask("reviews"), first_year=2023, last_year=2023)
    with filled.read() as connection:
        found = sums(connection, asked, by)
    assert [(each.key, each.total, each.bodies, each.lacking) for each in found] == wanted


def test_sums_are_narrowed_as_values_are(filled: Store) -> None:
    asked = narrowed(ask("requests_answered"), first_year=2023, last_year=2023)
    places = narrowed(asked, divisions=whole_of("330000"))
    with filled.read() as connection:
        assert [each.total for each in sums(connection, places)] == [56]
        assert [each.total for each in sums(connection, narrowed(places, kind="department"))] == [6]
        assert [each.total for each in sums(connection, narrowed(asked, level="county"))] == [179]
        assert [each.total for each in sums(connection, narrowed(asked, province="江苏省"))] == [
            123
        ]
        assert sums(connection, narrowed(asked, level="township")) == ()


def test_fractions_are_added_exactly(filled: Store) -> None:
    with filled.read() as connection:
        [one] = [each for each in sums(connection, ask("budget")) if each.bodies]
    assert one.total == Decimal("1.25")


def test_the_numbers_of_a_body_are_the_parts_as_they_are_printed(filled: Store) -> None:
    with filled.read() as connection:
        [body_id] = {each.body_id for each in values_of(connection, ask("litigation"))}
        rows = [
            row
            for row in sorted(concept_rows(connection, body_id), key=lambda row: row.indicator)
            if (row.concept, row.report_year) == ("litigation", 2023)
        ]
    assert [(row.indicator, row.value, row.state) for row in rows] == [
        ("f21.s4.lit_after_review.total", None, "blank"), ("f21.s4.lit_direct.total", 1, "given"),
    ]  # fmt: skip
    assert {row.certainty for row in rows} == {"table"}


def test_values_of_bodies_are_by_body_and_year(seen: Store) -> None:
    with seen.read() as connection:
        found = [(each.body, each.report_year) for each in values_of(connection, ask("reviews"))]
    assert found == sorted(found)
    assert (TAX.name, 2023) not in found


def test_a_distribution_tells_quartiles_and_ten_steps(seen: Store) -> None:
    with seen.read() as connection:
        values = bodies_in_year(connection, ask("requests_answered"), 2023).values
    found = distribution(values)
    assert found is not None
    assert (found.count, found.least, found.most) == (4, 6, 82)
    assert found.quartiles == (Decimal("32.25"), Decimal("45.5"), 58)
    assert sum(count for _, _, count in found.bins) == 4
    assert len(found.bins) == 10


def test_a_distribution_of_one_value_or_none(seen: Store) -> None:
    with seen.read() as connection:
        [one] = bodies_in_year(connection, ask("budget"), 2018).values
    found = distribution([one])
    assert found is not None
    assert found.bins == ((one.value, one.value, 1),)
    assert distribution([]) is None


def test_an_empty_archive_answers_with_nothing(store: Store) -> None:
    with store.read() as connection:
        assert sums(connection, ask("reviews")) == ()
        assert bodies_in_year(connection, ask("reviews"), 2023).values == ()


@pytest.mark.parametrize(
    ("name", "applicant", "said"),
    [
        ("reveiws", None, "did you mean reviews"), ("reviews", "natural", "leave --applicant out"),
        ("f14.complaints", "natural", "leave --applicant out"),
        ("requests_received", "naturl", "did you mean natural"),
        ("requests_received", "x" * 9, "there are natural"),
    ],
)  # fmt: skip
def test_what_nobody_counts_is_refused(name: str, applicant: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ask(name, applicant)
