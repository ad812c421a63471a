"""Captures as an index asks for them."""

from datetime import timedelta

from archive.store.query import indexed_captures
from tests.store.making import NOW, a_portal, begin, keep, take
from tests.support.transactions import fetch

URLS = ("http://a.example/nb/", "http://a.example/nb/1", "http://b.a.example:8080/", "https://b/")


def captured(store, *urls):
    ticket = begin(store, a_portal("a", *urls))
    keep(store, take(store, ticket.run_id))


def keys(store, query, *args):
    return sorted(each.key for each in fetch(store, query, *args))


def test_pages_are_found_by_key(store):
    captured(store, *URLS)
    assert keys(store, indexed_captures.pages_at, [URLS[1], "http://none/"]) == [URLS[1]]


def test_a_prefix_finds_what_lies_under_it_and_nothing_else(store):
    captured(store, *URLS, "http://a.example/nc")
    assert keys(store, indexed_captures.pages_under, ["http://a.example/nb/"]) == [*URLS[:2]]


def test_a_prefix_is_no_pattern(store):
    captured(store, "http://a.example/x_y%25", "http://a.example/xzy%25")
    assert len(keys(store, indexed_captures.pages_under, ["http://a.example/x_"])) == 1


def test_a_domain_is_its_host_and_those_below_it(store):
    captured(store, *URLS, "http://aa.example/", "http://a_a.example/")
    assert keys(store, indexed_captures.pages_of_domain, "a.example") == [*URLS[:3]]
    assert keys(store, indexed_captures.pages_of_domain, "a_a.example") == ["http://a_a.example/"]
    assert keys(store, indexed_captures.pages_of_domain, "%") == []


def test_captures_come_with_their_place(store):
    captured(store, *URLS[:2])
    pages = fetch(store, indexed_captures.pages_at, URLS[:2])
    found = fetch(store, indexed_captures.captures_of, [each.page_id for each in pages])
    assert {each.key for each in found} == {*URLS[:2]}
    assert all(each.spot.length and each.status == 200 for each in found)


def test_bounds_hold_from_both_sides(store):
    captured(store, URLS[0])
    [page] = fetch(store, indexed_captures.pages_at, URLS[:1])
    [capture] = fetch(store, indexed_captures.captures_of, [page.page_id])
    at, later = capture.captured_at, capture.captured_at + timedelta(seconds=1)
    near = indexed_captures.captures_near
    for moment in (at, later, NOW - timedelta(days=9)):
        assert fetch(store, near, page.page_id, moment, limit=3) == [capture]
    assert fetch(store, near, page.page_id, at, limit=3, start=later) == []
    assert fetch(store, near, page.page_id, at, limit=3, end=at) == []
    assert fetch(store, indexed_captures.captures_of, [page.page_id], start=at, end=later)
