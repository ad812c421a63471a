"""Two spellings of one page meet, two pages do not; the canonical spelling is its own."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.model.address import canonical
from archive.work.catalogue import portals_of
from archive.work.take_in import is_private
from crawler.job import ad_hoc_key

HOST = "http://x.gov.cn"


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("/%e5%b9%b4", "/%E5%B9%B4"),
        ("/%7Enb?u=%2d%2f", "/~nb?u=-%2F"),
        ("/a%2fb", "/a%2Fb"),
        ("/a%zz%", "/a%zz%"),
        ("/nb/../xx/./a.htm", "/xx/a.htm"),
        ("/nb/%2E%2e/a.htm", "/a.htm"),
        ("/../../a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/a/.hidden/...", "/a/.hidden/..."),
        ("/col/col1.jsp;jsessionid=0A1B.node!7", "/col/col1.jsp"),
        ("/col;JSESSIONID=0A/a.jsp?x=;jsessionid=1", "/col/a.jsp?x=;jsessionid=1"),
        (":80/#top", "/"),
        ("", "/"),
    ],
)
def test_spellings_of_one_page_meet(spelled: str, meant: str) -> None:
    assert canonical(HOST + spelled) == HOST + meant


@given(st.text(alphabet="/.%2eE5;aj?#&=\\ 年", max_size=40))
@example(";jsession%69d=1/%2E./a")
@settings(max_examples=300)
def test_the_canonical_spelling_is_its_own(tail: str) -> None:
    once = canonical(f"{HOST}/{tail}")
    assert once is None or canonical(once) == once


@pytest.mark.parametrize(
    "address", ["http://[::1]:8000/nb/", f"http://{'a' * 60}.{'b' * 60}.cn/", "http://x_y.cn/"]
)
def test_a_portal_that_no_row_names_gets_a_usable_key(address: str) -> None:
    row = f'[{ad_hoc_key(address)}]\nname = "x"\nentries = ["{address}"]\n'
    assert portals_of(row, file="x", source="user")


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("127.0.0.1", True), ("127.1", True), ("0x7f.1", True), ("2130706433", True),
        ("localhost", True), ("a.localhost.", True), ("[::1]:8000", True), ("10.0.0.1", True),
        ("169.254.169.254", True), ("[::ffff:10.0.0.1]", True), ("0.0.0.0", True),
        ("www.gov.cn", False), ("202.106.0.20", False), ("10.gov.cn", False), ("", False),
    ],
)  # fmt: skip
def test_an_address_inside_is_told_from_one_of_the_web(host: str, private: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_private(f"http://{host}/") is private
