"""WACZ files made by hand: a good one, to be spoilt."""

import hashlib
import json
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from archive.model.reading import Severity
from archive.warc.cdxj import cdxj_lines
from archive.warc.wacz.check import check_wacz
from archive.warc.wacz.index import put_index
from archive.warc.wacz.package import About, digest_file, digest_of_manifest, manifest
from archive.warc.wacz.packing import Container, Resource
from archive.warc.wacz.signature import signed_data
from tests.warc.making import BEGIN, exchange, revisit, writer

URI = "http://www.example.gov.cn/zwgk/%E5%B9%B4%E6%8A%A5.htm"
WARC = "archive/gongkai-20260131080000-00001-00000003.warc.gz"
INDEX, IDX, PAGES = "indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl"
MANIFEST, DIGEST = "datapackage.json", "datapackage-digest.json"
Files = dict[str, bytes]


def good_files(folder: Path) -> Files:
    """A page, a revisit of it, index and pages."""
    (folder / "warc").mkdir()
    warc = writer(folder / "warc", start=1)
    first = warc.append(exchange())
    warc.append(exchange(day=1, revisit=revisit(first)))
    warc.close()
    [path] = (folder / "warc").iterdir()
    return {
        WARC: path.read_bytes(),
        **index_files(folder, cdxj_lines(path)),
        PAGES: pages_file({"url": URI, "ts": "2026-01-31T08:00:00Z", "title": "年报"}),
    }


def index_files(folder: Path, lines: list[str]) -> Files:
    with (folder / "index.zip").open("w+b") as stream:
        with Container(stream) as made:
            put_index(made, lines, folder / "index.idx")
        with zipfile.ZipFile(stream) as read:
            return {name: read.read(name) for name in (INDEX, IDX)}


def pages_file(*pages: dict[str, str]) -> bytes:
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
    return "".join(json.dumps(each) + "\n" for each in (head, *pages)).encode()


def with_manifest(
    files: Files, key: ec.EllipticCurvePrivateKey | None = None, software: str = "others/1"
) -> Files:
    resources = [
        Resource(path=name, size_bytes=len(content), digest=hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    ]
    about = About(title="t", description="d", software=software, created_at=BEGIN,
                  main_url=URI, main_at=BEGIN, extra={})  # fmt: skip
    content = manifest(resources, about)
    hash_ = digest_of_manifest(content)
    signed = None
    if key:
        signed = signed_data(key, hash_, created="2026-01-31T08:00:00Z", software="others/1")
    return {**files, MANIFEST: content, DIGEST: digest_file(hash_, signed)}


def zipped(path: Path, files: Files, *, deflated: frozenset[str] = frozenset()) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            how = zipfile.ZIP_DEFLATED if name in deflated else zipfile.ZIP_STORED
            made.writestr(name, content, compress_type=how)
    return path


def rules(path: Path, severity: Severity = Severity.ERROR) -> set[str]:
    return {damage.rule for damage in check_wacz(path) if damage.severity is severity}
