"""What charts draw: whole markup, every value, nothing that a number or a name could break."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markupsafe import Markup

from archive.codebook.divisions import divisions
from archive.web.charts import (
    SIGNS,
    STEPS,
    Mark,
    Series,
    bar,
    bins,
    distribution,
    lines,
    marker,
    strip,
    ticks,
    tiles,
)
from archive.web.charts import _shades as shades
from archive.web.provinces import PROVINCES
from archive.work.query.coverage import State

HOSTILE = "<script>alert(1)</script>\u202e\0\"'&" + "长" * 10_000


def tree(drawn: Markup) -> etree._Element:
    root = etree.fromstring(str(drawn).encode())
    assert root.get("viewBox")
    ids = {each.get("id") for each in root.iter() if each.get("id")}
    assert {root.get("aria-labelledby"), root.get("aria-describedby")} <= ids
    linked = root.findall(".//a")
    assert root.get("role") == ("group" if linked else "img")
    assert all(each.findtext("title") for each in linked)
    assert not [each for each in root.iter() if each.get("style")]
    return root


def mark(value: float | None, url: str | None = None, state: str = "") -> Mark:
    return Mark(value=value, said=f"{value}", url=url, state=state)


def path_of(**years: float | None) -> str:
    series = Series(name="甲", marks={int(y[1:]): mark(v) for y, v in years.items()})
    return tree(lines("x", "t", "d", [series])).find(".//path[@class='line']").get("d")


def test_a_line_breaks_where_a_year_is_missing_or_has_no_value() -> None:
    assert path_of(y2014=1, y2015=2, y2016=3).count("M") == 1
    assert path_of(y2014=1, y2016=3).count("M") == 2
    assert path_of(y2014=1, y2015=None, y2016=3).count("M") == 2


def test_zero_is_a_value_and_stands_on_the_ground() -> None:
    series = [Series(name="甲", marks={2014: mark(0), 2015: mark(10)})]
    drawn = tree(lines("x", "t", "d", series))
    assert len(drawn.findall(".//path[@class='marker']")) == 2


def test_every_value_links_its_report_and_says_it() -> None:
    series = [Series(name="甲", marks={2014: mark(7, "/page?url=a&b=1")})]
    (link,) = tree(lines("x", "t", "d", series)).findall(".//a")
    assert (link.get("href"), link.findtext("title")) == ("/page?url=a&b=1", "7")


def test_each_line_has_a_shape_of_its_own_besides_its_colour() -> None:
    shapes = {etree.fromstring(str(marker(place)).encode())[1].get("d") for place in range(5)}
    assert len(shapes) == 5


def test_another_form_is_marked_between_the_years() -> None:
    series = [Series(name="甲", marks={2018: mark(1), 2019: mark(2)})]
    drawn = tree(lines("x", "t", "d", series, breaks={2019: "f19", 2014: "f14", 2021: "f21"}))
    assert [each[0].text for each in drawn.findall(".//path[@class='break']")] == ["f19"]


def test_nothing_is_drawn_of_nothing() -> None:
    assert lines("x", "t", "d", []) == ""
    assert lines("x", "t", "d", [Series(name="甲", marks={2014: mark(None)})]) == ""
    assert strip("x", "t", "d", {}) == distribution("x", "t", "d", []) == ""
    assert bar(None, 10) == bar(1, 0) == ""


@given(st.floats(0, 1e12))
def test_ticks_are_few_and_reach_the_top(top: float) -> None:
    found = ticks(top)
    assert found[0] == 0
    assert found[-1] >= top
    assert 2 <= len(found) <= 5
    assert found == sorted(set(found))


@given(st.lists(st.integers(0, 10**12), max_size=50))
def test_a_distribution_counts_every_value_once(values: list[int]) -> None:
    found = bins(values)
    assert sum(count for _, count in found) == len(values)
    assert len(found) <= 13
    if found:
        tree(distribution("x", "t", "d", found))


def test_a_strip_says_states_by_a_sign_too() -> None:
    states = [str(each) for each in State]
    assert set(states) <= SIGNS.keys()
    marks = {2014 + place: mark(None, state=each) for place, each in enumerate(states)}
    signs = tree(strip("x", "t", "d", marks)).findall(".//text[@class='sign']")
    assert len({each.text for each in signs}) == len(states)


def test_the_map_has_every_province_of_the_codebook_once() -> None:
    today = {
        each.code for each in divisions() if each.level == "province" and each.valid_to is None
    }
    assert today - {"710000", "810000", "820000"} == PROVINCES.keys()
    assert len({(each.row, each.column) for each in PROVINCES.values()}) == len(PROVINCES) == 31
    for names in ("short", "letters", "chinese", "english"):
        assert len({getattr(each, names) for each in PROVINCES.values()}) == 31
    drawn = tree(tiles("x", "t", "d", {"110000": mark(3, "/x")}, {"110000": "3"}))
    assert len(drawn.findall(".//rect[@class='tile']")) == 31
    assert len(drawn.findall(".//g[@class='none']")) == 30


@given(st.dictionaries(st.sampled_from(sorted(PROVINCES)), st.integers(0, 9)))
def test_shades_follow_the_order_of_the_values(values: dict[str, int]) -> None:
    found = shades(values)
    assert set(found.values()) <= set(range(STEPS))
    for one, value in values.items():
        for other, than in values.items():
            assert value > than or found[one] <= found[other]


@pytest.mark.parametrize("value", [Decimal("12.5"), 0, 10**15, -4])
def test_hostile_words_and_odd_numbers_stay_inside(value: Decimal | int) -> None:
    bad = Mark(value=value, said=HOSTILE, url="/page?url=%3Cscript")
    for drawn in (
        lines("x", HOSTILE, HOSTILE, [Series(name=HOSTILE, marks={2014: bad})]),
        strip("x", HOSTILE, HOSTILE, {2014: bad}),
        tiles("x", HOSTILE, HOSTILE, {"110000": bad}, {"110000": HOSTILE}),
        distribution("x", HOSTILE, HOSTILE, [(HOSTILE, 1)]),
    ):
        tree(drawn)
        assert "<script" not in drawn
        assert "\u202e" not in drawn
        assert len(drawn) < 40_000
