"""The table of divisions, and what became of them."""

import pytest

from archive.codebook.divisions import (
    division,
    divisions,
    lasting,
    lies_under,
    longest_name,
    named,
    short_name,
    whole_of,
)


def test_every_current_province_stands_in_the_table():
    assert sum(each.level == "province" and each.valid_to is None for each in divisions()) == 34


def test_every_successor_held_when_its_predecessor_ended():
    for each in divisions():
        if each.successor is not None:
            after = [row for row in divisions() if row.code == each.successor]
            assert any(row.holds_in(each.valid_to) for row in after), each


def test_whatever_ended_has_a_successor_and_a_source():
    assert [
        each for each in divisions() if (each.valid_to is None) != (each.successor is None)
    ] == []
    assert all(each.source for each in divisions())


def test_every_parent_stands_in_the_table():
    codes = {each.code for each in divisions()}
    assert {each.parent for each in divisions()} - codes == {None}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("320611", "320613"),  # 港闸区 into 崇川区, 2020
        ("350402", "350404"),  # 梅列区 into 三元区, 2021
        ("350427", "350405"),  # 沙县 is 沙县区, 2021
        ("110228", "110118"),  # 密云县 is 密云区, 2015
        ("330104", "330102"),  # 江干区 into 上城区, 2021
        ("330103", "330105"),  # 下城区 into 拱墅区, 2021
        ("130603", "130606"),  # 北市区 into 莲池区, 2015
        ("130103", "130102"),  # 桥东区 of 石家庄, not that of 邢台
        ("542623", "540481"),  # 米林县 took another code, then became a 市
    ],
)
def test_reports_of_what_ended_belong_to_what_took_its_place(old, new):
    assert old in whole_of(new)


def test_what_ended_does_not_take_over_its_successor():
    assert "320613" not in whole_of("320611")


def test_a_prefecture_has_its_counties_of_all_times():
    assert {"320611", "320613", "320602", "320684", "320614"} <= whole_of("320600")


@pytest.mark.parametrize(
    ("code", "year", "holds"),
    [
        ("320611", 2019, True),
        ("320611", 2020, False),
        ("320613", 2020, True),
        ("320613", 2019, False),
    ],
)
def test_a_division_holds_from_its_first_year_to_the_one_before_its_end(code, year, holds):
    assert division(code).holds_in(year) is holds


def test_a_code_of_one_name_lasts_under_its_newest_code():
    assert (lasting("320602"), lasting("350403")) == ("320613", "350404")


def test_a_renamed_division_is_not_the_same_name():
    assert lasting("110228") == "110228"


def test_an_unknown_code_is_no_division():
    assert (division("999999"), lasting("999999"), lies_under("999999", "320000")) == (
        None, "999999", False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["琼中黎族苗族自治县", "琼中县", "琼中自治县"])
def test_an_autonomous_county_is_found_by_its_short_names(name):
    assert [each.code for each in named(name)] == ["469030"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("西双版纳傣族自治州", "西双版纳州"),
        ("莫力达瓦达斡尔族自治旗", "莫力达瓦旗"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江县"),
        ("东乡族自治县", None),
        ("崇川区", None),
    ],
)
def test_peoples_are_left_out_of_short_names(name, short):
    assert short_name(name) == short


def test_the_longest_name_wins():
    assert longest_name("吉林市人民政府") == "吉林市"
    assert longest_name("财政局") is None
