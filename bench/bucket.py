"""Records read back from a folder and from a bucket on the same machine, in turn."""

import os
import random
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from archive.model.frontier import WarcSpot
from archive.warc.bucket import bucket_at
from archive.warc.folder import BucketFolder, WarcFolder, warc_files
from archive.warc.reader import iterate, read_record
from archive.warc.writer import Exchange, WarcWriter
from bench.replaying import Waits
from tests.support.s3 import CREDENTIALS, make_bucket, s3_server

FOLDER, BUCKET = "a folder", "a bucket"
_BEGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)
_PAGE_BYTES: Final = 6_000


def waits(records: int, asked: int) -> tuple[dict[str, Waits], dict[str, float]]:
    """How long single records took, chosen at random; and MB/s of a file that is read through."""
    with tempfile.TemporaryDirectory() as home, s3_server() as port:
        os.environ |= CREDENTIALS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        spots = _written(Path(home), records)
        [path] = Path(home).glob("*.warc.gz")
        url = make_bucket(port, "bench")
        bucket_at(url).put(path.name, path, lambda _: None)
        folders: dict[str, WarcFolder] = {
            FOLDER: Path(home),
            BUCKET: BucketFolder(Path(home) / "empty", url),
        }
        found = {name: Waits() for name in folders}
        for _ in range(asked):
            spot = random.choice(spots)  # noqa: S311 - no secret
            for name, folder in folders.items():
                begin = time.perf_counter()
                read_record(folder, spot)
                found[name].ms.append((time.perf_counter() - begin) * 1_000)
        size = path.stat().st_size / 1_000_000
        return found, {name: size / _read_through(folder) for name, folder in folders.items()}


def waits_table(found: dict[str, Waits], through: dict[str, float]) -> str:
    """A Markdown table, and a line on files that are read through."""
    lines = ["| what | asked | p50 ms | p95 ms | p50 ratio |", "|---|---|---|---|---|"]
    lines += [each.row(f"a record of {name}", found[FOLDER]) for name, each in found.items()]
    speeds = ", ".join(f"{name} {speed:.0f} MB/s" for name, speed in through.items())
    return "\n".join([*lines, "", f"A file read through, record by record: {speeds}."])


def _written(folder: Path, records: int) -> list[WarcSpot]:
    writer = WarcWriter(
        folder, host_software="bench/0", operator=None, now=lambda: _BEGIN,
        new_id=lambda: str(uuid.uuid4()),
    )  # fmt: skip
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    spots = []
    for number in range(records):
        body = os.urandom(_PAGE_BYTES)
        url = f"http://www.x.gov.cn/{number}.htm"
        exchange = Exchange(url=url, request=b"", response=head + body, started_at=_BEGIN)
        spots.append(writer.append(exchange).spot)
    writer.close()
    return spots


def _read_through(folder: WarcFolder) -> float:
    begin = time.perf_counter()
    [file] = warc_files(folder)
    for _ in iterate(file):
        pass
    return time.perf_counter() - begin
