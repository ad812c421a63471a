"""Snapshots replayed by pywb as it really runs, over our files and our CDX service."""

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError
from archive.warc.bucket import bucket_at
from archive.warc.writer import Profile
from archive.work.home import Home, InBucket
from archive.work.preservation import pywb_engine
from archive.work.preservation.replay import replaying, serve_replay
from archive.work.preservation.replay_front import Front
from tests.support.s3 import FaultyS3, s3, s3_port
from tests.warc.making import BEGIN, PAGE, answer, coded, exchange, revisit, writer
from tests.work.preservation.file_lookup import lookup_in

__all__ = ["s3", "s3_port"]

URI = "http://www.example.gov.cn/zwgk/%E5%B9%B4%E6%8A%A5.htm"
BEHIND_EARLY = "http://other.gov.cn/early"
CUT = "http://other.gov.cn/cut.pdf"
CHUNKED = "http://other.gov.cn/chunked"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"


PAGES = "http://127.0.0.1:8060"


def front_of(home: Home) -> Front:
    return Front(
        collection="archive",
        folder=home.files,
        lookup=lookup_in(home),
        first_page=lambda: "<h1>年报</h1>",
        why_withdrawn=lambda _url, _at: None,
    )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def written_home(path: Path) -> Home:
    """Four captures of one page (as sent, identical, 304, plain) and a redirect to it, in a file
    that is still growing.
    """
    home = Home(path)
    home.make()
    warc = writer(home.warc)
    first = warc.append(exchange(coded()))
    warc.append(exchange(coded(), day=1, revisit=revisit(first)))
    warc.append(exchange(NOT_MODIFIED, day=2, revisit=revisit(first, Profile.NOT_MODIFIED)))
    warc.append(exchange(answer(PAGE + b"!"), day=3))
    moved = answer(b"", b"Location: " + URI.encode(), status=b"302 Found")
    warc.append(exchange(moved, url="http://www.example.gov.cn/"))
    warc.append(exchange(url="http://www.example.gov.cn/a?b=1&c=%26"))
    warc.append(exchange(EARLY + answer(), url=BEHIND_EARLY))
    cut = answer(PAGE, b"Content-Length: 90000")
    warc.append(exchange(cut, url=CUT, truncated="disconnect"))
    second = warc.append(exchange(coded(first=9), url=CHUNKED))
    again = replace(revisit(second), url=CHUNKED)
    warc.append(exchange(coded(first=30), url=CHUNKED, day=1, revisit=again))
    warc.sync()
    return home


def get(port: int, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=sent)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


# --- pywb itself ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def environment() -> None:
    if not (pywb_engine._ENVIRONMENT / "bin" / "wayback").exists():
        pytest.skip("pywb is not here (.venv-replay, made by `make setup`)")


@pytest.fixture(scope="module")
def served(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    home = written_home(tmp_path_factory.mktemp("home"))
    port = free_port()
    with replaying(home, host="127.0.0.1", port=port, front=front_of(home), pages_url=PAGES):
        yield port


@pytest.mark.slow
def test_pages_are_replayed_out_of_a_bucket(
    environment: None, s3: FaultyS3, tmp_path: Path
) -> None:
    url = s3.make_bucket("replayed")
    [path] = written_home(tmp_path).warc.iterdir()
    bucket_at(url).put(path.name.removesuffix(".open"), path, lambda _: None)
    path.unlink()
    home = Home(tmp_path, InBucket(url))
    with replaying(home, host="127.0.0.1", port=0, front=front_of(home)) as running:
        for modifier in ("id_", "mp_"):
            answer, body = get(running.port, f"/archive/{stamp(0)}{modifier}/{URI}")
            assert answer.status == 200
            assert PAGE in gzip.decompress(body) if body[:2] == b"\x1f\x8b" else PAGE in body


def stamp(day: int) -> str:
    return f"{BEGIN + timedelta(days=day):%Y%m%d%H%M%S}"


@pytest.mark.parametrize(
    ("day", "page"), [(0, PAGE), (1, PAGE), (2, PAGE), (3, PAGE + b"!")],
    ids=["as sent", "identical revisit", "304 revisit", "plain"],
)  # fmt: skip
def test_every_capture_gives_the_bytes_of_its_page(served: int, day: int, page: bytes) -> None:
    response, body = get(served, f"/archive/{stamp(day)}id_/{URI}")
    if response.getheader("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    assert (response.status, body) == (200, page)


def test_a_page_behind_an_interim_head_is_replayed_as_its_final_answer(served: int) -> None:
    response, body = get(served, f"/archive/{stamp(0)}id_/{BEHIND_EARLY}")
    assert (response.status, body) == (200, PAGE)


def test_a_body_that_was_chunked_otherwise_at_its_revisit_is_replayed(served: int) -> None:
    for day in (0, 1):
        response, body = get(served, f"/archive/{stamp(day)}id_/{CHUNKED}")
        packed = response.getheader("Content-Encoding") == "gzip"
        assert (gzip.decompress(body) if packed else body) == PAGE
        assert response.getheader("Memento-Datetime").startswith(("Sat, 31", "Sun, 01")[day])


def test_a_gb2312_page_keeps_its_charset(served: int) -> None:
    response, body = get(served, f"/archive/{stamp(3)}mp_/{URI}")
    assert response.getheader("Content-Type") == "text/html; charset=gb2312"
    assert "政府信息公开工作年度报告".encode("gb2312") in body


def test_a_redirect_leads_to_the_snapshot(served: int) -> None:
    response, _ = get(served, f"/archive/{stamp(0)}mp_/http://www.example.gov.cn/")
    assert response.status == 302
    assert response.getheader("Location").endswith(f"/archive/{stamp(0)}mp_/{URI}")


def test_a_query_with_ampersands_is_found(served: int) -> None:
    response, body = get(served, f"/archive/{stamp(0)}id_/http://www.example.gov.cn/a?b=1&c=%26")
    assert (response.status, body) == (200, PAGE)


def test_a_snapshot_says_when_it_was_taken(served: int) -> None:
    response, _ = get(served, f"/archive/{stamp(3)}mp_/{URI}")
    assert response.getheader("Memento-Datetime") == "Tue, 03 Feb 2026 08:00:00 GMT"
    assert f'<{URI}>; rel="original"' in response.getheader("Link")


def test_the_time_map_lists_every_capture(served: int) -> None:
    _, body = get(served, f"/archive/timemap/link/{URI}")
    found = re.findall(r'rel="memento"; datetime="\w+, (\d+ \w+)', body.decode())
    assert found == ["31 Jan", "01 Feb", "02 Feb", "03 Feb"]


def test_all_captures_under_a_prefix_are_listed(served: int) -> None:
    _, body = get(served, "/archive/cdx?url=http://www.example.gov.cn/zwgk/*&output=json")
    assert len(body.splitlines()) == 4


def test_an_unknown_url_is_not_found(served: int) -> None:
    assert get(served, f"/archive/{stamp(0)}mp_/http://www.example.gov.cn/none")[0].status == 404


def test_the_frame_links_the_reports_page(served: int) -> None:
    response, body = get(served, f"/archive/{stamp(0)}/{URI}")
    assert response.status == 200
    assert b"<iframe" in body
    assert PAGES.encode() in body
    assert b"/page?url=" in body


def test_the_first_page_is_ours(served: int) -> None:
    for path in ("/", "/archive/"):
        assert get(served, path)[1].decode() == "<h1>年报</h1>"


def test_the_calendar_is_there(served: int) -> None:
    response, body = get(served, f"/archive/*/{URI}")
    assert (response.status, b"vueui" in body) == (200, True)


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
@pytest.mark.parametrize("url", [URI, BEHIND_EARLY, CHUNKED, CUT])
def test_a_raw_capture_is_what_the_engine_sends_too(served: int, url: str, accepted: str) -> None:
    """The engine is asked where a proxy stands before the front; else it comes from the record."""

    def told(**headers: str) -> tuple[int, list[tuple[str, str]], bytes]:
        path = f"/archive/{stamp(0)}id_/{url}"
        response, body = get(served, path, Accept_Encoding=accepted, **headers)
        return response.status, sorted(set(response.getheaders()) - {("Date", "")}), body

    ours, engines = told(), told(X_Forwarded_Proto="http")
    assert (ours[0], ours[2]) == (engines[0], engines[2])
    without = [[each for each in headers if each[0] not in ("Date", "Link")]
               for headers in (ours[1], engines[1])]  # fmt: skip
    assert without[0] == without[1]


@pytest.mark.parametrize("modifier", ["id_", "mp_"])
@pytest.mark.parametrize(
    ("stamp", "day"), [("2026", "03 Feb"), ("202601", "01 Feb"), ("", "03 Feb")]
)
def test_a_short_timestamp_means_one_capture_however_it_is_shown(
    served: int, stamp: str, day: str, modifier: str
) -> None:
    response, _ = get(served, f"/archive/{stamp}{modifier}/{URI}", Accept_Encoding="gzip")
    assert day in response.getheader("Memento-Datetime")


def test_a_capture_that_was_cut_short_ends(served: int) -> None:
    """Content-Length says more than there is: the client would wait for the rest."""
    begin = time.monotonic()
    response, body = get(served, f"/archive/{stamp(0)}id_/{CUT}")
    assert (response.getheader("Content-Length"), body) == (str(len(PAGE)), PAGE)
    assert time.monotonic() - begin < 15


def test_without_pywb_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pywb_engine, "_ENVIRONMENT", tmp_path)
    home = Home(tmp_path)
    with (
        pytest.raises(CannotRunError, match="make setup"),
        replaying(home, host="127.0.0.1", port=1, front=front_of(home)),
    ):
        pass


def test_a_port_that_is_taken_is_refused(environment: None, tmp_path: Path) -> None:
    home = Home(tmp_path)
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CannotRunError, match="choose another --port"),
        replaying(home, host="127.0.0.1", port=taken.getsockname()[1], front=front_of(home)),
    ):
        pass


def program(folder: Path, *script: str) -> Path:
    """Stands in for pywb where it is to misbehave."""
    path = folder / "bin" / "wayback"
    path.parent.mkdir()
    path.write_text("\n".join(["#!/bin/sh", *script]))
    path.chmod(0o755)
    return path


def test_an_engine_that_does_not_start_is_an_error_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "echo no such library", "echo", "exit 3")
    monkeypatch.setattr(pywb_engine, "_ENVIRONMENT", tmp_path)
    home = Home(tmp_path)
    with (
        pytest.raises(CannotRunError, match="pywb did not start: no such library"),
        replaying(home, host="127.0.0.1", port=free_port(), front=front_of(home)),
    ):
        pass


def test_an_engine_that_never_answers_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "trap '' TERM", "while :; do sleep 0.1; done")
    monkeypatch.setattr(pywb_engine, "_ENVIRONMENT", tmp_path)
    monkeypatch.setattr(pywb_engine, "_START_TIMEOUT_S", 0.5)
    monkeypatch.setattr(pywb_engine, "_STOP_TIMEOUT_S", 0.5)
    home = Home(tmp_path)
    with (
        pytest.raises(CannotRunError, match="did not answer within"),
        replaying(home, host="127.0.0.1", port=free_port(), front=front_of(home)),
    ):
        pass


SERVER = """
import signal
import sys
from pathlib import Path
from archive.work.home import Home
from archive.work.preservation import pywb_engine
from archive.work.preservation.replay import replaying, serve_replay
from archive.work.preservation.replay_front import Front
from archive.work.preservation.replay import serve_replay
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
serve_replay(
    Home(Path(sys.argv[1])), port=int(sys.argv[2]), lookup=lambda _: [], first_page=str,
    why_withdrawn=lambda *_: None, pages_url=None, on_ready=lambda URL: print(URL, flush=True),
)
"""


@pytest.mark.parametrize(
    "ending", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGKILL]
)
def test_the_engine_ends_with_us(
    environment: None, tmp_path: Path, root: Path, ending: signal.Signals
) -> None:
    Home(tmp_path).make()
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, tmp_path, str(port)], cwd=root, stdout=subprocess.PIPE
    ) as serving:
        try:
            assert serving.stdout.readline() == f"http://127.0.0.1:{port}/archive/\n".encode()
            serving.send_signal(ending)
            assert serving.wait(15) == (0 if ending is signal.SIGINT else -signal.SIGKILL)
        finally:
            serving.kill()
    until = time.monotonic() + 10
    while is_listening(port) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_listening(port)


def is_listening(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_an_engine_that_ends_by_itself_is_an_error(environment: None, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()

    def end_it(url: str) -> None:
        found = subprocess.run(
            ["pgrep", "-P", str(os.getpid()), "-f", str(pywb_engine._ENVIRONMENT)],
            capture_output=True, check=True, text=True,
        )  # fmt: skip
        for pid in found.stdout.split():
            os.kill(int(pid), signal.SIGTERM)

    with pytest.raises(CannotRunError, match="ended by itself"):
        serve_replay(
            home,
            port=free_port(),
            lookup=lambda _: [],
            first_page=str,
            why_withdrawn=lambda _url, _at: None,
            pages_url=None,
            on_ready=end_it,
        )
