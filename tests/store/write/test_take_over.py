"""What a URL visited on its own had found goes to the catalogue's portal that names it."""

from datetime import UTC, datetime

import pytest

from archive.model.portal import Portal
from archive.store import Store, catalogue
from archive.store.frontier import leasing, runs
from tests.support.transactions import commit

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ENTRY = "http://x.example/nb/"
VISITED = Portal(key="x-example-nb", name="?", entries=(ENTRY,), source="ad-hoc")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        commit(opened, catalogue.save_portals, [VISITED])
        begun(opened, VISITED)
        yield opened


def begun(store, portal):
    """A run of the portal; runs before it are over, with what they left."""
    return commit(store, runs.begin_run,
        job=portal.key, portals=[portal], options={}, mode="due", now=NOW, pid=1,
        is_alive=lambda _pid: False,
    )  # fmt: skip


def leased(store, run_id):
    leases = commit(store, leasing.lease, run_id, limit=9, per_host=9, exclude_hosts=(), now=NOW)
    return [(lease.portal_key, lease.url) for lease in leases]


@pytest.mark.parametrize(("source", "owner"), [("user", "x"), ("shipped", "x")])
def test_a_catalogue_row_takes_over_what_waits(store, source, owner):
    row = Portal(key="x", name="甲县", entries=(ENTRY,), source=source)
    commit(store, catalogue.save_portals, [row])
    assert leased(store, begun(store, row).run_id) == [(owner, ENTRY)]


def test_another_visit_on_its_own_takes_nothing(store):
    other = Portal(key="other", name="?", entries=("http://x.example/b/",), source="ad-hoc")
    commit(store, catalogue.save_portals, [other])
    assert leased(store, begun(store, other).run_id) == [("other", "http://x.example/b/")]


def test_a_catalogue_row_takes_nothing_from_another(store):
    one = Portal(key="one", name="甲县", entries=(ENTRY,), source="user")
    two = Portal(key="two", name="乙县", entries=("http://x.example/b/",), source="user")
    commit(store, catalogue.save_portals, [one])
    commit(store, catalogue.save_portals, [two])
    assert leased(store, begun(store, one).run_id) == [("one", ENTRY)]
