"""An archive is compared with its ledger: nothing missing, nothing foreign, nothing changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.model.frontier import WarcSpot
from archive.model.reading import Severity
from archive.model.url import canonical, clipped, key_of
from archive.warc.writer import Profile, Written
from archive.work.home import Home
from archive.work.preservation.verify import verify_archive, verify_files
from tests.warc.making import ADDRESS, BEGIN, answer, coded, exchange, revisit, shelf, writer


@dataclass(frozen=True)
class Row:
    spot: WarcSpot
    request_spot: WarcSpot | None
    record_id: str
    record_type: str
    payload_digest: str | None
    size_bytes: int
    captured_at: datetime = BEGIN
    status: int = 200
    url: str = canonical(ADDRESS) or ""
    method: str = "GET"
    body: str | None = None


def row(written: Written, day: int = 0, status: int = 200) -> Row:
    return Row(
        written.spot,
        written.request_spot,
        written.record_id,
        written.record_type,
        written.payload_digest,
        written.size_bytes,
        BEGIN + timedelta(days=day),
        status,
    )


@dataclass(frozen=True)
class Kept:
    home: Home
    rows: list[Row]
    ends: dict[str, int]
    path: Path

    def rules(self, rows: Iterable[Row] | None = None) -> list[str]:
        found = verify_archive(self.home, self.rows if rows is None else rows, self.ends)
        return [damage.rule for damage in found]


@pytest.fixture(params=["closed", "growing"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    home = Home(tmp_path)
    home.make()
    warc = writer(home.warc)
    first = warc.append(exchange(coded()))
    second = warc.append(exchange(coded(), day=1, revisit=revisit(first)))
    third = warc.append(exchange(b"", request=b"", day=2, truncated="disconnect"))
    warc.sync()
    ends = warc.synced_ends
    if request.param == "closed":
        warc.close()
    [path] = home.warc.iterdir()
    return Kept(home, [row(first), row(second, 1), row(third, 2, status=0)], ends, path)


def test_a_whole_archive_has_no_damage(kept: Kept) -> None:
    assert kept.rules() == []


def test_every_record_is_counted_while_it_is_looked_at(kept: Kept) -> None:
    of_archive: list[int] = []
    of_files: list[int] = []
    list(verify_archive(kept.home, kept.rows, kept.ends, on_record=lambda: of_archive.append(1)))
    list(verify_files([kept.path], on_record=lambda: of_files.append(1)))
    assert len(of_archive) == len(of_files) >= 6


def test_an_answer_that_its_server_labelled_wrongly_is_no_damage_of_the_archive(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.make()
    warc = writer(home.warc)
    written = warc.append(exchange(answer(b"plain", b"Content-Encoding: gzip")))
    warc.close()
    [path] = home.warc.iterdir()
    [told] = verify_archive(home, [row(written)], {path.name: path.stat().st_size})
    assert (told.rule, told.severity) == ("http_coding", Severity.WARNING)
    [told] = verify_files([path])
    assert told.severity is Severity.ERROR, "in a file made by others it is most likely the maker"


def test_a_missing_file_is_told_once_with_its_captures(kept: Kept) -> None:
    kept.path.unlink()
    [damage] = verify_archive(kept.home, kept.rows, kept.ends)
    assert (damage.rule, damage.message) == (
        "missing_file",
        "the file is missing, and with it 3 captures",
    )


def test_a_record_that_is_not_there_is_missing(kept: Kept) -> None:
    ghost = replace(kept.rows[0], spot=replace(kept.rows[0].spot, offset=5), request_spot=None)
    assert kept.rules([*kept.rows, ghost]) == ["missing_record"]


@pytest.mark.parametrize(
    "change",
    [
        {"record_type": "resource"},
        {"payload_digest": "sha256:AA"},
        {"payload_digest": None},
        {"record_id": "<urn:uuid:0>"},
        {"captured_at": BEGIN + timedelta(microseconds=1)},
        {"status": 404},
        {"size_bytes": 1},
        {"url": "http://www.example.gov.cn/other.htm"},
        {"method": "POST", "body": "page=2"},
    ],
)
def test_a_record_that_is_not_what_the_ledger_says_is_told(
    kept: Kept, change: dict[str, object]
) -> None:
    assert kept.rules([replace(kept.rows[0], **change), *kept.rows[1:]]) == ["ledger"]


def test_revisits_posts_sessions_interim_heads_and_rendered_pages_fit(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    warc = writer(home.warc)
    first = warc.append(exchange(coded()))
    kept = revisit(first, Profile.NOT_MODIFIED)
    unchanged = warc.append(exchange(b"HTTP/1.1 304 Not Modified\r\n\r\n", day=1, revisit=kept))
    rendered = warc.append_resource(ADDRESS, b"<p>", "text/html", first.record_id, BEGIN)
    in_session = "http://x.gov.cn/nb.jsp?PHPSESSID=0a1b&page=2"
    seen = warc.append(exchange(b"HTTP/1.1 103 Early\r\n\r\n" + answer(), url=in_session))
    posted = warc.append(exchange(url="http://x.gov.cn/list?a=1"))
    warc.close()
    [path] = home.warc.iterdir()
    rows = [
        row(first),
        row(unchanged, 1, status=304),
        row(rendered),
        replace(row(seen), url=key_of(in_session)),
        replace(
            row(posted),
            url=key_of("http://x.gov.cn/list?a=1", "POST", "page=2"),
            method="POST",
            body="page=2",
        ),
    ]
    ends = {path.name: path.stat().st_size}
    assert list(verify_archive(home, rows, ends)) == []
    rows = [
        rows[0],
        replace(rows[1], status=200),
        replace(rows[2], size_bytes=4),
        replace(rows[3], url=clipped("http://x.gov.cn/nb.jsp?page=2")),
        replace(rows[4], body="page=3"),
    ]
    said = [damage.message for damage in verify_archive(home, rows, ends)]
    assert [each.split(" has the ")[1].split()[0] for each in said] == ["status", "size", "URL"]


def test_a_cut_file_is_missing_bytes(kept: Kept) -> None:
    content = kept.path.read_bytes()
    kept.path.write_bytes(content[:-5])
    assert kept.rules() == ["truncated", "missing_record", "missing_bytes"]


def test_bytes_that_nobody_committed_are_told_in_a_closed_file_only(kept: Kept) -> None:
    with kept.path.open("ab") as file:
        file.write(b"\x1f\x8b\x08half")
    growing = kept.path.name.endswith(".open")
    assert kept.rules() == ([] if growing else ["gzip", "uncommitted_bytes"])


def test_a_file_that_the_ledger_does_not_know_is_told(kept: Kept) -> None:
    other = writer(kept.home.warc, start=500)
    other.append(exchange(url="http://x.gov.cn/other"))
    other.close()
    assert kept.rules() == ["uncommitted_bytes"]


def test_a_file_with_nothing_but_committed_ends_is_looked_at(kept: Kept) -> None:
    assert kept.rules([]) == []


def test_a_revisit_without_its_capture_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    warc = writer(home.warc, max_size_bytes=1)
    first = warc.append(exchange(coded()))
    warc.sync()
    ends = dict(warc.synced_ends)
    second = warc.append(exchange(coded(), day=1, revisit=revisit(first)))
    warc.sync()
    ends |= warc.synced_ends
    (home.warc / first.spot.file).unlink()
    rules = [damage.rule for damage in verify_archive(home, [row(second, 1)], ends)]
    assert rules == ["unresolved_revisit"]


def test_files_are_checked_as_belonging_together(tmp_path: Path) -> None:
    warc = writer(tmp_path, max_size_bytes=1)
    first = warc.append(exchange(coded()))
    warc.sync()
    warc.append(exchange(coded(), day=1, revisit=revisit(first)))
    warc.close()
    early, late = sorted(tmp_path.iterdir())
    assert list(verify_files([late, early])) == []
    assert [damage.rule for damage in verify_files([late])] == ["unresolved_revisit"]


def test_a_file_that_is_named_twice_is_checked_once(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    assert list(verify_files([path, tmp_path / "." / path.name])) == []
