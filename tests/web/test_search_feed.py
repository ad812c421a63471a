"""A saved search as an Atom feed."""

import feedparser
import httpx
import pytest

from tests.web.test_pages import parsed


def read(client: httpx.Client, **asked: object) -> feedparser.FeedParserDict:
    answer = client.get("/search.atom", params=asked)  # type: ignore[arg-type]
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo
    return found


def test_the_feed_has_the_hits_of_the_search_the_newest_first(client: httpx.Client) -> None:
    found = read(client, q="复议", portal="yunhe")
    hits = client.get("/api/search", params={"q": "复议", "portal": "yunhe"}).json()["hits"]
    assert [each.links[1].href for each in found.entries] == [hit["url"] for hit in hits]
    assert [each.updated for each in found.entries] == sorted(
        (each.updated for each in found.entries), reverse=True
    )
    assert "<strong>复议</strong>" in found.entries[0].content[0].value
    assert found.feed.title == "Search – Gongkai: q=%E5%A4%8D%E8%AE%AE&portal=yunhe"


def test_ids_stay_and_tell_searches_and_versions_apart(client: httpx.Client) -> None:
    whole, again, narrowed = (read(client, q="复议", year=year) for year in ("", "", 2021))
    assert [each.id for each in whole.entries] == [each.id for each in again.entries]
    assert len({each.id for each in whole.entries}) == len(whole.entries)
    assert {each.id for each in narrowed.entries} < {each.id for each in whole.entries}
    assert whole.feed.id == again.feed.id != narrowed.feed.id


def test_the_page_of_the_search_leads_to_its_feed(client: httpx.Client) -> None:
    page = parsed(client.get("/search?q=复议&year=2021&sort=relevance"))
    link = "/search.atom?q=%E5%A4%8D%E8%AE%AE&amp;year=2021"
    assert page.count(f'href="{link}"') == 2
    assert len(read(client, q="复议", year=2021).entries) == 1
    assert "search.atom" not in client.get("/search").text


@pytest.mark.parametrize(
    ("asked", "near"),
    [("", "q is missing"), ("q=复", "two characters"), ("q=复议&sort=captured", "sort"),
     ("q=复议&portal=yunhw", "did you mean yunhe"), ("q=复议&division=无此地", "no division")],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(client: httpx.Client, asked: str, near: str) -> None:
    answer = client.get(f"/search.atom?{asked}")
    assert answer.status_code == 400
    assert near in answer.text


def test_a_search_without_hits_is_a_whole_feed(client: httpx.Client) -> None:
    found = read(client, q="绝无此词")
    assert found.entries == []
    assert not found.feed.updated.startswith("1970")
