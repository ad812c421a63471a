"""The character set is proved on the bytes; labels are believed last."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.reading.html.charset import declared_charset, decode

TEXT = "政府信息公开工作年度报告，全年主动公开政府信息四百六十九条。" * 20


@pytest.mark.parametrize(
    ("body", "header", "used"),
    [
        (TEXT.encode(), None, "utf-8"),
        (TEXT.encode(), "gb2312", "utf-8"),
        (TEXT.encode("gb18030"), "utf-8", "gb18030"),
        (TEXT.encode("gb18030"), None, "gb18030"),
        (("㐀朱镕基" + TEXT).encode("gb18030"), "gb2312", "gb18030"),
        (TEXT.encode("utf-8-sig"), "gbk", "utf-8"),
        (TEXT.encode("utf-16"), None, "utf-16"),
        (TEXT.encode()[:-1], "utf-8", "utf-8"),
        (TEXT.encode()[:90] + b"\xff" + TEXT.encode()[90:], None, "utf-8"),
        (TEXT.encode("gb18030") + b"\xff\xff", "utf-8", "gb18030"),
        ("政府資訊公開年報與工作報告".encode("big5hkscs") * 9, "big5", "big5hkscs"),
        (b"plain", "no-such-charset", "utf-8"),
        (b"plain", "hex", "utf-8"),
    ],
)
def test_the_bytes_decide(body: bytes, header: str | None, used: str) -> None:
    assert decode(body, header).used == used


def test_gbk_labelled_utf8_reads_without_loss() -> None:
    assert decode(TEXT.encode("gbk"), "utf-8").text == TEXT


def test_the_label_of_the_page_is_told() -> None:
    assert declared_charset(b'<meta http-equiv=x content="text/html; charset=GB2312">', None) == (
        "gb2312"
    )


def test_the_header_wins_over_the_page() -> None:
    assert declared_charset(b'<meta charset="gbk">', "UTF-8") == "utf-8"


def test_no_label_is_none() -> None:
    assert declared_charset(b"<p>", None) is None


def test_broken_bytes_are_a_finding() -> None:
    findings = decode(TEXT.encode() + b"\xff", None).findings
    assert [finding.rule for finding in findings] == ["charset_doubtful"]


def test_a_clean_page_has_no_finding() -> None:
    assert decode(TEXT.encode("gb18030"), "gb2312").findings == ()


def test_japanese_bytes_taken_for_chinese_are_doubtful() -> None:
    body = ("これはテストのページです。情報公開の報告。" * 20).encode("shift_jis")
    assert "charset_doubtful" in [finding.rule for finding in decode(body, None).findings]


def test_text_damaged_before_it_was_published_is_doubtful() -> None:
    assert decode("锟斤拷锟斤拷".encode(), None).findings[0].rule == "charset_doubtful"


def test_gbk_a3a0_is_read_as_a_space_and_told() -> None:
    decoded = decode("政府".encode("gb18030") + b"\xa3\xa0" + "公开".encode("gb18030"), None)
    assert (decoded.text, decoded.findings[0].rule) == (
        "政府\u3000公开",
        "private_use_characters",
    )


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=12)))
@settings(max_examples=150, deadline=None)
def test_no_bytes_and_no_label_make_it_fail(body: bytes, label: str | None) -> None:
    assert isinstance(decode(body, label).text, str)


BIG5 = "縣政府資訊公開年度報告：本年度主動公開政府資訊四百餘條，受理民眾申請公開案件十二件，均已辦理完畢。"


@pytest.mark.parametrize("label", [None, "gb2312", "utf-8"])
def test_big5_without_its_label_is_told_by_its_characters(label: str | None) -> None:
    body = f"<html><title>公開</title><p>{BIG5 * 4}</p></html>".encode("big5hkscs")
    decoded = decode(body, label)
    assert (decoded.used, BIG5 in decoded.text, decoded.findings) == ("big5hkscs", True, ())


@pytest.mark.parametrize(
    "rare", ["瓮安縣甕", "罡罟罠罨罴罱罹羁罾盍盥蠲", "朱镕基㐀㙍", "囗囝囡囵囫囹囿圄圊圉圜"]
)
def test_rare_characters_do_not_make_gbk_big5(rare: str) -> None:
    assert decode((rare * 40).encode("gb18030"), None).used == "gb18030"


def test_traditional_characters_in_gbk_stay_gbk() -> None:
    assert decode((BIG5 * 4).encode("gbk"), None).used == "gb18030"
