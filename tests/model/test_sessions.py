"""What names the visit is no part of a page's key; what names the page is."""

import pytest

from archive.model.sessions import without_session
from archive.model.url import key_of

LIST = "http://x.gov.cn/nb/list.jsp"


@pytest.mark.parametrize(
    "parameter",
    [
        "PHPSESSID=0123456789abcdef", "jsessionid=F00!-17", "ASPSESSIONIDQQCCTRSA=ABCDEFGHIJKLMNOP",
        "CFID=1234", "CFTOKEN=87654321", "sid=0a1b2c3d4e5f60718293", "session_id=7", "sessionid=x",
        "_=1690000000123", "t=1690000000123", "t=1690000000", "rnd=0.123", "_dc=5", "random=17",
        "t=0.8431234", "timestamp=1690000000000",
    ],
)  # fmt: skip
def test_a_session_is_no_part_of_the_key(parameter: str) -> None:
    assert key_of(f"{LIST}?{parameter}") == LIST
    assert key_of(f"{LIST}?page=2&{parameter}") == f"{LIST}?page=2"
    assert key_of(f"{LIST}?{parameter}&page=2&b=") == f"{LIST}?page=2&b="


@pytest.mark.parametrize(
    "query",
    [
        "sid=12", "sid=4028818a3e1f2a3b013e1f2a3b000001", "t=2024", "t=3", "v=1.2.3", "s=nb",
        "id=0a1b2c3d4e5f6071", "date=2024-01-01", "token=", "session=14", "r=0", "page=1690000000123",
        "columnid=1690000000", "_id=5", "a=PHPSESSID", "",
    ],
)  # fmt: skip
def test_what_names_a_page_stays(query: str) -> None:
    assert key_of(f"{LIST}?{query}") == f"{LIST}?{query}"


def test_sessions_in_the_path_go_too() -> None:
    assert (
        key_of("http://x.gov.cn/a;sid=9f/b.jsp;JSESSIONID=1?x=1") == "http://x.gov.cn/a/b.jsp?x=1"
    )
    assert key_of("http://x.gov.cn/(S(abc123)F(x))/nb.aspx") == "http://x.gov.cn/nb.aspx"
    assert key_of("http://x.gov.cn/(甲)/nb.aspx") == "http://x.gov.cn/(甲)/nb.aspx"


def test_what_a_form_sends_stays_as_it_is() -> None:
    key = key_of(f"{LIST}?sid=0a1b2c3d4e", "POST", "t=1690000000123&page=2")
    assert key == f"{LIST}?__wb_method=POST&t=1690000000123&page=2"
    assert key_of(key) == key


def test_a_key_is_its_own_key() -> None:
    once = without_session(f"{LIST}?PHPSESSID=1&_=2&PHPSESSID=3")
    assert without_session(once) == once
