"""What every start asks costs no more after years of visits than after the first."""

from pathlib import Path

from archive.store import Store
from archive.store.query.portal_states import portal_states
from tests.store.making import ENTRY, a_portal, begin, finish, take, visit


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
