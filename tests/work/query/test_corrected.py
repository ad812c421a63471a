"""Sums and values with what people corrected in the place of what was read, on each engine."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from archive.store import Store
from archive.store.query.corrected import NumberCorrection
from archive.store.schema import cell, figure, page, version
from archive.work.query.series import Asked, ask, narrowed, sums
from archive.work.query.table import make_table
from tests.store import conftest as ledgers
from tests.support import counted
from tests.support.counted import CHONGCHUAN, JIASHAN, url_of

location, made_home, store = ledgers.location, ledgers.made_home, ledgers.store

FIRST, SECOND = "f21.s4.lit_direct.total", "f21.s4.lit_after_review.total"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    counted.fill(store)
    return store


def correction(store: Store, url: str, indicator: str, value: str, by: str) -> NumberCorrection:
    with store.read() as connection:
        found = connection.execute(
            select(figure.c.version_id, figure.c.position)
            .join(cell, cell.c.id == figure.c.cell_id)
            .join(version, version.c.id == figure.c.version_id)
            .join(page, page.c.id == version.c.page_id)
            .where(page.c.key == url, cell.c.indicator == indicator)
        ).one()
    return NumberCorrection(
        version_id=found.version_id, position=found.position, value=Decimal(value), by=by,
        reason=f"{by} says so", at=AT,
    )  # fmt: skip


def with_corrections(name: str, *corrections: NumberCorrection) -> Asked:
    return narrowed(ask(name), first_year=2022, last_year=2023, corrected=corrections)


def rows(store: Store, asked: Asked, by: str = "body") -> list[dict[str, object]]:
    with store.read() as connection:
        return [dict(row) for row in make_table(connection, [asked], by).rows]


def test_a_sum_has_what_was_read_beside_it_where_all_of_it_was(filled: Store) -> None:
    asked = with_corrections(
        "litigation",
        correction(filled, url_of(CHONGCHUAN, 2022), FIRST, "5", "li"),
        correction(filled, url_of(CHONGCHUAN, 2022), SECOND, "0.25", "wu"),
        correction(filled, url_of(CHONGCHUAN, 2023), SECOND, "4", "li"),
    )
    found = [
        (each["report_year"], each["value"], each["read_value"], each["corrected_by"],
         each["correction_reason"], each["certainty"])
        for each in rows(filled, asked)
    ]  # fmt: skip
    assert found == [
        (2022, Decimal("5.25"), 3, "wu; li", "wu says so; li says so", "corrected"),
        (2023, 5, None, "li", "li says so", "corrected"),
    ]
    with filled.read() as connection:
        by_year = {each.year: (each.total, each.bodies) for each in sums(connection, asked)}
    assert by_year == {2022: (Decimal("5.25"), 1), 2023: (5, 1)}


def test_sums_of_places_count_those_that_are_corrected(filled: Store) -> None:
    review = "f21.s4.review.total"
    asked = with_corrections(
        "reviews", correction(filled, url_of(JIASHAN, 2023), review, "12", "li")
    )
    for by, key in (("place", "division"), ("province", "province"), ("year", None)):
        found = {
            (each[key] if key else None, each["report_year"]): (each["value"], each["corrected"])
            for each in rows(filled, asked, by)
        }
        place = {"division": "330421", "province": "浙江省", None: None}[key]
        assert found[place, 2023] == (12 if key else 16, 1)
        assert [corrected for _, corrected in found.values()].count(1) == 1


def test_nobody_who_does_not_ask_sees_more_columns(filled: Store) -> None:
    plain = narrowed(ask("reviews"), first_year=2022, last_year=2023)
    with filled.read() as connection:
        columns = {*make_table(connection, [plain], "body").columns}
        more = {*make_table(connection, [with_corrections("reviews")], "body").columns}
    assert more - columns == {"read_value", "corrected_by", "correction_reason"}
    assert [{**row, "read_value": None, "corrected_by": None, "correction_reason": None}
            for row in rows(filled, plain)] == rows(filled, with_corrections("reviews"))  # fmt: skip


def test_a_file_full_of_corrections_is_looked_into_once(filled: Store) -> None:
    """Not once for each figure: ten thousand took a second each time."""
    made = correction(filled, url_of(JIASHAN, 2023), "f21.s4.review.total", "12", "li")
    others = [
        NumberCorrection(version_id=100_000 + number, position=0, value=Decimal(1), by="li",
                         reason="r" * 100, at=AT)
        for number in range(10_000)
    ]  # fmt: skip
    begun = time.process_time()
    found = rows(filled, with_corrections("reviews", made, *others))
    assert time.process_time() - begun < 5
    assert [each["value"] for each in found if each["corrected_by"]] == [12]
