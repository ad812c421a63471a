"""Files of other crawlers, as many as somebody has (GONGKAI_TEST_FOREIGN names their folder): taken
in twice they are in the archive once, what is in replays as another reader decodes it, and what is
not is in the report with its reason.
"""

import http.client
import json
import math
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import punctuation
from typing import BinaryIO
from urllib.parse import quote, urlsplit

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParser

from archive.model.sessions import POSTED
from archive.model.url import canonical, key_of
from archive.warc.cdxj import cdx_rows
from archive.warc.folder import warc_files
from tests.support.bundle import InProcess
from tests.work.imports.test_real_crawlers import PYWB, replayed

PARTS = (".warc", ".warc.gz", ".arc", ".arc.gz")
CAPTURES = ("response", "resource", "revisit")
Row = dict[str, object]
Place = tuple[str, str]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]


@dataclass
class Theirs:
    """What warcio finds: payloads by place (URL, second) and by declared digest; which places have
    one; the digests of revisits; every place of each file, with the offset where its record ends.
    """

    by_place: dict[Place, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    by_digest: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    proved: set[Place] = field(default_factory=set)
    digests: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    places: dict[str, list[tuple[Place, int]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, record: ArcWarcRecord) -> Place | None:
        """Notes a record; where it belongs, None for one that is no capture."""
        head = record.rec_headers
        if record.rec_type not in CAPTURES:
            return None
        url, at = (head.get_header(name) or "" for name in ("WARC-Target-URI", "WARC-Date"))
        place, digest = place_of(url, at), head.get_header("WARC-Payload-Digest")
        if record.rec_type == "revisit":
            self.digests[place].add(digest or "")
            return place
        payload = decoded(record)
        self.by_place[place].add(payload)
        if digest:
            self.by_digest[digest].add(payload)
            self.proved.add(place)
        return place


def place_of(url: str, at: str) -> Place:
    """Without brackets, sessions and what was posted."""
    bare = url.replace(" ", "%20").strip("<>").partition(POSTED)[0].rstrip("?&")
    return key_of(canonical(bare) or bare).rstrip("?&"), second(at)


def place_in(row: Row) -> Place:
    return place_of(str(row["url"]), str(row["captured_at"]))


def second(text: str) -> str:
    return re.sub(r"\D", "", text)[:14]


def decoded(record: ArcWarcRecord) -> bytes:
    """The payload without its chunks, content coding left on; behind interim heads."""
    stream, http_head = record.raw_stream, record.http_headers
    while http_head and (http_head.get_statuscode() or "").startswith("1"):
        http_head = StatusAndHeadersParser(["HTTP/1.1"]).parse(stream)
    if http_head and (http_head.get_header("Transfer-Encoding") or "").lower() == "chunked":
        stream = ChunkedDataReader(stream, decomp_type=None)
    pieces = []
    while piece := stream.read(65_536):
        pieces.append(piece)
    return b"".join(pieces)


def parts_of(path: Path) -> Iterator[BinaryIO]:
    """The files in a WACZ; a file by itself."""
    if path.suffix != ".wacz":
        with path.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(path) as bundle:
        for name in bundle.namelist():
            if name.endswith(PARTS):
                with bundle.open(name) as stream:
                    yield stream


def look_through(path: Path, theirs: Theirs) -> None:
    """As far as warcio comes."""
    try:
        for stream in parts_of(path):
            records = ArchiveIterator(stream, arc2warc=True)
            for record in records:
                place = theirs.add(record)
                end = records.get_record_offset() + records.get_record_length()
                if place is not None:
                    theirs.places[path.name].append((place, end))
    except (ArchiveLoadFailed, zipfile.BadZipFile, ValueError, EOFError) as error:
        print(f"{path.name}: warcio ends: {error}")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    folder = Path(os.environ.get("GONGKAI_TEST_FOREIGN") or "nowhere")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    if not found:
        pytest.skip("there are no foreign files here (GONGKAI_TEST_FOREIGN)")
    return found


def test_foreign_files_come_in_once_and_replay_as_another_reader_decodes_them(
    files: list[Path], tmp_path: Path
) -> None:
    gongkai, theirs = InProcess(tmp_path / "home"), Theirs()
    command = ("import", *map(str, files), "--all", "--json")
    first, captures = json.loads(gongkai.run(*command, status=None)), gongkai.rows("captures")
    assert first["taken_in"] == len(captures)
    for path in files:
        look_through(path, theirs)
        assert_told(path.name, theirs, captures, first["records"])
    again = json.loads(gongkai.run(*command, status=None))
    assert (again["taken_in"], gongkai.rows("captures")) == (0, captures)
    gongkai.run("verify", "--deep")
    if not PYWB.exists():
        pytest.skip("all but the replay was looked at: there is no pywb here (make setup)")
    urls = asked_for(gongkai.home / "warc")
    with replayed(gongkai) as root:
        other = [
            row
            for row in filter(is_replayed, captures)
            for url in [urls[row["warc_file"], row["warc_offset"]]]
            if not is_as_theirs(raw(root, row, url), row, theirs)
        ]
    assert not other


def assert_told(file: str, theirs: Theirs, captures: list[Row], records: list[Row]) -> None:
    """Each record is in the archive or in the report, or lies where the report says that nothing
    can be read.
    """
    left = [row for row in records if row["file"] == file]
    named = [row for row in left if row["url"] and row["captured_at"]]
    behind = min((row["offset"] for row in left if row not in named), default=math.inf)
    told = {place_in(row) for row in (*captures, *named)}
    lost = [place for place, end in theirs.places[file] if place not in told and end < behind]
    assert not lost, (file, lost)


def asked_for(folder: Path) -> dict[tuple[object, object], str]:
    """The URLs to ask for, by place: of a POST with what was sent, as indexes spell it."""
    rows = [row for path in warc_files(folder) for row in cdx_rows(path)]
    return {
        (row.filename, row.offset): row.asked.url(row.url) if row.asked else row.url for row in rows
    }


def is_replayed(row: Row) -> bool:
    """The engine leads redirects to an address of the same key on to another capture of it, and shows
    nothing of an answer without a status; of what was posted it knows forms alone.
    """
    return (
        not 300 <= int(str(row["status"])) < 400 and row["status"] != 0 and POSTED not in row["url"]
    )


def is_as_theirs(replayed: bytes, row: Row, theirs: Theirs) -> bool:
    """Whether it is what warcio has at that place, if it comes that far; without a digest, as much
    of it as HTTP frames. Of a revisit, what was captured with its digest or at its URL.
    """
    place = place_in(row)
    found = theirs.by_place[place]
    if row["record_type"] == "revisit":
        others = [theirs.by_place[each] for each in list(theirs.by_place) if each[0] == place[0]]
        same = [theirs.by_digest[digest] for digest in theirs.digests[place]]
        return any(replayed in each for each in (*same, *others))
    if place in theirs.proved:
        return replayed in found
    return not found or replayed in found or any(replayed and replayed in each for each in found)


def raw(root: str, row: Row, url: str) -> bytes:
    """A capture's own bytes, as the replay engine gives them."""
    parts = urlsplit(root)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        place = f"{parts.path}{second(str(row['captured_at']))}id_/{quote(url, safe=punctuation)}"
        connection.request("GET", place, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
        return connection.getresponse().read()
    finally:
        connection.close()
