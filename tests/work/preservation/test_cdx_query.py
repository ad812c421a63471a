"""What a CDX query's parameters mean."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.errors import UsageError
from archive.work.preservation.cdx_query import Match, cdx_query, instant, nearest_to


@pytest.mark.parametrize(
    ("parameters", "match", "url"),
    [
        ({"url": "http://x.gov.cn/年报"}, Match.EXACT, "http://x.gov.cn/%E5%B9%B4%E6%8A%A5"),
        ({"url": "x.gov.cn"}, Match.EXACT, "http://x.gov.cn/"),
        ({"url": "http://x.gov.cn/nb/*"}, Match.PREFIX, "http://x.gov.cn/nb/"),
        ({"url": "x.gov.cn/nb", "matchType": "prefix"}, Match.PREFIX, "http://x.gov.cn/nb"),
        ({"url": "http://x.gov.cn:8080/nb", "matchType": "host"}, Match.HOST,
         "http://x.gov.cn:8080/"),
        ({"url": "*.gov.cn"}, Match.DOMAIN, "gov.cn"),
        ({"url": "http://gov.cn/", "matchType": "domain"}, Match.DOMAIN, "gov.cn"),
    ],
)  # fmt: skip
def test_which_urls_are_meant(parameters: dict[str, str], match: Match, url: str) -> None:
    found = cdx_query(parameters)
    assert (found.match, found.url) == (match, url)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "url is missing"),
        ({"url": "javascript:x"}, "no http URL"),
        ({"url": "x.cn", "matchType": "near"}, "none of exact"),
        ({"url": "x.cn", "sort": "size"}, "none of default"),
        ({"url": "x.cn", "sort": "closest"}, "needs closest"),
        ({"url": "x.cn", "closest": "now"}, "no timestamp"),
        ({"url": "x.cn", "from": "202"}, "no timestamp"),
        ({"url": "x.cn", "limit": "0"}, "no number"),
        ({"url": "x.cn", "limit": "²"}, "no number"),
    ],
)
def test_what_cannot_be_meant_is_told(parameters: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        cdx_query(parameters)


@pytest.mark.parametrize(
    ("stamp", "at"),
    [("2026", (2026, 1, 1)), ("202602", (2026, 2, 1)), ("20260231", (2026, 2, 28)),
     ("20261345", (2026, 12, 31)), ("20260131080910", (2026, 1, 31, 8, 9, 10)),
     ("20260131999999", (2026, 1, 31, 23, 59, 59)), ("0000", (1, 1, 1))],
)  # fmt: skip
def test_a_timestamp_begins_with_an_instant(stamp: str, at: tuple[int, ...]) -> None:
    assert instant(stamp, "closest") == datetime(*at, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("stamp", "at"),
    [("2026", (2026, 12, 31, 23, 59, 59)), ("202602", (2026, 2, 28, 23, 59, 59)),
     ("20260131", (2026, 1, 31, 23, 59, 59)), ("20260131080910", (2026, 1, 31, 8, 9, 10))],
)  # fmt: skip
def test_nearness_is_counted_from_the_end_of_what_is_named(stamp: str, at: tuple[int, ...]) -> None:
    assert nearest_to(stamp) == datetime(*at, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("to", "end"),
    [("2026", (2027, 1, 1)), ("202612", (2027, 1, 1)), ("20260131", (2026, 2, 1)),
     ("2026013108", (2026, 1, 31, 9)), ("202601310809", (2026, 1, 31, 8, 10)),
     ("20260131080910", (2026, 1, 31, 8, 9, 11))],
)  # fmt: skip
def test_an_end_holds_all_that_it_names(to: str, end: tuple[int, ...]) -> None:
    asked = cdx_query({"url": "x.cn", "to": to})
    assert asked.end == datetime(*end, tzinfo=UTC)  # type: ignore[misc]


@given(st.text("0123456789", min_size=4, max_size=14))
def test_every_run_of_digits_is_an_instant_within_the_calendar(stamp: str) -> None:
    assert cdx_query({"url": "x.cn", "closest": stamp, "from": stamp, "to": stamp}).closest
