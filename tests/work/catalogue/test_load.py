"""The catalogue: every wrong row is named with file, row and field; lists of others come in."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.errors import CatalogueError, UsageError
from archive.model.portal import Portal
from archive.work.catalogue import load as catalogue
from archive.work.catalogue.import_csv import add_portals, import_portals, readable_key, toml_row
from archive.work.catalogue.load import (
    find_portal,
    load_catalogue,
    portal_rows,
    portals_of,
    user_portals,
)

GOOD = """# 我的门户
[yunhe]
name = "云河县人民政府"
entries = ["HTTP://WWW.Yunhe.example:80/年报/"]
division = "320999"
family = "trs"
delay_s = 2
concurrency = 1
"""


def test_a_row_is_a_portal_with_canonical_urls() -> None:
    (portal,) = portals_of(GOOD, file="portals.toml", source="user")
    assert portal == Portal(
        key="yunhe", name="云河县人民政府", division="320999", family="trs", delay_s=2.0,
        entries=("http://www.yunhe.example/%E5%B9%B4%E6%8A%A5/",), concurrency=1, source="user",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("[yunhe]", '["云河"]', "key"),
        ("[yunhe]", f"[{'x' * 65}]", "key"),
        ('name = "云河县人民政府"', "", "name"),
        ('"云河县人民政府"', '" "', "name"),
        ('"云河县人民政府"', "3", "name"),
        ("entries", "entry", "entry"),
        ('["HTTP://WWW.Yunhe.example:80/年报/"]', "[]", "entries"),
        ('["HTTP://WWW.Yunhe.example:80/年报/"]', '"http://x/"', "entries"),
        ('"HTTP://WWW.Yunhe.example:80/年报/"', '"ftp://x/"', "entries"),
        ('"HTTP://WWW.Yunhe.example:80/年报/"', "1", "entries"),
        ('"320999"', '"3209"', "division"),
        ('"320999"', "320999", "division"),
        ('"trs"', '"TRS WCM"', "family"),
        ("delay_s = 2", "delay_s = -1", "delay_s"),
        ("delay_s = 2", "delay_s = true", "delay_s"),
        ("delay_s = 2", "delay_s = nan", "delay_s"),
        ("delay_s = 2", 'delay_s = "2"', "delay_s"),
        ("concurrency = 1", "concurrency = 0", "concurrency"),
        ("concurrency = 1", "concurrency = 1.5", "concurrency"),
        ("concurrency = 1", 'hours = "22-6"', "hours"),
        ("concurrency = 1", 'hours = "22:00-22:00"', "hours"),
        ("concurrency = 1", 'hours = "25:00-06:00"', "hours"),
        ("concurrency = 1", 'platform = "苏"', "platform"),
        ("concurrency = 1", "max_pages = 0", "max_pages"),
        ("concurrency = 1", 'tls = "1.0"', "tls"),
        ("concurrency = 1", 'agent = "curl"', "agent"),
        ("concurrency = 1", "concurrency = true", "concurrency"),
    ],
)
def test_a_wrong_row_is_refused_with_file_row_and_field(old: str, new: str, field: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueError) as refused:
        portals_of(GOOD.replace(old, new), file="portals.toml", source="user")
    said = str(refused.value)
    assert said.startswith("portals.toml: [")
    assert f"] {field}: " in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[yunhe\n", "not valid TOML"),
        (GOOD + GOOD, "not valid TOML"),
        ("name = 'x'\n", "outside a row"),
        ("x = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_a_text_that_is_no_catalogue_is_refused(text: str, word: str) -> None:
    with pytest.raises(CatalogueError, match=word):
        portals_of(text, file="portals.toml", source="user")


def test_the_shipped_rows_are_usable() -> None:
    assert isinstance(load_catalogue(None), list)


def test_a_users_row_replaces_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = portals_of(GOOD, file="a.toml", source="shipped")
    monkeypatch.setattr(catalogue, "shipped_portals", lambda: shipped)
    (tmp_path / "portals.toml").write_text(GOOD.replace("delay_s = 2", "delay_s = 9"), "utf-8")
    (portal,) = load_catalogue(tmp_path)
    assert (portal.source, portal.delay_s) == ("user", 9)


def test_one_url_under_two_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "portals.toml").write_text(GOOD + GOOD.replace("[yunhe]", "[other]"), "utf-8")
    with pytest.raises(CatalogueError, match=r"\[other\] entries: .* is also in \[yunhe\]"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", "[x]\nname = '县'".encode("gb18030")])
def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "portals.toml").write_bytes(raw)
    with pytest.raises(CatalogueError, match="not UTF-8"):
        user_portals(tmp_path)


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_MAX_FILE_BYTES", 10)
    (tmp_path / "portals.toml").write_text(GOOD, "utf-8")
    with pytest.raises(CatalogueError, match="larger than"):
        user_portals(tmp_path)


def test_no_file_is_no_rows(tmp_path: Path) -> None:
    assert user_portals(tmp_path) == []


def test_an_unknown_key_names_near_ones() -> None:
    portals = portals_of(GOOD, file="", source="user")
    assert find_portal(portals, "yunhe").name == "云河县人民政府"
    with pytest.raises(UsageError, match="did you mean yunhe"):
        find_portal(portals, "yunhee")


def test_rows_of_the_list_hold_what_the_catalogue_says() -> None:
    (row,) = portal_rows(portals_of(GOOD, file="", source="user"))
    assert row["key"] == "yunhe"
    assert row["entries"] == ["http://www.yunhe.example/%E5%B9%B4%E6%8A%A5/"]


@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=50).filter(str.strip),
    st.none() | st.floats(0, 86_400),
    st.none() | st.integers(1, 16),
)
def test_a_written_row_reads_back_the_same(
    name: str, delay_s: float | None, concurrency: int | None
) -> None:
    portal = Portal(key="x", name=name.strip(), entries=("http://x.example/",), delay_s=delay_s,
                    platform="jiangsu", hours="22:00-06:00", max_pages=9, tls="none", agent="mobile",
                    concurrency=concurrency, source="user")  # fmt: skip
    assert portals_of(toml_row(portal), file="", source="user") == [portal]


# --- lists of others ---------------------------------------------------------------------------


def imported(folder: Path, content: bytes) -> "tuple[list[Portal], list[tuple[int, str]], int]":
    (folder / "list.csv").write_bytes(content)
    done = import_portals(folder / "list.csv", folder)
    return list(done.added), [(each.line, each.reason) for each in done.refused], done.known


def test_a_list_becomes_rows_with_readable_unique_keys(tmp_path: Path) -> None:
    content = (
        "place,level,url\n某省/云河县,县区,https://www.yunhe.gov.cn/\n"
        "某省/青山区,县区,qs.gov.cn\n他省/云河县,县区,http://www.yunhe.gov.cn/\n"
    ).encode()
    added, refused, known = imported(tmp_path, content)
    assert [(portal.key, portal.name, portal.entries[0]) for portal in added] == [
        ("yunhe", "某省/云河县", "https://www.yunhe.gov.cn/"),
        ("qs", "某省/青山区", "http://qs.gov.cn/"),
        ("yunhe-2", "他省/云河县", "http://www.yunhe.gov.cn/"),
    ]
    assert (refused, known) == ([], 0)
    assert [portal.key for portal in user_portals(tmp_path)] == ["yunhe", "qs", "yunhe-2"]


def test_importing_again_adds_nothing(tmp_path: Path) -> None:
    content = "name,url\n云河县,http://yunhe.example/\n".encode()
    imported(tmp_path, content)
    before = (tmp_path / "portals.toml").read_bytes()
    assert imported(tmp_path, content) == ([], [], 1)
    assert (tmp_path / "portals.toml").read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        "名称,网址\r\n云河县,http://yunhe.example/\r\n".encode("gb18030"),
        "\ufeffname;url\n云河县;http://yunhe.example/\n".encode(),
        "Name\tURL\tdivision\n云河县\thttp://yunhe.example/\t320999000000\n".encode(),
    ],
)
def test_lists_come_in_as_spreadsheets_save_them(tmp_path: Path, content: bytes) -> None:
    (portal,), refused, _ = imported(tmp_path, content)
    assert (portal.name, portal.key, refused) == ("云河县", "yunhe-example", [])


def test_rows_that_cannot_be_used_are_told_by_line_and_the_others_come_in(tmp_path: Path) -> None:
    content = "name,url\n,http://a.example/\n甲,\n乙,ftp://x/\n\n丙,http://c.example/\n".encode()
    added, refused, _ = imported(tmp_path, content)
    assert [portal.name for portal in added] == ["丙"]
    assert refused == [
        (2, "no name"), (3, "甲: no URL"), (4, "乙: 'ftp://x/' is not an http(s) URL"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "needs a column"),
        ("name,URL of the mayor\n甲,乙\n".encode(), "needs a column"),
        (b"name,url\n\x81\x20\xff,x\n", "neither UTF-8"),
        (b'name,url\n"' + b"x" * 200_000, "line"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(tmp_path: Path, content: bytes, word: str) -> None:
    with pytest.raises(CatalogueError, match=word):
        imported(tmp_path, content)
    assert not (tmp_path / "portals.toml").exists()


def test_adding_keeps_what_the_user_wrote(tmp_path: Path) -> None:
    (tmp_path / "portals.toml").write_text(GOOD, "utf-8")
    add_portals(tmp_path, [Portal(key="b", name="乙", entries=("http://b.example/",))])
    text = (tmp_path / "portals.toml").read_text("utf-8")
    assert text.startswith(GOOD)
    assert [portal.key for portal in user_portals(tmp_path)] == ["yunhe", "b"]


def test_adding_a_known_key_or_url_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "portals.toml").write_text(GOOD, "utf-8")
    same_key = Portal(key="yunhe", name="乙", entries=("http://b.example/",))
    (known,) = user_portals(tmp_path)
    same_entry = Portal(key="b", name="乙", entries=known.entries)
    for portal in (same_key, same_entry):
        with pytest.raises(CatalogueError):
            add_portals(tmp_path, [portal])
    assert (tmp_path / "portals.toml").read_text("utf-8") == GOOD


@given(st.sets(st.sampled_from(["http://a.gov.cn/", "http://a.gov.cn/b/", "http://甲.cn/"])))
def test_keys_are_always_usable_and_new(urls: set[str]) -> None:
    taken: set[str] = set()
    for url in [*urls, *urls]:
        key = readable_key(url, taken)
        assert key not in taken
        taken.add(key)
        row = toml_row(Portal(key=key, name="x", entries=("http://x.example/",)))
        assert portals_of(row, file="", source="user")[0].key == key


def test_the_list_of_all_counties_comes_in_within_seconds(shared: Path, tmp_path: Path) -> None:
    started = time.perf_counter()
    done = import_portals(shared / "portals.csv", tmp_path)
    assert time.perf_counter() - started < 10
    assert len(done.added) + done.known == 3_209
    assert done.refused == ()
    assert len({portal.key for portal in user_portals(tmp_path)}) == len(done.added)
