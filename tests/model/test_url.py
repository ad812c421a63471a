"""Two spellings of one page meet, two pages do not; the canonical spelling is its own."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.model import url
from archive.model.url import MAX_URL, canonical, is_private, resolve, same_site, why_not_visited
from archive.work.catalogue.load import portals_of
from crawler.options import ad_hoc_key

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
        ("\\nb\\t.htm?a=\\", "/nb/t.htm?a=%5C"),
        ("/n\tb/\r\nt.htm", "/nb/t.htm"),
        ("/nb／／t.htm?℀", "/nb%EF%BC%8F%EF%BC%8Ft.htm?%E2%84%80"),
        ("/a\ud800b", "/a%EF%BF%BDb"),
        ("/a\0b\0", "/a%00b"),
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
    "entry", ["http://[::1]:8000/nb/", f"http://{'a' * 60}.{'b' * 60}.cn/", "http://x_y.cn/"]
)
def test_a_portal_that_no_row_names_gets_a_usable_key(entry: str) -> None:
    row = f'[{ad_hoc_key(entry)}]\nname = "x"\nentries = ["{entry}"]\n'
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
def test_an_url_inside_is_told_from_one_of_the_web(host: str, private: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_private(f"http://{host}/") is private


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("WWW.X.gov.cn", "www.x.gov.cn"),
        ("ｗｗｗ．ｘ。gov.cn", "www.x.gov.cn"),
        ("甲.政务", "xn--tny.xn--zfr164b"),
        ("www%2Ex.gov.cn", "www.x.gov.cn"),
        ("someone:secret@x.gov.cn", "x.gov.cn"),
        ("x.gov.cn:", "x.gov.cn"),
        ("x.gov.cn.", "x.gov.cn."),
        ("127.1", "127.0.0.1"),
        ("0x7F.0.0.010", "127.0.0.8"),
        ("2130706433.", "127.0.0.1"),
        ("[0:0:0:0::1]:8000", "[::1]:8000"),
        ("[::FFFF:10.0.0.1]", "[::ffff:a00:1]"),
        ("0x", "0.0.0.0"),
        ("1.2.3.", "1.2.0.3"),
        ("x_y.cn", "x_y.cn"),
        ("1.gov.cn", "1.gov.cn"),
    ],
)
def test_a_host_is_spelled_as_browsers_spell_it(spelled: str, meant: str) -> None:
    assert canonical(f"http://{spelled}/") == f"http://{meant}/"


NO_HOSTS = (
    "www.x.gov.cn／nb", "www℀.gov.cn", "a b.cn", "a%20b.cn", "a..cn", ".cn", "a" * 64 + ".cn",
    "x.gov.cn:99999", "x.gov.cn:年", "x.gov.cn:-1", "[::1", "[::g]", "[fe80::1%25eth0]", "[v1.x]",
    "256.1.1.1", "1.2.3.4.5", "08.1.1.1", "a^b.cn", "a|b.cn", "a%ff.cn", "\ufffd.cn",
    "xn--年.cn\u202e", ".".join(["abcdefgh"] * 29), "", "@", ":80",
)  # fmt: skip


@pytest.mark.parametrize("host", NO_HOSTS)
def test_what_no_server_can_be_called_is_no_url(host: str) -> None:
    assert canonical(f"http://{host}/") is None
    assert resolve("http://x.gov.cn/", f"//{host}/nb/") is None or host in ("", ":80")


@given(
    st.sampled_from(
        ["http://x.gov.cn/nb/index.html", "http://x.gov.cn", "https://x.gov.cn:8443/a//b/c?d=/e/",
         "http://x.gov.cn/a/../b/c", "http://X.gov.cn/年/", "http://x.gov.cn/a;b/c", "http://1.2/a/"]
    ),
    st.one_of(
        st.text(alphabet="a9_~-./=&?:", max_size=12),
        st.builds(str.__add__, st.sampled_from(
            ["http://y.cn", "https://y.cn", "http://y.cn:80", "http://0x7f.1", "http://y..cn",
             "http://y.cn:x", "http://y-.cn:99999", "/", "./", "../", "//y.cn", "HTTP://y.cn"]
        ), st.text(alphabet="a9_~-./=&?", max_size=10)),
    ),
)  # fmt: skip
def test_the_short_way_of_plain_links_ends_where_the_long_one_does(base: str, href: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(url, "_PLAIN", re.compile(r"(?!)"))
        meant = url.resolve(base, href)
    assert url.resolve(base, href) == meant


@given(st.text(max_size=60))
@example("//x／y")
@example("http://[")
@example("http://\ud800")
@settings(max_examples=300)
def test_no_link_is_too_odd_to_be_told(href: str) -> None:
    found = resolve("http://x.gov.cn/nb/", href)
    assert found is None or (found.isascii() and canonical(found) == found)


@pytest.mark.parametrize(
    ("href", "meant"),
    [
        ("http:/y.gov.cn/a", "http://x.gov.cn/y.gov.cn/a"),
        ("http:a.htm", "http://x.gov.cn/nb/a.htm"),
        ("http:///y.gov.cn/a", "http://y.gov.cn/a"),
        ("https:/y.gov.cn/a", "https://y.gov.cn/a"),
        ("https:y.gov.cn/a", "https://y.gov.cn/a"),
        ("http:\\\\y.gov.cn\\a", "http://y.gov.cn/a"),
        ("..\\a.htm", "http://x.gov.cn/a.htm"),
        ("?p=2", "http://x.gov.cn/nb/?p=2"),
        ("\0./a.htm ", "http://x.gov.cn/nb/a.htm"),
        ("data:image/png;base64,AAAA", None),
        ("javascript:void(0)", None),
        (" #top", None),
        ("", None),
    ],
)
def test_a_link_leads_where_it_leads_in_a_browser(href: str, meant: str | None) -> None:
    assert resolve("http://x.gov.cn/nb/", href) == meant


@pytest.mark.parametrize(
    ("encoding", "query", "sent"),
    [
        ("utf-8", "lm=年报", "lm=%E5%B9%B4%E6%8A%A5"),
        ("gbk", "lm=年报&id=1", "lm=%C4%EA%B1%A8&id=1"),
        ("gbk", "lm=%E5%B9%B4报", "lm=%E5%B9%B4%B1%A8"),
        ("gbk", "lm=𠮷", "lm=%26%23134071%3B"),
        ("gb18030", "lm=𠮷", "lm=%954%B25"),
        ("big5hkscs", "lm=年報", "lm=%A6~%B3%F8"),
        ("iso8859-1", "lm=年é", "lm=%26%2324180%3B%E9"),
    ],
)
def test_a_query_is_written_in_the_character_set_of_its_page(
    encoding: str, query: str, sent: str
) -> None:
    assert resolve("http://x/", f"年?{query}#年", encoding) == f"http://x/%E5%B9%B4?{sent}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("www.yj.gov.cn", "xxgk.yj.gov.cn", True),
        ("www.yj.gov.cn", "www.ld.gov.cn", False),
        ("jyj.hz.gov.cn", "www.hz.gov.cn", True),
        ("a.com.cn", "b.com.cn", False),
        ("www.a.com.cn", "a.com.cn", True),
        ("a.org.cn", "b.org.cn", False),
        ("a.net.cn", "b.net.cn", False),
        ("a.ac.cn", "b.ac.cn", False),
        ("a.bj.cn", "b.bj.cn", False),
        ("a.cn", "www.a.cn", True),
        ("www.gov.cn", "gov.cn", False),
        ("www.gov.cn", "www.yj.gov.cn", False),
        ("www.yj.gov.cn.", "yj.gov.cn:8080", True),
        ("a.公司.cn", "b.公司.cn", False),
        ("a.xn--55qx5d.cn", "www.a.公司.cn", True),
        ("甲.政务", "乙.政务", False),
        ("one.sinaapp.com", "other.sinaapp.com", False),
        ("www.x.example", "y.x.example", True),
        ("localhost", "localhost:8000", True),
        ("portal", "intranet", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "10.1", True),
        ("1.0.0.1", "2.0.0.1", False),
        ("[::1]:8000", "[0::1]", True),
        ("[2001:db8::1]", "[2001:db8::2]", False),
        ("", "", False),
        ("a／b.cn", "a／b.cn", False),
    ],
)
def test_one_owner_is_one_site(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table of cases
    assert same_site(f"http://{one}/", f"https://{other}/a") is same
    assert same_site(f"https://{other}/a", f"http://{one}/") is same


def test_the_list_of_suffixes_is_never_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("requests.Session.request", refused)
    url._suffixes.cache_clear()
    url._registered.cache_clear()
    assert not same_site("http://a.com.cn/", "http://b.com.cn/")


def test_a_url_that_is_too_long_is_told_and_no_other_is_taken_for_it() -> None:
    query = "x" * MAX_URL
    one, other = (resolve("http://x.gov.cn/", f"a.htm?{query}{n}") for n in "12")
    assert one is not None
    assert other is not None
    assert one != other
    assert len(one) < 1_200
    assert why_not_visited(one) == (
        "its url is too long to be asked for: 4,023 characters, at most 4,000"
    )
    longest = resolve("http://x.gov.cn/", "a" * (MAX_URL - len("http://x.gov.cn/")))
    assert longest is not None
    assert len(longest) == MAX_URL
    assert why_not_visited(longest) is None
