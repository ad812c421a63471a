"""Answers that are too long for memory pass through a file without a name, byte for byte."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.payload import payload_of
from archive.warc.reader import read_block
from archive.warc.spool import Spool, Stretch, behind, pieces_of
from tests.warc.making import exchange, writer

PAGE = b"<p>" + bytes(range(256)) * 40
LENGTH = b"Content-Length: %d\r\n\r\n" % len(PAGE)
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
ANSWERS = {
    "a length": OK + LENGTH + PAGE,
    "until close": b"HTTP/1.0 200 OK\r\n\r\n" + PAGE,
    "chunks": OK + CHUNKED + CHUNKS,
    "chunks behind interim heads": EARLY * 2 + OK + CHUNKED + CHUNKS,
    "interim heads": EARLY + OK + LENGTH + PAGE,
    "cut chunks": OK + CHUNKED + CHUNKS[:-9],
    "damaged chunks": OK + CHUNKED + CHUNKS.replace(b"0\r\n\r\n", b"x\r\n\r\n"),
    "too much": OK + LENGTH + PAGE + b"more",
    "too little": OK + LENGTH + PAGE[:-5],
    "a cut head": OK[:-1],
}


def spooled(folder: Path, content: bytes, step: int = 1000) -> Stretch:
    spool = Spool(folder, most_in_memory=0)
    for start in range(0, len(content), step):
        spool.add(content[start : start + step])
    assert isinstance(spool.content, Stretch)
    return spool.content


@given(st.binary(min_size=1, max_size=300), st.integers(1, 50), st.integers(0, 400))
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, step: int, cut: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    long = spooled(folder, content, step)
    assert (len(long), bytes(long), long[:cut]) == (len(content), content, content[:cut])
    assert b"".join(pieces_of(behind(long, cut))) == content[cut:]


def test_few_bytes_stay_in_memory_and_many_leave_no_name(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_in_memory=10)
    spool.add(b"12345")
    assert spool.content == b"12345"
    spool.add(b"6789012345")
    assert (spool.head(7), bytes(spool.content), len(spool)) == (b"1234567", b"123456789012345", 15)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_long_answer_has_the_payload_of_a_short_one(tmp_path: Path, name: str) -> None:
    short, long = payload_of(ANSWERS[name]), payload_of(spooled(tmp_path, ANSWERS[name]))
    assert bytes(long.final) == short.final
    assert (long.interim, long.head_bytes) == (short.interim, short.head_bytes)
    assert (long.digest, long.former_digest) == (short.digest, short.former_digest)


@pytest.mark.parametrize("name", ["a length", "chunks behind interim heads", "a cut head"])
def test_a_long_answer_is_written_as_a_short_one(tmp_path: Path, name: str) -> None:
    kept = []
    for response in (ANSWERS[name], spooled(tmp_path, ANSWERS[name])):
        folder = tmp_path / type(response).__name__
        folder.mkdir()
        warc = writer(folder)
        done = warc.append(exchange(response))
        warc.close()
        kept.append((read_block(folder, done.spot), done.payload_digest, done.size_bytes))
    assert kept[0] == kept[1]


FLOOD = """
import resource, sys
from pathlib import Path
from archive.warc.payload import payload_of
from crawler.fetch.wire import Tap
from tests.warc.making import exchange, writer
folder = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tap = Tap(max_bytes=10**9, spool=folder, private=True)
tap.take(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n")
for number in range(3200):
    tap.take(b"10000\\r\\n" + b"%08d" % number * 8192 + b"\\r\\n")
tap.take(b"0\\r\\n\\r\\n")
assert tap.answer.over and not tap.refused and len(tap.received) > 200 * 2**20
assert payload_of(tap.received.content).answer.status == 200
warc = writer(folder)
assert warc.append(exchange(tap.received.content)).size_bytes > 200 * 2**20
warc.close()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_stays_flat_with_200_mib(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FLOOD, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 40, "MiB beyond what the process had before"
