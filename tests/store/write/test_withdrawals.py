"""Out of public view and back, logged."""

from datetime import timedelta

import pytest

from archive.model.errors import UsageError
from archive.store.query.indexed_captures import pages_at
from archive.store.query.questions import stream_view, view_columns
from archive.store.query.withdrawals import standing_withdrawals, withdrawals_of
from archive.store.write.withdrawals import restore, withdraw
from tests.store.making import ENTRY, NOW, a_reading, begin, take, visit
from tests.support.transactions import commit, fetch

LATER = NOW + timedelta(days=1)


@pytest.fixture
def page_id(store):
    ticket = begin(store)
    visit(store, take(store, ticket.run_id)[0], reading=a_reading())
    return fetch(store, pages_at, [ENTRY])[0].page_id


def log(store):
    with store.read() as connection:
        columns = view_columns(connection, "withdrawals")
        return [dict(zip(columns, row, strict=True))
                for row in stream_view(connection, "withdrawals", columns)]  # fmt: skip


def test_what_is_withdrawn_stands_until_it_is_brought_back(store, page_id):
    commit(store, withdraw, page_id, None, reason="a name", by="li", at=NOW)
    [standing] = fetch(store, standing_withdrawals)
    assert (standing.url, standing.version, standing.reason) == (ENTRY, None, "a name")
    assert standing.covers(NOW - timedelta(days=9_000))
    commit(store, restore, page_id, None, reason="corrected", by="wu", at=LATER)
    assert fetch(store, standing_withdrawals) == []
    [row] = log(store)
    assert (row["withdrawn_by"], row["restored_by"], row["restored_reason"]) == (
        "li", "wu", "corrected"
    )  # fmt: skip


def test_it_can_be_withdrawn_again_and_both_stand_in_the_log(store, page_id):
    for at in (NOW, LATER):
        commit(store, withdraw, page_id, 1, reason="a name", by="li", at=at)
        commit(store, restore, page_id, 1, reason=None, by="li", at=at)
    assert len(log(store)) == 2


def test_a_page_and_its_version_are_withdrawn_apart(store, page_id):
    commit(store, withdraw, page_id, None, reason="all", by="li", at=NOW)
    commit(store, withdraw, page_id, 1, reason="one", by="li", at=NOW)
    commit(store, restore, page_id, None, reason=None, by="li", at=LATER)
    [standing] = fetch(store, withdrawals_of, [page_id])
    assert (standing.version, standing.end) == (1, None)
    assert standing.covers(standing.start)
    assert not standing.covers(standing.start - timedelta(seconds=1))


@pytest.mark.parametrize("version", [None, 1])
def test_twice_is_an_error_and_undoing_nothing_too(store, page_id, version):
    with pytest.raises(UsageError, match="not withdrawn"):
        commit(store, restore, page_id, version, reason=None, by="li", at=NOW)
    commit(store, withdraw, page_id, version, reason="a", by="li", at=NOW)
    with pytest.raises(UsageError, match="withdrawn already"):
        commit(store, withdraw, page_id, version, reason="a", by="li", at=NOW)
