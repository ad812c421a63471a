"""Portals and captures of the replay's first page."""

from archive.store.query.newest_captures import captured_portals, newest_captures
from tests.store.making import ENTRY, a_portal, a_reading, begin, keep, take, visit
from tests.support.transactions import fetch


def test_a_portal_is_told_once_it_was_captured(store):
    ticket = begin(store, a_portal("a", ENTRY))
    assert fetch(store, captured_portals) == []
    visit(store, take(store, ticket.run_id)[0], reading=a_reading())
    [portal] = fetch(store, captured_portals)
    assert (portal.key, portal.entry, portal.pages) == ("a", ENTRY, 1)


def test_a_capture_is_told_once_its_page_has_content(store):
    ticket = begin(store, a_portal("a", ENTRY, "http://a.example/x"))
    leases = take(store, ticket.run_id)
    keep(store, leases[1:])
    visit(store, leases[0], reading=a_reading(title="年报"))
    [capture] = fetch(store, newest_captures, limit=9)
    assert (capture.url, capture.title) == (leases[0].url, "年报")
