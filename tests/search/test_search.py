"""Search finds exactly what a scan of the stored texts finds."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.dialects import postgresql

from archive.model.errors import UsageError
from archive.search import candidates, filters, index, proof
from archive.search.grams import fold
from archive.search.index import is_current, open_indexed, refresh
from archive.search.index_check import index_faults
from archive.search.query import Answer, Filters, search
from archive.store import Store
from archive.store.rows import VersionText
from archive.store.schema import version
from tests.search.conftest import NOW, Shelf
from tests.support.invented import (
    DAY,
    PORTALS,
    QINGSHAN,
    YUNHE,
    Site,
    county,
    crawl,
    report,
    url,
)

ALPHABET = "县局政府2016aAé，。 \n\t１（）"
EVERYTHING = 1_000


def ask(store: Store, wanted: str, limit: int = EVERYTHING, **filters: object) -> Answer:
    with store.read() as connection:
        return search(connection, wanted, Filters(**filters), limit=limit)  # type: ignore[arg-type]


def urls(answer: Answer) -> list[str]:
    return [hit.url for hit in answer.hits]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, dict[str, str]]]:
    """A few hundred random texts, half of them changed once: what is searched is the second."""
    chance = random.Random(20161231)
    with open_indexed(tmp_path_factory.mktemp("scan")) as store:
        shelf = Shelf(store)
        first = [_random_page(chance) for _ in range(300)]
        shelf.put(first)
        second = [_random_page(chance) if chance.random() < 0.5 else old for old in first]
        found = shelf.put(second, now=NOW + timedelta(days=1))
        yield store, {u: f"{fold(t)}\0{fold(x)}" for u, (t, x) in zip(found, second, strict=True)}


def _random_page(chance: random.Random) -> tuple[str, str]:
    title = "".join(chance.choices(ALPHABET, k=chance.randrange(12)))
    return title, "".join(chance.choices(ALPHABET, k=chance.randrange(120)))


@settings(max_examples=300)
@given(st.text(ALPHABET, min_size=1, max_size=6))
def test_search_equals_a_scan_over_all_latest_texts(
    scanned: tuple[Store, dict[str, str]], wanted: str
) -> None:
    store, texts = scanned
    folded = fold(wanted)
    if len(folded) < 2:
        with pytest.raises(UsageError):
            ask(store, f'"{wanted}"')
        return
    answer = ask(store, f'"{wanted}"')
    assert set(urls(answer)) == {url for url, text in texts.items() if folded in text}
    assert not answer.approximate


@settings(max_examples=60)
@given(st.data())
def test_every_stretch_of_every_stored_text_finds_its_page(
    scanned: tuple[Store, dict[str, str]], data: st.DataObject
) -> None:
    store, texts = scanned
    url = data.draw(st.sampled_from(sorted(texts)))
    text = texts[url].split("\0")[1]
    if len(text) < 2:
        return
    start = data.draw(st.integers(0, len(text) - 2))
    stretch = text[start : start + data.draw(st.integers(2, 60))]
    if len(fold(stretch)) >= 2:
        assert url in urls(ask(store, f'"{stretch}"'))


@settings(max_examples=100)
@given(st.lists(st.text("县局政府2016aA，", min_size=1, max_size=3), min_size=1, max_size=4))
def test_all_words_are_wanted_wherever_they_stand(
    scanned: tuple[Store, dict[str, str]], words: list[str]
) -> None:
    store, texts = scanned
    folded = [fold(word) for word in words]
    if max(map(len, folded)) < 2:
        return
    answer = ask(store, " ".join(words))
    assert set(urls(answer)) == {
        url for url, text in texts.items() if all(word in text for word in folded)
    }


def test_every_number_is_found_among_reports_full_of_other_numbers(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "WALKED", 20)
    chance = random.Random(36365)
    rows = [[str(chance.randrange(100_000)) for _ in range(60)] for _ in range(120)]
    for row in rows[::3]:
        row[chance.randrange(60)] = "36365"
    shelf.put([("年报", "\t".join(row)) for row in rows])
    monkeypatch.setattr(proof, "MAX_FALSE", 3)
    assert len(ask(shelf.store, "36365").hits) == 40
    for number in {cell for row in rows[:10] for cell in row if len(cell) == 5}:
        assert ask(shelf.store, number).hits


def test_cells_are_no_number_but_each_is_one(shelf: Shelf) -> None:
    shelf.put([("年报", "130\t7\t11"), ("年报", "130711")])
    assert urls(ask(shelf.store, "130711")) == ["http://x.example/1.htm"]
    assert urls(ask(shelf.store, '"130 7 11"')) == ["http://x.example/0.htm"]


def test_a_phrase_stands_in_quotes_and_words_without_them_may_lie_apart(shelf: Shelf) -> None:
    shelf.put([("申请", "行政复议"), ("年报", "行政复议申请"), ("年报", "行政复议")])
    both = ["http://x.example/1.htm", "http://x.example/0.htm"]
    assert urls(ask(shelf.store, "行政复议 申请")) == both
    for phrase in ('"行政复议 申请"', "“行政复议申请”", '"行政复议申请'):
        assert urls(ask(shelf.store, phrase)) == both[:1]
    (hit,) = ask(shelf.store, "行政 申请 议").hits[:1]
    assert [piece.text for piece in hit.title] == ["年报"]
    assert [piece.text for piece in hit.snippets[0] if piece.marked] == ["行政", "议", "申请"]


def test_han_latin_and_digits_are_found_across_width_case_and_white_space(shelf: Shelf) -> None:
    shelf.put([("通州区供销社２０１８年", "移交 局2016 卷，Annual\nReport 一份")])
    for wanted in ("供销社2018", "局２０１６", "６卷", "ANNUALreport", '"社 2018 年"'):
        assert len(ask(shelf.store, wanted).hits) == 1, wanted


def test_a_hit_never_spans_title_and_text(shelf: Shelf) -> None:
    shelf.put([("甲乙", "丙丁")])
    assert not ask(shelf.store, "乙丙").hits


def test_signs_of_the_query_language_are_only_characters(shelf: Shelf) -> None:
    shelf.put([("a", 'x" OR "y (1) * NEAR ^ -: \'')])
    for wanted in ('" OR "', '“x" OR”', "(1)", "* NEAR", "^ -:", '"- :"'):
        assert len(ask(shelf.store, wanted).hits) == 1, wanted


@pytest.mark.parametrize("wanted", ["", "局", "  ", " 局 ", "局 县", '""', '"局', "局" * 201])
def test_too_short_and_too_long_queries_are_refused(shelf: Shelf, wanted: str) -> None:
    with pytest.raises(UsageError):
        ask(shelf.store, wanted)


def test_lists_are_left_out(shelf: Shelf) -> None:
    shelf.put([("a", "正文")])
    assert not ask(shelf.store, "列表页").hits


def test_only_the_latest_version_is_found(shelf: Shelf) -> None:
    shelf.put([("年报", "旧的内容")])
    shelf.put([("年报", "新的内容")], now=NOW + timedelta(days=1))
    assert not ask(shelf.store, "旧的").hits
    (hit,) = ask(shelf.store, "新的").hits
    assert hit.version == 2


def test_hits_come_newest_first_and_pages_of_hits_do_not_overlap(shelf: Shelf) -> None:
    shelf.put([("年报", f"复议 {number}") for number in range(60)])
    with shelf.store.read() as connection:
        pages = [
            search(connection, "复议", Filters(), limit=25, offset=offset) for offset in (0, 25, 50)
        ]
    ids = [hit.version_id for page in pages for hit in page.hits]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 60
    assert [page.more for page in pages] == [True, True, False]


def test_snippets_mark_the_query_as_it_is_stored(shelf: Shelf) -> None:
    shelf.put([("标题", "前文" * 50 + "行政\n复议１２件，又行政复议12件" + "后文" * 50)])
    (hit,) = ask(shelf.store, "行政复议12").hits
    (snippet,) = hit.snippets
    assert [piece.text for piece in snippet if piece.marked] == ["行政 复议１２", "行政复议12"]
    assert snippet[0].text.startswith("…")
    assert snippet[-1].text.endswith("…")


def test_a_hit_in_the_title_alone_has_no_snippet(shelf: Shelf) -> None:
    shelf.put([("供销社年报", "正文")])
    (hit,) = ask(shelf.store, "供销").hits
    assert hit.snippets == ()
    assert [piece.text for piece in hit.title if piece.marked] == ["供销"]


def test_many_false_candidates_make_the_answer_approximate(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put([("a", f"甲乙 丙 乙丙 {number}") for number in range(30)])
    assert not ask(shelf.store, "丙乙丙").approximate
    monkeypatch.setattr(proof, "MAX_FALSE", 10)
    monkeypatch.setattr(candidates, "WALKED", 10)
    shelf.put([("a", f"甲乙，丙乙，乙丙 {number}") for number in range(30)], now=NOW + timedelta(1))
    assert ask(shelf.store, "丙乙丙").approximate


@pytest.fixture(scope="module")
def counties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_indexed(tmp_path_factory.mktemp("counties")) as store:
        pages = county(YUNHE, "云河县", (2019, 2021)) | county(QINGSHAN, "青山区", (2021,))
        pages[url(YUNHE, 2019)] = report("云河县", 2019, agency="云河县供销社")
        crawl(store, Site(readings=pages), now=DAY, portals=PORTALS)
        yield store


@pytest.mark.parametrize(
    ("filters", "years"),
    [
        ({}, [("qingshan", 2021), ("yunhe", 2019), ("yunhe", 2021)]),
        ({"portal": QINGSHAN}, [("qingshan", 2021)]),
        ({"year": 2021}, [("qingshan", 2021), ("yunhe", 2021)]),
        ({"agency": "供销"}, [("yunhe", 2019)]),
        ({"agency": "云河县　供销社"}, [("yunhe", 2019)]),
        ({"from_on": date(2020, 3, 11)}, [("qingshan", 2021), ("yunhe", 2021)]),
        ({"from_on": date(2020, 3, 10), "to_on": date(2020, 3, 10)}, [("yunhe", 2019)]),
        ({"to_on": date(2019, 12, 31)}, []),
    ],
)
def test_filters_narrow_the_hits(
    counties: Store, filters: dict[str, object], years: list[tuple[str, int]]
) -> None:
    answer = ask(counties, "复议", **filters)
    assert sorted((hit.portal, hit.report_year) for hit in answer.hits) == years


@pytest.mark.parametrize("unpacked", [0, 12])
def test_what_filters_leave_is_looked_up_in_rows_or_in_the_index_of_terms(
    shelf: Shelf, unpacked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "_UNPACKED", unpacked)
    words = ["行政复议", "复议", "复一议", "诉讼"] * 3
    put = shelf.put([("年报", word) for word in words])
    found = urls(ask(shelf.store, "复议", portal="x"))
    wanted = [url for url, word in zip(put, words, strict=True) if "复议" in word]
    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize(
    ("filters", "hint"),
    [
        ({"portal": "qingshn"}, "did you mean qingshan?"),
        ({"agency": "云河县供消社"}, "did you mean 云河县供销社"),
        ({"agency": "没有"}, "no agency has"),
    ],
)
def test_a_filter_that_nothing_can_meet_is_an_error(
    counties: Store, filters: dict[str, object], hint: str
) -> None:
    with pytest.raises(UsageError, match=hint.replace("?", "[?]")):
        ask(counties, "复议", **filters)


def test_a_missing_index_gives_the_same_hits(location: str) -> None:
    with Store.open(location) as store:
        Shelf(store).put([("年报", "行政复议一件"), ("通知", "无关")])
        with store.read() as connection:
            assert not is_current(connection)
        before = urls(ask(store, "复议"))
        assert refresh(store)
        assert not refresh(store)
        with store.read() as connection:
            assert is_current(connection)
        assert urls(ask(store, "复议")) == before == ["http://x.example/0.htm"]


def test_an_index_by_another_rule_is_left_alone_until_the_ledger_is_opened_again(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_indexed(location) as store:
        Shelf(store).put([("年报", "行政复议一件"), ("通知", "甲乙")])
        monkeypatch.setattr(index, "_MADE_BY", dict.fromkeys(index._MADE_BY, "another rule"))
        Shelf(store).put([("年报", "行政复议两件"), ("通知", "丙丁")], now=NOW + timedelta(days=1))
        with store.read() as connection:
            assert not is_current(connection)
        assert len(ask(store, "复议两").hits) == 1
    with open_indexed(location) as store:
        with store.read() as connection:
            assert is_current(connection)
        assert [len(ask(store, wanted).hits) for wanted in ("复议两", "丙丁", "复议一")] == [
            1,
            1,
            0,
        ]


def test_the_index_holds_superseded_versions_and_takes_them_into_an_index_of_before(
    shelf: Shelf, location: str
) -> None:
    shelf.put([("年报", "旧的内容"), ("通知", "甲乙")])
    shelf.put([("年报", "新的内容"), ("通知", "甲乙")], now=NOW + timedelta(days=1))
    assert indexed(shelf.store, "内容") == 2
    with shelf.store.write() as connection:
        old = connection.scalar(select(func.min(version.c.id)).where(version.c.title == "年报"))
        former = VersionText(version_id=old, page_id=0, title="年报", text="旧的内容", hidden=False)
        gone = replace(former, hidden=True, replaces=former)
        index.index_versions(connection, [gone])
        connection.execute(
            text("UPDATE search_state SET made_by = :rule"), {"rule": index._OF_LATEST}
        )
    assert indexed(shelf.store, "内容") == 1
    with open_indexed(location) as store:
        assert indexed(store, "内容") == 2
        assert list(index_faults(store, deep=True)) == []


def indexed(store: Store, term: str) -> int:
    with store.read() as connection:
        return len(connection.execute(index.candidates(connection.dialect.name, [term])).all())


def test_a_version_that_is_not_stored_is_not_indexed(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_after(connection: object, entries: object) -> None:
        index.index_versions(connection, entries)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    with Store.open(location, on_versions=fails_after) as store, pytest.raises(RuntimeError):
        Shelf(store).put([("年报", "行政复议一件")])
    with open_indexed(location) as store:
        assert not ask(store, "复议").hits


def test_agencies_are_read_from_their_index_alone(tmp_path: Path) -> None:
    with Store.open(tmp_path / "home") as store, store.read() as connection:
        said = filters._agency_names().compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}").all()
    assert [row[3] for row in plan] == [
        "SEARCH field USING COVERING INDEX ix_field_agency (name_id=?)"
    ]


def test_queries_can_be_said_to_postgresql() -> None:
    chosen = index.candidates("postgresql", ["复议", "局2"]).cte("found")
    said = str(chosen.select().compile(dialect=postgresql.dialect()))
    assert "search_terms(terms) @> CAST(%(terms)s AS integer[])" in said


def test_instants_of_hits_are_aware(counties: Store) -> None:
    (hit, *_) = ask(counties, "复议").hits
    assert hit.captured_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
