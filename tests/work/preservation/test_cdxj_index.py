"""CDXJ as others write it, so that their indexes and ours can be merged."""

import io
import json
import re
import resource
import shutil
import subprocess
import sys
import time
import warnings
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model.errors import CannotRunError, WarcError
from archive.warc.cdxj import CdxRow, cdx_rows, cdxj_lines, without_retried
from archive.warc.folder import warc_files
from archive.warc.surt import surt
from archive.work.preservation.cdxj_index import MAX_OPEN, print_index, write_index
from tests.warc.making import BEGIN, answer, coded, exchange, packed, plain_record, shelf, writer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # an old package warns when it is first compiled
    from surt import surt as oracle

INDEXER = Path(sys.executable).parent / "cdxj-indexer"

SESSION = "0123456789abcdef0123456789abcdef"
PIECES = [
    *"aB./?&=;_-~!'()*,@+$年%",
    "%20",
    "%2F",
    "%e5%b9%b4",
    "%25",
    "//",
    "..",
    f"&sid={SESSION}",
]
HOSTS = ["www.x.gov.cn", "x.gov.cn:8080", "www1.x.cn", "10.0.0.1", "WWW.gov.cn:443", "www", "x.cn."]


def indexed_by_others(*paths: "Path | str") -> list[str]:
    done = subprocess.run([INDEXER, "-s", *paths], capture_output=True, text=True, check=True)
    return done.stdout.splitlines(keepends=True)


@settings(max_examples=300)
@given(
    scheme=st.sampled_from(["http", "https"]),
    host=st.sampled_from(HOSTS),
    path=st.lists(st.sampled_from(PIECES), max_size=8),
)
def test_keys_are_those_of_other_web_archives(scheme: str, host: str, path: list[str]) -> None:
    uri = f"{scheme}://{host}/{''.join(path)}"
    assert surt(uri) == oracle(uri)


@pytest.mark.parametrize(
    "uri",
    [
        f"http://x.cn/a?jsessionid={SESSION}&x=1",
        f"http://x.cn/a?x=1&PHPSESSID={SESSION}",
        "http://x.cn/a?ASPSESSIONIDABCDEFGH=ABCDEFGHIJKLMNOPQRSTUVWX",
        "http://x.cn/a?cfid=1&cftoken=2",
        "http://x.cn/(S(abcdefghijklmnopqrstuvwx))/p.aspx",
        "http://x.cn/a?b=2&A=1&a=",
        "http://x.cn/a?a=1&a.2_=2&a-b=3&a",
        "http://x.cn/a/b/../c/./d",
        "http://x.cn/a//../../../b",
        "http://user:pw@x.cn/",
        "http://[::1]:80/x",
        "http://公开.中国/a",
        "urn:gongkai:x:http://x/",
    ],
)
def test_a_key_of_a_known_kind(uri: str) -> None:
    assert surt(uri) == oracle(uri)


def test_a_host_that_is_no_name_is_escaped() -> None:
    assert surt(f"http://{'年' * 70}.cn/").startswith("cn,%e5%b9%b4")


def test_an_url_that_cannot_be_taken_apart_is_its_own_key() -> None:
    assert surt("HTTP://x:y/") == "http://x:y/"


def test_deeply_escaped_text_ends() -> None:
    assert surt("http://x.cn/%" + "25" * 5_000 + "41")


def test_lines_are_those_of_cdxj_indexer(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    unmarked = [re.sub(', "truncated": "[a-z]+"', "", line) for line in cdxj_lines(path)]
    assert unmarked == indexed_by_others(path)


def posted(body: bytes, media_type: bytes, *, method: bytes = b"POST") -> bytes:
    head = b"%s /list.jsp HTTP/1.1\r\nHost: x.gov.cn\r\n" % method
    sent = b"content-type: %s\r\nContent-Length: %d\r\n\r\n%b" % (media_type, len(body), body)
    return head + sent


FORM = b"application/x-www-form-urlencoded; charset=UTF-8"
SENT = [
    posted(b"start=1&Name=%E5%B9%B4+x", FORM),
    posted(b"start=2", FORM),
    posted(b"q=%C4%EA", FORM),
    posted(b"q=\xc4\xea", FORM),
    posted(b"", FORM),
    posted(b'{"page": 1, "q": {"a": ["x", "y"]}, "page.2_": "z"}', b"application/json"),
    posted(b"no json", b"application/json"),
    posted(b"words", b"text/plain"),
    posted(b"\xff\xfe", b"application/octet-stream"),
    posted(b"x" * 9_000, FORM),
    posted(b"start=3", FORM, method=b"PUT"),
    posted(b"", b"", method=b"HEAD"),
]


def window_shelf(folder: Path) -> Path:
    """A list that is posted to, each time with something else, and asked for by GET."""
    warc = writer(folder)
    for sent in SENT:
        warc.append(exchange(url="http://x.gov.cn/list.jsp?A=1", request=sent))
    warc.append(exchange(url="http://x.gov.cn/list.jsp?A=1"))
    warc.sync()
    warc.close()
    [path] = folder.glob("*.warc.gz")
    return path


def test_what_was_posted_is_part_of_the_key_as_others_write_it(tmp_path: Path) -> None:
    path = window_shelf(tmp_path)
    found = cdxj_lines(path)
    assert found == indexed_by_others("--post-append", path)
    # An empty body and one that is no JSON add nothing.
    assert len({line.split(" ")[0] for line in found}) == len(SENT) - 1


def test_a_request_may_stand_before_its_answer(tmp_path: Path) -> None:
    """As wget writes it; one that has no answer belongs to none."""
    sent = {"WARC_Type": "request", "Content_Type": "application/http; msgtype=request"}
    ids = [f"<urn:uuid:00000000-0000-4000-8000-00000000000{n}>" for n in range(4)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(
        packed(
            plain_record(posted(b"a=1", FORM), WARC_Record_ID=ids[0], **sent),
            plain_record(WARC_Record_ID=ids[1], WARC_Concurrent_To=ids[0]),
            plain_record(posted(b"a=2", FORM), WARC_Record_ID=ids[2], **sent),
            plain_record(WARC_Record_ID=ids[3]),
        )
    )
    assert [row.asked and row.asked.query for row in cdx_rows(path)] == ["a=1", None]


def test_a_window_that_was_cut_is_left_out_for_its_own_whole_one_only(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    for sent, cut in ((SENT[0], True), (SENT[1], False), (SENT[1], True)):
        truncated = "disconnect" if cut else None
        warc.append(exchange(url="http://x.gov.cn/list.jsp", request=sent, truncated=truncated))
        warc.sync()
    output = tmp_path / "all.cdxj"
    write_index(warc_files(tmp_path), output)
    assert [('"truncated"' in line) for line in output.read_text().splitlines()] == [True, False]


def test_records_without_digests_are_indexed_like_those_of_others(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    none = {"WARC_Payload_Digest": None, "WARC_Block_Digest": None}
    resource = {"WARC_Type": "resource", "Content_Type": "text/plain"}
    fields = {"WARC_Type": "metadata", "Content_Type": "application/warc-fields"}
    path.write_bytes(
        packed(
            plain_record(coded(), **none),
            plain_record(b"text", **none, **resource),
            plain_record(b"a: b\r\n", **none, **fields),
            plain_record(answer(b"", status=b"404 Not Found"), **none),
        )
    )
    assert cdxj_lines(path) == indexed_by_others(path)


def test_what_an_index_cannot_lead_to_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(
        plain_record(WARC_Target_URI=None)
        + plain_record(WARC_Date=None)
        + plain_record(WARC_Type="request")
    )
    assert list(cdx_rows(path)) == []


def test_a_head_beyond_all_limits_is_indexed_without_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(plain_record(b"HTTP/1.1 200 OK\r\n" + b"a" * 300_000))
    [row] = cdx_rows(path)
    assert (row.status, row.mime) == (None, None)


def two_files(folder: Path) -> list[Path]:
    warc = writer(folder, max_size_bytes=1)
    for number in (2, 1):
        warc.append(exchange(url=f"http://x.gov.cn/{number}"))
        warc.sync()
    return warc_files(folder)


def test_an_index_over_several_files_is_sorted(tmp_path: Path) -> None:
    output = tmp_path / "all.cdxj"
    assert write_index(two_files(tmp_path), output) == 2
    keys = [line.split(" ")[0] for line in output.read_text().splitlines()]
    assert keys == ["cn,gov,x)/1", "cn,gov,x)/2"]


CUT = {"response": answer()[:-9], "truncated": "disconnect"}


@pytest.mark.parametrize(
    ("whole_at", "shown"),
    [
        ({"minutes": 2}, ["whole"]),  # tried again
        ({"days": 1}, ["disconnect", "whole"]),  # all that its day brought
    ],
)
def test_a_cut_answer_is_listed_only_where_its_visit_brought_none_that_is_whole(
    tmp_path: Path, whole_at: dict[str, int], shown: list[str]
) -> None:
    warc = writer(tmp_path)
    warc.append(exchange(**CUT))
    warc.append(exchange(started_at=BEGIN + timedelta(**whole_at)))
    warc.close()
    [path] = warc_files(tmp_path)
    write_index([path], tmp_path / "all.cdxj")
    lines = (tmp_path / "all.cdxj").read_text().splitlines()
    found = [json.loads(line.split(" ", 2)[2]).get("truncated", "whole") for line in lines]
    assert found == shown
    assert [row.truncated or "whole" for row in without_retried(list(cdx_rows(path)))] == shown


@pytest.mark.parametrize(("hours", "left"), [(12, 1), (13, 2), (-12, 1), (-13, 2)])
def test_a_visit_lasts_twelve_hours(hours: int, left: int) -> None:
    assert len(without_retried([row(0, "length"), row(hours)])) == left
    assert len(without_retried([row(-40), row(0, "length"), row(hours), row(40)])) == left + 2


def test_a_page_with_many_cut_captures_is_listed_in_the_time_that_reading_them_takes() -> None:
    begin = time.process_time()
    many = [row(hour * 30, "length" if hour % 2 else None) for hour in range(20_000)]
    assert without_retried(many) == many
    assert time.process_time() - begin < 20, "each against each takes hours"


def row(hour: int, truncated: str | None = None) -> CdxRow:
    return CdxRow(
        url="http://x.gov.cn/", timestamp=f"{BEGIN + timedelta(hours=hour):%Y%m%d%H%M%S}",
        mime="text/html", status=200, digest=None, length=1, offset=hour, filename="a.warc.gz",
        truncated=truncated,
    )  # fmt: skip


def test_an_error_page_is_no_whole_answer(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    warc.append(exchange(**CUT))
    warc.append(exchange(answer(status=b"503 Busy"), started_at=BEGIN + timedelta(minutes=2)))
    warc.close()
    [path] = warc_files(tmp_path)
    assert len(without_retried(list(cdx_rows(path)))) == 2


def test_more_files_are_indexed_than_a_process_may_open(tmp_path: Path) -> None:
    """A night makes a file: after some years there are more than a thousand."""
    files = two_files(tmp_path)
    files += [shutil.copy(files[0], tmp_path / f"copy-{n}.warc.gz") for n in range(MAX_OPEN * 2)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + MAX_OPEN + 40, hard))
    try:
        assert write_index(files, tmp_path / "all.cdxj") == len(files)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    lines = (tmp_path / "all.cdxj").read_text().splitlines()
    assert lines == sorted(lines)


def test_an_index_is_printed_whole_or_not_at_all(tmp_path: Path) -> None:
    files, out = two_files(tmp_path), io.StringIO()
    write_index(files, tmp_path / "all.cdxj")
    print_index(files, out)
    assert out.getvalue() == (tmp_path / "all.cdxj").read_text()
    closed = files[0]
    closed.write_bytes(closed.read_bytes()[:-5])
    with pytest.raises(WarcError):
        print_index(files, nothing := io.StringIO())
    assert nothing.getvalue() == ""


def test_a_growing_file_is_indexed_as_far_as_it_stands_under_its_later_name(tmp_path: Path) -> None:
    _, growing = two_files(tmp_path)
    with growing.open("ab") as file:
        file.write(b"\x1f\x8b\x08half a record")
    output = tmp_path / "a.cdxj"
    assert write_index([growing], output) == 1
    assert growing.name.removesuffix(".open") + '"}' in output.read_text()


def test_a_damaged_file_leaves_no_index(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(WarcError, match="offset"):
        write_index([path], tmp_path / "a.cdxj")
    assert list(tmp_path.iterdir()) == [path]


def test_an_index_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="cannot be written"):
        write_index([], tmp_path / "none" / "a.cdxj")
