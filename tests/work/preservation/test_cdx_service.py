"""CDX queries as the engine and as users ask them."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from archive.model.errors import UsageError, WarcError
from archive.warc.cdxj import CdxRow, cdx_rows
from archive.warc.growing import OPEN_SUFFIX
from archive.work.home import Home
from archive.work.preservation.cdx_query import CdxQuery
from archive.work.preservation.cdx_service import cdx_answer, cdx_service
from tests.warc.making import ADDRESS, PAGE, answer, exchange, writer
from tests.work.preservation.file_lookup import lookup_in

URI = "http://www.example.gov.cn/zwgk/%E5%B9%B4%E6%8A%A5.htm"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Four captures of one page and one of another, in a file that is still growing."""
    home = Home(tmp_path)
    home.make()
    warc = writer(home.warc)
    for day in range(4):
        warc.append(exchange(answer(PAGE + b"!" * day), day=day))
    warc.append(exchange(url="http://www.example.gov.cn/a?b=1&c=%26"))
    warc.sync()
    return home


@pytest.fixture
def service(home: Home) -> Iterator[int]:
    with cdx_service(home.warc, lookup_in(home)) as url:
        yield int(url.removesuffix("/cdx").rpartition(":")[2])


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_the_engine_gets_the_bytes_of_a_record(home: Home, service: int) -> None:
    [path] = home.warc.glob("*.warc.gz*")
    asked = Request(f"http://127.0.0.1:{service}/warc/{path.name}", headers={"Range": "bytes=5-24"})
    with urlopen(asked) as answer:  # noqa: S310 - our own server
        assert (answer.status, answer.read()) == (206, path.read_bytes()[5:25])
    for name, status in ((path.name, 416), ("..%2Farchive.sqlite", 416), ("none", 416)):
        assert get(service, f"/warc/{name}")[0] == status
    for name in ("none.warc.gz", "../archive.toml"):
        asked = Request(f"http://127.0.0.1:{service}/warc/{name}", headers={"Range": "bytes=0-9"})
        with pytest.raises(HTTPError, match="404"):
            urlopen(asked)  # noqa: S310 - our own server


def lines(port: int, query: str) -> list[str]:
    return get(port, f"/cdx?{query}")[1].splitlines()


def test_the_engine_gets_all_captures_of_an_url_by_time(service: int) -> None:
    days = [line.split(" ")[1][:8] for line in lines(service, f"url={quote(ADDRESS)}&closest=")]
    assert days == ["20260131", "20260201", "20260202", "20260203"]


def test_the_engine_gets_the_nearest_first(service: int) -> None:
    found = lines(service, f"url={quote(ADDRESS)}&closest=20260202080000&limit=100")
    assert found[0].split(" ")[1].startswith("20260202")


def test_the_service_finds_a_page_under_the_other_scheme(service: int) -> None:
    assert len(lines(service, f"url={quote(URI.replace('http:', 'https:'))}")) == 4


def test_a_query_that_cannot_be_read_is_refused_in_one_line(service: int) -> None:
    for query in ("url=javascript:x", "", f"url={quote(URI)}&matchType=range"):
        status, told = get(service, f"/cdx?{query}")
        assert (status, told.count("\n")) == (400, 1)


@pytest.mark.parametrize("path", ["/other", "/cdx?url=" + "a" * 20_000])
def test_the_service_answers_cdx_queries_only(service: int, path: str) -> None:
    assert get(service, path)[0] == 404


def test_the_service_names_files_as_they_are_called_now(service: int) -> None:
    assert all(OPEN_SUFFIX + '"}' in line for line in lines(service, f"url={quote(URI)}"))


def test_a_capture_in_a_missing_file_is_not_listed(home: Home) -> None:
    [path] = home.warc.iterdir()
    row = replace(next(cdx_rows(path)), filename="gone.warc.gz")
    assert list(cdx_answer(home.warc, lambda _: [row], f"url={quote(URI)}")) == []


def test_a_ledger_that_fails_is_an_error_for_the_engine(tmp_path: Path) -> None:
    def failing(query: CdxQuery) -> list[CdxRow]:
        raise WarcError(query.url)

    with cdx_service(tmp_path, failing) as url:
        port = int(url.removesuffix("/cdx").rpartition(":")[2])
        assert get(port, f"/cdx?url={quote(URI)}")[0] == 500


def test_a_dead_link_does_not_bring_the_engine_a_whole_site(home: Home) -> None:
    """pywb looks for similar URLs then, by prefix."""
    asked: list[CdxQuery] = []

    def noting(query: CdxQuery) -> list[CdxRow]:
        asked.append(query)
        return []

    with cdx_service(home.warc, noting) as url:
        port = int(url.removesuffix("/cdx").rpartition(":")[2])
        lines(port, "url=http://www.example.gov.cn/&matchType=prefix")
    assert asked[0].limit == 1_000


# --- users' queries ---------------------------------------------------------------------------


def told(home: Home, query: str) -> list[str]:
    return list(cdx_answer(home.warc, lookup_in(home), query))


def test_users_get_json_and_cdxj(home: Home) -> None:
    [cdxj] = told(home, f"url={quote(URI)}&limit=1")
    [as_json] = told(home, f"url={quote(URI)}&limit=1&output=json")
    key, stamp, rest = cdxj.split(" ", 2)
    assert json.loads(as_json) == {"urlkey": key, "timestamp": stamp, **json.loads(rest)}


def test_fields_can_be_chosen(home: Home) -> None:
    [line] = told(home, f"url={quote(URI)}&limit=1&output=json&fl=timestamp,status")
    assert json.loads(line) == {"timestamp": "20260131080000", "status": "200"}
    [line] = told(home, f"url={quote(URI)}&limit=1&output=json")
    names = ",".join(json.loads(line)) + ",truncated,requestBody,method"
    assert told(home, f"url={quote(URI)}&limit=1&output=json&fl={names}") == [line]


@pytest.mark.parametrize(
    ("filters", "count"),
    [("filter=url:zwgk", 4), ("filter=!url:zwgk", 1), ("filter==status:200", 5),
     ("filter=statuscode:404", 0), ("filter=url:zwgk&filter=mimetype:html", 4),
     ("filter=url:zwgk&limit=2", 2)],
)  # fmt: skip
def test_filters_count_before_the_limit(home: Home, filters: str, count: int) -> None:
    assert len(told(home, f"url=http://www.example.gov.cn/*&{filters}")) == count


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("url=x.cn&page=2", "'page' is not answered here"),
        ("url=x.cn&output=link", "none of cdxj, json"),
        ("url=x.cn&filter=~url:a+", "regular expressions"),
        ("url=x.cn&filter=url", "not \\[!\\]\\[=\\]FIELD:TEXT"),
        ("url=x.cn&fl=url,nope", "fl: 'nope' is no field; fields are urlkey, timestamp, url, mime"),
        ("url=x.cn&filter=nope:x", "filter: 'nope' is no field"),
        ("url=x.cn&matchType=range", "none of exact, prefix, host, domain"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_the_first_line(
    home: Home, query: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        cdx_answer(home.warc, lookup_in(home), query)
