"""What every start asks costs no more after years of visits than after the first; figures are found
from either side.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text

from archive.store import Connection, Store
from archive.store.dialects import is_figure_of
from archive.store.query.current_reports import current_reports
from archive.store.query.portal_states import portal_states
from archive.store.schema import figure, version
from archive.store.views import query_of_numbers
from archive.store.write.current_reports import add_current_reports
from archive.store.write.figures import drop_figures
from archive.store.write.stored_reading import figure_cells, figures_of, version_figures
from tests.store.making import ENTRY, a_portal, begin, finish, take, visit
from tests.support.engines import ENGINES, ledger_on


def visited(home: Path, runs: int) -> None:
    with Store.open(home) as store:
        portal = a_portal("jiashan", *(f"{ENTRY}{number}.html" for number in range(5)))
        for _ in range(runs):
            ticket = begin(store, portal)
            for lease in take(store, ticket.run_id):
                visit(store, lease)
            finish(store, ticket.run_id)


def steps_of_portal_states(home: Path) -> int:
    """How many steps SQLite's machine takes for it, in hundreds."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with Store.open(home) as store, store.read() as connection:
        raw = connection.connection.driver_connection
        raw.set_progress_handler(count, 100)
        [state] = portal_states(connection)
        raw.set_progress_handler(None, 0)
    assert state.ended == 5
    return steps


def test_how_portals_stand_costs_the_same_after_many_runs(tmp_path: Path) -> None:
    visited(tmp_path / "young", 2)
    visited(tmp_path / "old", 30)
    young, old = (steps_of_portal_states(tmp_path / name) for name in ("young", "old"))
    assert old < 2 * young


def plans_of(connection: Connection, asked: Callable[[], object]) -> list[str]:
    """How the engine looks up what is asked."""
    said: list[tuple[str, Any]] = []

    def hear(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        said.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", hear)
    asked()
    event.remove(connection, "before_cursor_execute", hear)
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return [
        row[-1]
        for statement, parameters in said
        if statement.lstrip().startswith(("SELECT", "WITH", "INSERT", "DELETE"))
        for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)
    ]


BY_VERSION: dict[str, Callable[[Connection], object]] = {
    "reading": lambda c: figures_of(c, [1, 2]),
    "some indicators": lambda c: figures_of(c, [1, 2], only=["f21.a"]),
    "cells": lambda c: figure_cells(c, 1),
    "read again": lambda c: version_figures(c, 1),
    "drop": lambda c: drop_figures(c, [1, 2]),
    "merge": lambda c: c.execute(select(figure).where(is_figure_of(c, select(version.c.id)))),
    "spoken for": lambda c: list(current_reports(c, [1])),
    "chosen": lambda c: add_current_reports(c, [(1, 1, 2024)]),
    "page": lambda c: c.exec_driver_sql("SELECT * FROM figures WHERE url = 'u' AND version = 1"),
    "seal": lambda c: c.execute(text(query_of_numbers(c.dialect.name)), {"url": "u", "version": 1}),
    "body": lambda c: c.exec_driver_sql("SELECT * FROM figures_current WHERE body_id = 1"),
}


@pytest.mark.parametrize("name", BY_VERSION)
def test_figures_of_versions_are_looked_up_by_their_cells(tmp_path: Path, name: str) -> None:
    """The whole table lies in the order of cells: without a way to them it would be walked."""
    visited(tmp_path / "home", 1)
    with Store.open(tmp_path / "home") as store, store.write() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        plans = plans_of(connection, lambda: BY_VERSION[name](connection))
        connection.rollback()
    assert any(
        "layout_id=?" in each or "version_layout" in each or "SEARCH y" in each for each in plans
    ), plans
    assert not [each for each in plans if re.match("SCAN (f|figure|layout_cell|l)( |$)", each)]


def test_all_figures_are_read_version_by_version_and_not_sorted(tmp_path: Path) -> None:
    with Store.open(tmp_path / "home") as store, store.read() as connection:
        found = plans_of(connection, lambda: connection.exec_driver_sql("SELECT * FROM figures"))
    assert "SEARCH f USING PRIMARY KEY (cell_id=? AND version_id=? AND position=?)" in found
    assert not [each for each in found if "TEMP B-TREE" in each]


@pytest.mark.parametrize("view", ["figures", "figures_current", "figures_counted"])
def test_figures_of_an_indicator_are_read_from_where_they_lie_together(
    tmp_path: Path, view: str
) -> None:
    asked = f"SELECT * FROM {view} WHERE indicator = 'f21.a'"  # noqa: S608 - our own names
    with Store.open(tmp_path / "home") as store, store.read() as connection:
        found = plans_of(connection, lambda: connection.exec_driver_sql(asked))
    assert [each for each in found if each.startswith("SEARCH f USING PRIMARY KEY (cell_id=?")]
    assert not [each for each in found if re.match("SCAN f( |$)", each)]


# Of what is asked by version; "cells" and what asks for forms alone read layouts on both engines.
FIGURES_BY_VERSION = (
    "reading", "some indicators", "read again", "drop", "merge", "page", "body", "seal",
)  # fmt: skip


@pytest.mark.parametrize("engine", [each for each in ENGINES if each != "sqlite"])
@pytest.mark.parametrize("name", FIGURES_BY_VERSION)
def test_on_postgresql_figures_are_found_by_their_versions_alone(
    tmp_path: Path, engine: str, name: str
) -> None:
    """The planner would meet figures with the cells of all layouts before they are narrowed."""
    with (
        ledger_on(engine, tmp_path) as place,
        Store.open(place) as store,
        store.write() as connection,
    ):
        # A table without rows is walked whatever there is.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        plans = plans_of(connection, lambda: BY_VERSION[name](connection))
        connection.rollback()
    assert [each for each in plans if "ix_figure_version" in each]
    deletes = name == "drop"  # the layouts of these versions go, too
    assert deletes or not [each for each in plans if "layout" in each]


@pytest.mark.parametrize("asked", ["division = 'd'", "body_id = 1", "report_year = 2021"])
def test_figures_of_some_bodies_alone_are_looked_up(tmp_path: Path, asked: str) -> None:
    """What is known of a version is looked at before its figures."""
    with Store.open(tmp_path / "home") as store, store.read() as connection:
        query = f"SELECT * FROM figures WHERE {asked}"  # noqa: S608 - our own names
        found = plans_of(connection, lambda: connection.exec_driver_sql(query))
    tables = [each.split()[1] for each in found if each.startswith("SEARCH")]
    assert tables.index("o") < tables.index("f")
