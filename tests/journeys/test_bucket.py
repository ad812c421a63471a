"""An archive whose WARC files lie in a bucket: every command works from there, by ranges."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Gongkai
from tests.support.s3 import FaultyS3, faulty_s3, s3_port
from tests.support.site import site_of

__all__ = ["s3_port"]


class InBucket(Gongkai):
    """The command over a home whose files are moved to a bucket, and kept no day at home."""

    def __init__(self, home: Path, s3: FaultyS3, url: str) -> None:
        super().__init__(home)
        self.s3 = s3
        self.more = {"GONGKAI_WARC_URL": url, "GONGKAI_WARC_KEEP_DAYS": "0", **s3.environment}

    def environment(self) -> dict[str, str]:
        return super().environment() | self.more

    def local(self) -> list[str]:
        return [path.name for path in (self.home / "warc").glob("*.warc.gz*")]


@pytest.fixture(scope="module")
def crawled(s3_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InBucket]:
    """Crawled twice, so that the second run repeats what the bucket has."""
    folder = tmp_path_factory.mktemp("crawled")
    with faulty_s3(s3_port) as s3, site_of(3) as site:
        gongkai = InBucket(folder / "home", s3, s3.make_bucket("crawled"))
        assert gongkai.crawl(site.entry)["verdict"] == "good"
        assert gongkai.crawl(site.entry, "--full", "--unconditional")["verdict"] == "good"
        yield gongkai


def test_runs_move_what_they_wrote_and_repeat_nothing(crawled: InBucket) -> None:
    assert crawled.local() == []
    rows = crawled.rows("warc_file")
    assert {row["location"] for row in rows} == {crawled.more["GONGKAI_WARC_URL"]}
    assert set(crawled.s3.objects("s3://crawled/warc")) == {
        "archive.toml", *(row["name"] for row in rows)
    }  # fmt: skip
    revisits = [row for row in crawled.rows("captures") if row["record_type"] == "revisit"]
    assert len(revisits) == 4, "what the bucket has is not kept twice"


def test_everything_that_reads_records_reads_them_from_there(
    crawled: InBucket, tmp_path: Path
) -> None:
    assert " 0 errors" in crawled.run("verify", "--deep")
    head = crawled.run("seal").split("SHA-256 ")[1][:64]
    assert " 0 errors" in crawled.run("verify", "--seals", "--expect", head)
    assert len(crawled.run("index").splitlines()) >= len(crawled.rows("captures"))
    crawled.run("wacz", "-o", str(tmp_path / "out.wacz"))
    crawled.run("verify", str(tmp_path / "out.wacz"))
    crawled.run("reread", "--dry-run")
    [page] = crawled.rows("documents")[:1]
    crawled.run("read", "--archived", page["url"])
    crawled.run("cite", page["url"])
    seen = {row["check"]: row for row in json.loads(crawled.run("doctor", "--json", status=None))}
    assert seen["WARC files"]["level"] == "good", seen
    assert crawled.local() == []


def test_a_backup_has_the_files_and_is_an_archive_without_a_bucket(
    crawled: InBucket, tmp_path: Path
) -> None:
    crawled.run("backup", "-o", str(tmp_path / "copy"))
    plain = Gongkai(crawled.home)
    plain.run("backup", "-o", str(tmp_path / "copy"), status=2)
    assert f"export GONGKAI_WARC_URL={crawled.more['GONGKAI_WARC_URL']}" in plain.stderr
    restored = Gongkai(tmp_path / "new")
    restored.run("restore", str(tmp_path / "copy"))
    assert " 0 errors" in restored.run("verify", "--deep")


def test_a_lost_ledger_is_made_again_from_the_bucket_alone(
    crawled: InBucket, tmp_path: Path
) -> None:
    """On a machine that has nothing but the address of the bucket."""
    other = InBucket(tmp_path / "home", crawled.s3, crawled.more["GONGKAI_WARC_URL"])
    refused = other.run("crawl", "http://127.0.0.1:9/", "--delay", "0", status=4)
    assert refused == ""
    assert "rebuild" in other.stderr
    made = json.loads(other.run("rebuild", "--json"))
    assert (made["damages"], made["missing"]) == ([], [])
    assert other.rows("versions") == crawled.rows("versions")
    done = json.loads(other.run("upload", "--json"))
    assert (done["files"], done["in_bucket"], done["moved"]) == (2, 2, 0)
    assert " 0 errors" in other.run("verify")


def test_without_the_address_nothing_calls_the_files_lost(crawled: InBucket) -> None:
    url = crawled.more["GONGKAI_WARC_URL"]
    plain = Gongkai(crawled.home)
    for command in (("verify",), ("repair", "--dry-run"), ("crawl", "http://127.0.0.1:9/"),
                    ("index",)):  # fmt: skip
        plain.run(*command, status=2)
        assert f"export GONGKAI_WARC_URL={url}" in plain.stderr, command
    plain.run("upload", status=2)
    assert "name it, GONGKAI_WARC_URL=s3://" in plain.stderr


def test_no_secret_is_written_down_anywhere(crawled: InBucket, tmp_path: Path) -> None:
    crawled.run("export", "captures", "-o", str(tmp_path / "captures.csv"))
    for path in [*crawled.home.rglob("*"), *tmp_path.rglob("*")]:
        if path.is_file():
            assert b"secret-of-ours" not in path.read_bytes(), path
            assert b"key-of-ours" not in path.read_bytes(), path
