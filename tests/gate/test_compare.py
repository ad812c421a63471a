"""The tables of docs/reading.md: counted from what each reader takes, gaps told as gaps."""

from bench.quality import document, tally
from bench.readers import Taken, by_resiliparse, by_trafilatura, ours
from tests.gate.material import GoldPage
from tests.reading.pages import ADDRESS, PARAGRAPHS, page

GOLD = {
    "url": ADDRESS,
    "title": "2018年政府信息公开年报",
    "published_on": "2019-01-04",
    "must_contain": ["全镇认真贯彻落实条例"],
    "must_not_contain": ["互动交流"],
}
BODY = page(
    f"<h1>2018年政府信息公开年报</h1><p>发布日期：2019-01-04</p><div id='zoom'>{PARAGRAPHS}</div>"
).encode()
PAGES = [GoldPage(key="own", body=BODY, gold=GOLD)]


def test_fields_and_text_are_counted() -> None:
    found = tally(ours, PAGES)
    assert (found.right, found.text.hits["pages_perfect"]) == ({"title": 1, "published_on": 1}, 1)


def test_a_reader_that_raises_reads_nothing() -> None:
    def broken(_body: bytes, url: str) -> Taken:
        if loads.pop():
            raise ValueError(url)
        return Taken(text="", fields={})

    loads = [True, False]  # the page that loads what is loaded once, then the page that counts
    found = tally(broken, PAGES)
    assert (found.failed, found.text.hits["pages_perfect"]) == (1, 0)


def test_readers_of_others_take_text() -> None:
    texts = [reader(BODY, ADDRESS).text for reader in (by_trafilatura, by_resiliparse)]
    assert all("全镇认真贯彻落实条例" in text for text in texts)


def test_what_is_not_installed_or_not_looked_for_is_told() -> None:
    told = document(PAGES, {"ours": tally(ours, PAGES), "theirs": tally(_bare, PAGES), "gne": None})
    assert ("| gne | not installed |" in told, "| `published_on` | 1 | 1 | – |" in told) == (
        True,
        True,
    )


def _bare(_body: bytes, _url: str) -> Taken:
    return Taken(text="", fields={"title": None})
