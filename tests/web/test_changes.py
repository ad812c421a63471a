"""The page of changes and its feed."""

import re
import shutil
from datetime import timedelta

import feedparser
import pytest
from lxml import etree

from archive.search.index import open_indexed
from archive.store.query.indexed_captures import pages_at
from archive.store.write.withdrawals import withdraw
from archive.work.ingest.changes import note_changes
from tests.support.invented import DAY, YUNHE, Site, county, crawl, fill, report, url
from tests.support.transactions import commit, fetch
from tests.web.conftest import served
from tests.web.test_pages import parsed, words

CHANGED = url(YUNHE, 2021)
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client, **parameters):
    answer = client.get("/changes.atom", params=parameters)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return etree.fromstring(answer.content).findall(f"{ATOM}entry")


def test_changes_stand_by_page_newest_first(client):
    page = parsed(client.get("/changes"))
    assert page.count("<article") == 2
    assert '<del lang="zh-Hans">61</del> → <ins lang="zh-Hans">63</ins>' in page
    said = words(client.get("/changes"))
    assert "1 line removed, 1 line added" in said
    assert "云河县政务办" in said
    assert '<link rel="alternate" type="application/atom+xml"' in page


def test_filters_narrow_what_is_shown_and_stay_in_the_form(client):
    page = parsed(client.get("/changes", params={"what": "figure", "since": "2026-04"}))
    assert page.count("<article") == 1
    assert '<option value="figure" selected>' in page
    assert 'href="/changes.atom?since=2026-04&amp;what=figure"' in page
    assert "No change." in words(client.get("/changes", params={"portal": "qingshan"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("portal", "yunhw"), ("since", "yesterday"), ("since", "77"), ("body", "无此局"),
     ("indicator", "f21.s9"), ("division", "无此地"), ("what", "figures"), ("until", "2026-13"),
     ("after", "zzz"), ("after", "WyJ4IiwxXQ"), ("after", "WyIyMDI2IixudWxsXQ")],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_on_the_page_and_by_the_api(client, name, value):
    page = client.get("/changes", params={name: value})
    assert page.status_code == 400
    assert 'role="alert"' in parsed(page)
    assert client.get("/api/changes", params={name: value}).status_code in (400, 404)
    assert client.get("/changes.atom", params={name: value}).status_code in (400, 404)


def test_the_api_goes_through_all_of_them_by_cursor(client):
    rows, after = [], ""
    for _ in range(3):
        answer = client.get("/api/changes", params={"limit": 1, "after": after}).json()
        rows += answer["changes"]
        after = answer["next"]
    assert after is None
    assert rows == client.get("/api/changes").json()["changes"]
    assert {row["what"] for row in rows} == {"figure", "text", "field"}
    csv = client.get("/api/changes", params={"format": "csv"}).text
    assert csv.count("\n") == 4


def test_the_feed_has_an_entry_a_page_with_the_comparison_inside(client):
    changed, moved = sorted(entries(client), key=lambda e: len(etree.tostring(e)), reverse=True)
    assert changed.find(f"{ATOM}updated").text == "2026-04-02T01:30:00.000000Z"
    words = "".join(changed.find(f"{ATOM}content").itertext())
    assert "新增一句。" in words
    assert "63" in words
    assert "云河县政务办" in "".join(moved.find(f"{ATOM}content").itertext())
    assert "/diff?" in changed.find(f"{ATOM}link[@rel='alternate']").get("href")


def test_ids_stay_and_differ(client):
    first = [each.find(f"{ATOM}id").text for each in entries(client)]
    assert len(set(first)) == 2
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", each) for each in first)
    assert {each.find(f"{ATOM}id").text for each in entries(client, what="figure")} < set(first)
    assert first == [each.find(f"{ATOM}id").text for each in entries(client)]


def test_the_feed_says_where_it_is_and_is_sent_once(client):
    answer = client.get("/changes.atom?what=figure&portal=yunhe")
    links = {
        link.get("rel"): link.get("href")
        for link in etree.fromstring(answer.content).findall(f"{ATOM}link")
    }
    assert (
        links["self"] == f"{str(client.base_url).rstrip('/')}/changes.atom?portal=yunhe&what=figure"
    )
    again = client.get(
        "/changes.atom?what=figure&portal=yunhe",
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


def test_feedparser_reads_the_feed(client):
    read = feedparser.parse(client.get("/changes.atom").content)
    assert not read.bozo
    assert len(read.entries) == 2
    assert read.feed.title == "Changes – Gongkai"
    assert "新增一句。" in read.entries[0].content[0].value + read.entries[1].content[0].value


def test_a_feed_without_changes_is_whole(client):
    assert entries(client, portal="qingshan") == []


def test_nothing_that_a_page_prints_breaks_the_feed_or_turns_its_words_round(tmp_path):
    hostile = "]]></content><script>x</script>\x0b\ufffe\u202e\0&amp;"
    with fill(tmp_path / "home") as store:
        later = county(YUNHE, "云河县", range(2019, 2025))
        later[CHANGED] = report("云河县", 2021, granted=64, prose=hostile)
        crawl(store, Site(readings=later), now=DAY + timedelta(days=60))
        note_changes(store)
        with served(store) as asking:
            answer = asking.get("/changes.atom")
            feed = feedparser.parse(answer.content)
            page = asking.get("/changes")
    assert not feed.bozo
    assert "<script" not in answer.text
    assert "\u202e" not in answer.text
    assert parsed(page)


def test_withdrawn_versions_have_no_changes_in_public(filled, tmp_path):
    shutil.copytree(filled, tmp_path / "home")
    with open_indexed(tmp_path / "home") as store:
        [page] = fetch(store, pages_at, [CHANGED])
        commit(store, withdraw, page.page_id, 1, reason="a name", by="li", at=DAY)
        with served(store) as asking:
            assert [row["what"] for row in asking.get("/api/changes").json()["changes"]] == [
                "field"
            ]
            assert "新增一句" not in asking.get("/changes.atom").text
