"""What is written can be read by everybody, byte for byte, and no crash leaves half a record."""

import gzip
import os
import resource
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model.errors import CannotRunError, WarcError
from archive.warc.check import check_file
from archive.warc.growing import GrowingFile
from archive.warc.reader import iterate, read_block, read_record
from archive.warc.recovery import recover
from archive.warc.writer import Profile, Revisit
from tests.warc.making import (
    ADDRESS,
    BEGIN,
    PAGE,
    REQUEST,
    answer,
    coded,
    exchange,
    revisit,
    shelf,
    writer,
)

TOOLS = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [("gzip", "-t"), (TOOLS / "fastwarc", "check", "-q")],
    ids=["gzip", "fastwarc"],
)
def test_other_tools_find_nothing_wrong(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = subprocess.run([*command, shelf(tmp_path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_our_own_checker_finds_nothing_wrong(tmp_path: Path) -> None:
    assert list(check_file(shelf(tmp_path))) == []


@settings(max_examples=60)
@given(response=st.binary(max_size=400), request_=st.binary(max_size=100))
def test_any_bytes_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, response: bytes, request_: bytes
) -> None:
    folder = tmp_path_factory.mktemp("warc")
    warc = writer(folder)
    written = warc.append(exchange(response, request=request_))
    warc.close()
    assert read_block(folder, written.spot) == response
    if request_:
        assert read_block(folder, written.request_spot) == request_
    else:
        assert written.request_spot is None


def test_a_record_is_read_while_its_file_grows(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    written = warc.append(exchange(coded()))
    warc.sync()
    assert read_block(tmp_path, written.spot) == coded()


def test_the_spot_names_the_file_without_open(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    name = warc.append(exchange()).spot.file
    warc.sync()
    assert [path.name for path in tmp_path.iterdir()] == [name + ".open"]
    warc.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("response", [b"", b"HTTP/1.1 200 OK\r\nConte"])
def test_without_a_whole_head_there_is_no_payload_digest(tmp_path: Path, response: bytes) -> None:
    written = writer(tmp_path).append(exchange(response, truncated="time"))
    assert (written.payload_digest, written.size_bytes) == (None, 0)


def test_records_say_where_they_come_from(tmp_path: Path) -> None:
    warcinfo, response, request, *_ = iterate(shelf(tmp_path))
    assert b"operator: archivist@example.org\r\n" in warcinfo.block
    assert response.target_uri == "http://www.example.gov.cn/zwgk/%E5%B9%B4%E6%8A%A5.htm"
    assert (response.date, response.header("WARC-IP-Address")) == (BEGIN, "192.0.2.7")
    assert response.header("WARC-Warcinfo-ID") == warcinfo.record_id
    assert request.header("WARC-Concurrent-To") == response.record_id
    assert (request.block, request.record_type) == (REQUEST, "request")


def test_an_identical_revisit_keeps_the_head_and_names_its_capture(tmp_path: Path) -> None:
    record = next(each for each in iterate(shelf(tmp_path)) if each.record_type == "revisit")
    assert record.block == coded().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert record.header("WARC-Refers-To-Date") == "2026-01-31T08:00:00.250000Z"
    assert record.header("WARC-Profile").endswith("/warc/1.1/revisit/identical-payload-digest")


def test_a_304_is_an_empty_revisit_with_its_bytes_beside(tmp_path: Path) -> None:
    records = list(iterate(shelf(tmp_path)))
    record = [each for each in records if each.record_type == "revisit"][1]
    [beside] = [each for each in records if each.record_type == "metadata"]
    assert (record.block, record.header("WARC-Payload-Digest")) == (b"", None)
    assert record.header("WARC-Refers-To-Target-URI") == record.target_uri
    assert beside.block.startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert beside.header("WARC-Concurrent-To") == record.record_id


def test_a_rendered_document_stands_beside_its_exchange(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.append(exchange())
    written = warc.append_resource(ADDRESS, b"<p>", "text/html", first.record_id)
    warc.sync()
    record = read_record(tmp_path, written.spot)
    assert (record.record_type, bytes(record.payload)) == ("resource", b"<p>")
    assert record.header("WARC-Concurrent-To") == first.record_id


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"url": "ftp://x/"}, "no http"),
        ({"started_at": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001 - that is the point
        ({"ip_address": "1\r\nX: y"}, "control character"),
        ({"revisit": Revisit(url=ADDRESS, captured_at=BEGIN, payload_digest="sha256:AA",
                             profile=Profile.IDENTICAL_PAYLOAD)}, "not that of the capture"),
        ({"revisit": Revisit(url=ADDRESS, captured_at=BEGIN, payload_digest="sha256:AA",
                             profile=Profile.NOT_MODIFIED)}, "only a 304"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_as_it_says_is_refused(
    tmp_path: Path, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(WarcError, match=complaint):
        writer(tmp_path).append(exchange(**changes))


def test_a_cut_answer_is_never_kept_as_a_revisit(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.append(exchange())
    with pytest.raises(WarcError, match="not that of the capture"):
        warc.append(exchange(day=1, revisit=revisit(first), truncated="time"))


def test_a_full_file_is_closed_and_the_next_begun(tmp_path: Path) -> None:
    warc = writer(tmp_path, max_size_bytes=1)
    names = []
    for _ in range(3):
        names.append(warc.append(exchange()).spot.file)
        warc.sync()
    warc.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(set(names))
    assert len(set(names)) == 3


def test_a_file_is_never_closed_over_bytes_that_were_not_synced(tmp_path: Path) -> None:
    warc = writer(tmp_path, max_size_bytes=1)
    assert warc.append(exchange()).spot.file == warc.append(exchange()).spot.file


def test_synced_ends_are_where_the_disk_has_it(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    assert warc.synced_ends == {}
    name = warc.append(exchange()).spot.file
    assert warc.synced_ends == {name: 0}
    warc.sync()
    assert warc.synced_ends == {name: (tmp_path / f"{name}.open").stat().st_size}


def test_large_bodies_go_to_the_disk_as_they_come(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    large = answer(os.urandom(1_500_000))
    written = warc.append(exchange(large))
    [path] = tmp_path.iterdir()
    assert path.stat().st_size > 1_500_000
    assert warc.synced_ends == {written.spot.file: 0}
    warc.close()
    assert read_block(tmp_path, written.spot) == large


def test_a_writer_without_exchanges_leaves_nothing(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    warc.sync()
    warc.close()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_stops_the_writer(tmp_path: Path) -> None:
    GrowingFile(tmp_path, "a")
    with pytest.raises(CannotRunError, match="cannot create"):
        GrowingFile(tmp_path, "a")


@pytest.fixture
def small_disk():
    """Files can grow to 64 KiB, then the kernel refuses as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_file_at_its_last_synced_end(
    tmp_path: Path, small_disk: None
) -> None:
    warc = writer(tmp_path)
    kept = warc.append(exchange())
    warc.sync()
    [path] = tmp_path.iterdir()
    size = path.stat().st_size
    warc.append(exchange(answer(os.urandom(90_000))))
    with pytest.raises(CannotRunError, match="make room"):
        warc.sync()
    assert path.stat().st_size == size
    again = warc.append(exchange(day=1))
    warc.close()
    assert read_block(tmp_path, kept.spot) == read_block(tmp_path, again.spot) == answer()


def test_a_disk_that_was_full_from_the_start_leaves_no_file(
    tmp_path: Path, small_disk: None
) -> None:
    warc = writer(tmp_path)
    with pytest.raises(CannotRunError, match="make room"):
        warc.append(exchange(answer(os.urandom(2_000_000))))
    assert list(tmp_path.iterdir()) == []
    written = warc.append(exchange())
    warc.close()
    assert read_block(tmp_path, written.spot) == answer()


def test_a_folder_that_is_gone_stops_the_closing(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    warc.append(exchange())
    warc.sync()
    next(tmp_path.iterdir()).unlink()
    with pytest.raises(CannotRunError, match="cannot rename"):
        warc.close()


def growing(folder: Path, size: int) -> Path:
    path = folder / "a.warc.gz.open"
    path.write_bytes(bytes(size))
    return path


def aside(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "aside").glob("*")}


def test_a_file_cut_anywhere_is_whole_after_recovery(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    kept = [warc.append(exchange(answer(PAGE + bytes([n])))) for n in range(3)]
    warc.sync()
    [[name, end]] = warc.synced_ends.items()
    behind = warc.append(exchange(coded()))
    response_end = behind.spot.offset + behind.spot.length
    warc.sync()
    content = (tmp_path / f"{name}.open").read_bytes()
    for cut in [*range(end, len(content), 11), len(content)]:
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / f"{name}.open").write_bytes(content[:cut])
        recover(folder, {name: end})
        assert (folder / name).read_bytes() == content[:end]
        whole = [content[end:cut]] if cut >= response_end else []
        assert list(aside(folder).values()) == whole, "only what is not whole may be cut away"
    gzip.decompress(content[:end])
    assert [read_block(folder, each.spot) for each in kept] == [
        answer(PAGE + bytes([n])) for n in range(3)
    ]


def test_recovery_says_what_it_cut(tmp_path: Path) -> None:
    growing(tmp_path, 10)
    assert recover(tmp_path, {"a.warc.gz": 7}) == [
        "a.warc.gz: closed, 3 bytes behind the last committed record cut"
    ]


def test_recovery_removes_what_nobody_committed(tmp_path: Path) -> None:
    growing(tmp_path, 10)
    assert recover(tmp_path, {}) == ["a.warc.gz: removed, none of its 10 bytes was committed"]
    assert list(tmp_path.iterdir()) == []


def test_recovery_says_when_committed_bytes_are_missing(tmp_path: Path) -> None:
    growing(tmp_path, 10)
    [line] = recover(tmp_path, {"a.warc.gz": 12})
    assert line.startswith("a.warc.gz: 2 committed bytes are missing")


def test_recovery_leaves_closed_files_alone(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    before = path.read_bytes()
    assert recover(tmp_path, {path.name: 5}) == []
    assert path.read_bytes() == before


def test_recovery_that_the_disk_refuses_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz.open").mkdir()
    with pytest.raises(CannotRunError, match="cannot recover"):
        recover(tmp_path, {})


def two_of_one_archive(folder: Path) -> tuple[Path, int]:
    """A file that grows: two exchanges, and where the first ends."""
    warc = writer(folder, archive_id="0001")
    warc.append(exchange(coded()))
    warc.sync()
    [[name, end]] = warc.synced_ends.items()
    warc.append(exchange(answer(b"the second")))
    warc.sync()
    return folder / f"{name}.open", end


def test_whole_records_behind_the_end_are_set_aside_and_can_be_read(tmp_path: Path) -> None:
    """An older copy of the ledger may stand in the place of one that committed them."""
    path, end = two_of_one_archive(tmp_path)
    behind = path.read_bytes()[end:]
    name = path.name.removesuffix(".open")
    [line] = recover(tmp_path, {name: end})
    [[put, content]] = aside(tmp_path).items()
    assert f"set aside as aside/{put}" in line
    assert content == behind
    assert [each.record_type for each in iterate(tmp_path / "aside" / put)] == [
        "response",
        "request",
    ]


def test_a_file_of_which_nothing_was_committed_is_set_aside_whole(tmp_path: Path) -> None:
    path, _ = two_of_one_archive(tmp_path)
    content = path.read_bytes()
    [line] = recover(tmp_path, {}, archive_id="0001")
    assert "set aside" in line
    assert list(aside(tmp_path).values()) == [content]
    assert list(tmp_path.glob("*.open")) == []


def test_nothing_is_set_aside_over_what_was_set_aside_before(tmp_path: Path) -> None:
    path, _ = two_of_one_archive(tmp_path)
    content = path.read_bytes()
    recover(tmp_path, {})
    path.write_bytes(content)
    recover(tmp_path, {})
    assert list(aside(tmp_path).values()) == [content, content]


@pytest.mark.parametrize(
    "told", [{"archive_id": "0002"}, {"fresh": True}], ids=["says so", "nobody knows"]
)
def test_a_growing_file_of_another_archive_is_left_alone(
    tmp_path: Path, told: dict[str, object]
) -> None:
    path, _ = two_of_one_archive(tmp_path)
    before = path.read_bytes()
    assert recover(tmp_path, {}, **told) == []
    assert path.read_bytes() == before


def test_damage_behind_the_end_is_no_sign_of_a_crash_and_is_set_aside(tmp_path: Path) -> None:
    path, end = two_of_one_archive(tmp_path)
    content = bytearray(path.read_bytes())
    content[end + 200] ^= 0xFF
    path.write_bytes(content)
    recover(tmp_path, {path.name.removesuffix(".open"): end})
    assert list(aside(tmp_path).values()) == [bytes(content[end:])]
