"""Whole views as streams: in the order of what rows say, whatever their numbers are."""

from sqlalchemy import insert

from archive.store.query.questions import stream_view
from archive.store.schema import finding, page
from archive.store.views import VIEWS, described_columns
from tests.store.making import a_reading, begin, take, visit
from tests.support.transactions import commit, fetch


def test_findings_are_ordered_by_what_they_say(store):
    """A ledger that is made again stores those of captures before those of versions."""
    ticket = begin(store)
    visit(store, take(store, ticket.run_id)[0], reading=a_reading())
    [page_id] = fetch(store, lambda connection: connection.scalars(page.select()).all()[:1])
    told = {"page_id": page_id, "severity": "warning", "evidence": ""}
    for rule, message in (("b", "2"), ("c", ""), ("b", "1"), ("a", "")):
        values = {**told, "rule": rule, "message": message}
        commit(store, lambda connection, row=values: connection.execute(insert(finding), row))
    names = ("url", "version", "rule", "message")
    rows = [row for row in streamed(store, "findings", names) if row[1] is None]
    assert [row[2:] for row in rows] == [("a", ""), ("b", "1"), ("b", "2"), ("c", "")]


def test_every_view_has_an_order(store):
    for name in VIEWS:
        assert streamed(store, name, [each.name for each in described_columns()[name]]) == []


def streamed(store, name, columns):
    with store.read() as connection:
        return list(stream_view(connection, name, columns))
