"""How far portals were looked through is told by their latest visits, as if by all of them."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, event, update

from archive.model.outcome import Outcome, Verdict
from archive.store import Store
from archive.store.frontier.runs import IMPORT
from archive.store.query.portal_looks import PortalLook, _visits, portal_looks
from archive.store.schema import outcome, run
from tests.store.making import NOW, a_portal, begin
from tests.support.crawled_lists import PORTAL, crawl

OTHER = a_portal("nt", "http://www.nt.example/nb/", name="南通市", division="320600")
BOTH = {PORTAL.key, OTHER.key}


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "home") as opened:
        yield opened


def by_all_visits(connection: Connection) -> dict[str, PortalLook]:
    """The plain way: every visit there was, oldest first."""
    found: dict[str, PortalLook] = {}
    for row in connection.execute(_visits().order_by(outcome.c.run_id)):
        before = found.get(row.portal_key, PortalLook())
        whole = row.lists and not row.unread and row.verdict == Verdict.GOOD
        found[row.portal_key] = PortalLook(
            whole_at=row.ended_at if whole else before.whole_at,
            refused=row.refused if row.refusals == row.visits else None,
        )
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_latest_visits_tell_what_all_do(store: Store, seed: int) -> None:
    random, now = Random(seed), NOW
    for _ in range(16):
        now += timedelta(days=1)
        crawl(
            store, [], {}, portal=random.choice((PORTAL, OTHER)), now=now,
            verdict=random.choice(("good", "bad", "bad", "bad")),
            entry=random.choice((Outcome.NEW, Outcome.BLOCKED, Outcome.BLOCKED, Outcome.GONE)),
        )  # fmt: skip
        with store.write() as connection:
            change = random.choice(({}, {}, {"status": "crashed"}, {"mode": IMPORT}))
            if change:
                of = random.randint(1, 16)
                connection.execute(update(run).where(run.c.id == of).values(change))
        with store.read() as connection:
            assert portal_looks(connection, BOTH) == by_all_visits(connection)


def test_a_portal_of_which_lists_wait_was_never_whole(store: Store) -> None:
    crawl(store, [], {})
    with store.read() as connection:
        assert portal_looks(connection, BOTH)[PORTAL.key].whole_at is not None
    begin(store, PORTAL, job="again", mode="full")
    with store.read() as connection:
        assert portal_looks(connection, BOTH)[PORTAL.key].whole_at is None


def test_old_visits_are_not_read(store: Store) -> None:
    told: list[str] = []
    for day in range(30):
        crawl(store, [], {}, now=NOW + timedelta(days=day))
    with store.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *each: told.append(each[2]))
        [look] = portal_looks(connection, BOTH).values()
    assert look.whole_at is not None
    assert len([each for each in told if each.startswith("SELECT")]) == 3
