"""Files in a bucket are read as files in a folder are; a server that fails says nothing of them."""

import sys
from pathlib import Path

import pytest

from archive.model.errors import UsageError, WarcError
from archive.model.frontier import WarcSpot
from archive.warc import bucket
from archive.warc.bucket import Bucket, BucketError, bucket_at, bucket_url
from archive.warc.check import check_file
from archive.warc.folder import BucketFolder, file_of, sizes, warc_files
from archive.warc.reader import iterate, read_record
from archive.work.preservation.seal.measured import size_and_sha256
from tests.support.s3 import BUSY, CUT_ANSWER, WAIT, FaultyS3, s3, s3_port
from tests.warc.making import exchange, writer

__all__ = ["s3", "s3_port"]

BIG = bytes(range(256)) * 4096


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, list[WarcSpot]]:
    """A folder with one file, and where its records begin."""
    ours = writer(tmp_path)
    spots = [ours.append(exchange(day=day)).spot for day in range(3)]
    ours.close()
    return tmp_path, spots


@pytest.fixture
def moved(
    written: tuple[Path, list[WarcSpot]], s3: FaultyS3, tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> BucketFolder:  # fmt: skip
    """The same in a bucket."""
    url = s3.make_bucket("b" + str(abs(hash(request.node.name))))
    [path] = warc_files(written[0])
    bucket_at(url).put(path.name, path, lambda _: None)
    return BucketFolder(tmp_path_factory.mktemp("empty"), url)


def test_records_are_read_by_ranges(written, moved, s3) -> None:
    folder, spots = written
    s3.seen.clear()
    for spot in spots:
        assert read_record(moved, spot) == read_record(folder, spot)
    asked = [size for method, _, size in s3.seen if method == "GET"]
    assert asked == [spot.length for spot in spots], "not a byte more than the records have"
    assert len(s3.seen) == len(spots) + 1, "its size is asked for once"


def test_a_file_is_read_and_checked_from_there(written, moved) -> None:
    [here], [there] = warc_files(written[0]), warc_files(moved)
    assert list(iterate(there)) == list(iterate(here))
    assert list(check_file(there)) == []
    assert sizes(moved) == {here.name: here.stat().st_size}
    assert str(there) == f"{moved.url}/{here.name}"


def test_reading_on_asks_for_more_and_more(s3, tmp_path) -> None:
    there = bucket_at(s3.make_bucket("ahead"))
    (tmp_path / "big").write_bytes(BIG * 5)
    there.put("big", tmp_path / "big", lambda _: None)
    s3.seen.clear()
    with there.open("big") as stream:
        stream.seek(1000)
        assert stream.read(10) == BIG[1000 % 256 :][:10]
        stream.seek(0)
        assert stream.read() == BIG * 5
    asked = [size for method, _, size in s3.seen if method == "GET"]
    assert asked[0] == 64 * 1024
    assert len(asked) < 10
    assert there.measured("big", lambda _: None)[0] == len(BIG) * 5


def test_what_grows_is_read_from_the_folder(written, moved, s3) -> None:
    ours = writer(moved.path, start=100)
    spot = ours.append(exchange()).spot
    ours.sync()
    s3.seen.clear()
    assert read_record(moved, spot).record_type == "response"
    grown = file_of(moved, spot.file)
    ours.close()
    with grown.open("rb") as closed:
        assert closed.read(2) == b"\x1f\x8b", "it got its name meanwhile"
    assert s3.seen == []
    assert len(warc_files(moved)) == 2


def test_a_file_that_is_moved_while_it_is_read_is_found_there(written, moved) -> None:
    [path] = written[0].glob("*.warc.gz")
    copy = moved.path / path.name
    copy.write_bytes(path.read_bytes())
    found = file_of(moved, path.name)
    assert str(found) == str(copy)
    copy.unlink()
    assert len(list(iterate(found))) == 7


def test_a_file_that_was_cut_on_its_way_when_the_bucket_was_listed_is_read_whole(
    written, moved, s3
) -> None:
    [path] = written[0].glob("*.warc.gz")
    s3.change(moved.url, path.name, path.read_bytes()[:500])
    assert sizes(moved)[path.name] == 500
    [listed] = warc_files(moved)
    s3.change(moved.url, path.name, path.read_bytes())
    assert listed.stat().st_size == path.stat().st_size
    assert size_and_sha256(listed)[0] == path.stat().st_size


def test_a_missing_file_is_told_from_a_missing_bucket(written, moved, s3) -> None:
    with pytest.raises(WarcError, match=r"none\.warc\.gz, offset 0: the file is missing"):
        file_of(moved, "none.warc.gz")
    [path] = warc_files(moved)
    path.stat()
    s3.change(moved.url, path.name, None)
    with pytest.raises(WarcError, match="No such file"):
        read_record(moved, written[1][0])
    gone = BucketFolder(moved.path, "s3://no-such-bucket/warc")
    for ask in (warc_files, lambda folder: file_of(folder, path.name)):
        with pytest.raises(BucketError, match="there is no such bucket"):
            ask(gone)


def test_a_server_that_fails_says_nothing_about_a_record(written, moved, s3) -> None:
    spot = written[1][0]
    for fault, why in (
        (BUSY, r"503 Service Unavailable \(SlowDown\)"),
        (CUT_ANSWER, "the answer broke off"),
    ):
        s3.fault = lambda method, _, fault=fault: fault if method == "GET" else None
        with pytest.raises(BucketError, match=why) as error:
            read_record(moved, spot)
        assert "key-of-ours" not in str(error.value)
    s3.fault = lambda *_: None
    assert read_record(moved, spot)


def test_a_busy_server_is_asked_again(written, moved, s3) -> None:
    answers = iter([BUSY])
    s3.fault = lambda *_: next(answers, None)
    assert read_record(moved, written[1][0])


def test_a_server_that_is_not_there_is_told(s3, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(BucketError, match=r"s3://reports/warc: the server cannot be reached"):
        warc_files(BucketFolder(tmp_path, "s3://reports/warc"))


def test_a_slow_server_is_not_waited_for(written, moved, s3, monkeypatch) -> None:
    monkeypatch.setattr(bucket, "_TIMEOUT_S", 0.2)
    bucket_at.cache_clear()
    s3.fault = lambda method, _: WAIT if method == "GET" else None
    with pytest.raises(BucketError, match="no answer in time"):
        read_record(moved, written[1][0])


def test_no_address_of_the_network_is_asked_who_we_are(s3, monkeypatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UsageError, match="set AWS_ACCESS_KEY_ID"):
        bucket_at("s3://reports/warc")


def test_the_package_that_is_missing_is_named(s3, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UsageError, match=r"pip install 'gongkai\[s3\]'"):
        bucket_at("s3://reports/warc")


@pytest.mark.parametrize(
    "named",
    ["s3://", "s3://Reports", "s3://re ports/x", "s3://reports/../x", "s3://reports/a//b",
     "s3://reports/x?versionId=1"],
)  # fmt: skip
def test_what_is_no_bucket_is_refused(named) -> None:
    with pytest.raises(UsageError, match="is no s3://BUCKET/PREFIX"):
        bucket_url(named)


def test_a_name_that_is_too_short_and_a_server_that_is_no_url_are_told(s3, monkeypatch) -> None:
    with pytest.raises(UsageError, match="too short"):
        bucket_url("s3://ab/warc")
    for endpoint in ("127.0.0.1:9000", "http://", "http://host:port", "localhost"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        with pytest.raises(UsageError, match="is no URL such as https"):
            Bucket("s3://reports")


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="AWS_SECRET_ACCESS_KEY") as error:
        bucket_url("s3://mykey:hush@reports/warc")
    assert "hush" not in str(error.value)
    assert bucket_url("s3://reports/") == "s3://reports"
