"""Every way in which a WACZ can be wrong is told; the reference tool passes six of the first ten."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from archive.model.reading import Severity
from archive.warc.cdxj import cdxj_lines
from archive.warc.wacz.check import check_wacz, is_wacz
from archive.warc.wacz.package import digest_file, digest_of_manifest
from tests.support.wacz_files import (
    DIGEST,
    IDX,
    INDEX,
    MANIFEST,
    PAGES,
    URI,
    WARC,
    Files,
    good_files,
    index_files,
    pages_file,
    rules,
    with_manifest,
    zipped,
)
from tests.warc.making import packed, plain_record


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return good_files(tmp_path)


def test_a_good_file_is_good(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(files), deflated=frozenset({PAGES, MANIFEST}))
    assert is_wacz(path)
    assert list(check_wacz(path)) == []


# --- the ten defects, the first six of which py-wacz passes ------------------------------------


def changed_index(files: Files, folder: Path, change: Callable[[str], str]) -> Files:
    lines = [
        change(line) for line in gzip.decompress(files[INDEX]).decode().splitlines(keepends=True)
    ]
    return {**files, **index_files(folder, lines)}


def without(files: Files, *names: str) -> Files:
    return {name: content for name, content in files.items() if name not in names}


def test_no_index_is_told(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(without(files, INDEX, IDX)))
    assert rules(path) == {"no_index"}


def test_no_pages_are_told(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(without(files, PAGES)))
    assert rules(path) == {"no_pages"}


def test_wrong_offsets_in_the_index_are_told(files: Files, tmp_path: Path) -> None:
    wrong = changed_index(files, tmp_path, lambda line: line.replace('"offset": "', '"offset": "1'))
    assert rules(zipped(tmp_path / "x.wacz", with_manifest(wrong))) == {
        "index_offset", "not_indexed",
    }  # fmt: skip


def test_a_deflated_warc_file_is_told(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(files), deflated=frozenset({WARC}))
    assert "deflated" in rules(path)


def test_a_wrong_payload_digest_inside_is_told(files: Files, tmp_path: Path) -> None:
    record = plain_record(
        WARC_Payload_Digest="sha1:" + "A" * 32, WARC_Target_URI=URI,
        WARC_Date="2026-01-31T08:00:00Z",
    )  # fmt: skip
    wrong = {**files, WARC: packed(record)}
    path = zipped(tmp_path / "x.wacz", with_manifest(wrong))
    assert "payload_digest" in rules(path)


def test_a_missing_digest_file_is_told(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", without(with_manifest(files), DIGEST))
    assert rules(path) == {"no_digest_file"}


def test_a_warc_file_that_was_cut_is_told(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest({**files, WARC: files[WARC][:-40]}))
    assert rules(path) == {"truncated"}


def test_changed_bytes_are_told(files: Files, tmp_path: Path) -> None:
    changed = with_manifest(files)
    changed[PAGES] = changed[PAGES].replace(b"\\u5e74", b"\\u6708")
    assert rules(zipped(tmp_path / "x.wacz", changed)) == {"hash"}


def test_a_stale_digest_is_told(files: Files, tmp_path: Path) -> None:
    changed = with_manifest(files)
    changed[MANIFEST] = changed[MANIFEST].replace(b'"t"', b'"u"')
    assert rules(zipped(tmp_path / "x.wacz", changed)) == {"digest_file"}


def test_an_extra_file_is_told(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", {**with_manifest(files), "data/more.txt": b"more"})
    assert rules(path) == {"extra_file"}


# --- what else can be wrong ---------------------------------------------------------------------


def test_a_file_that_the_manifest_names_and_that_is_not_there_is_told(
    files: Files, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "x.wacz", without(with_manifest(files), PAGES))
    assert rules(path) == {"missing_file", "no_pages"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda line: line.replace('"length": "', '"length": "1'), "index_offset"),
        (lambda line: line.replace("zwgk", "zwgl"), "index_offset"),
        (lambda line: line.replace(" 2026", " 2025"), "index_offset"),
        (lambda line: line.replace("{", "[", 1), "index_line"),
        (lambda line: line.replace('"offset"', '"place"'), "index_line"),
        (lambda line: line.replace('"filename"', '"name"'), "index_line"),
    ],
)
def test_an_index_that_lies_is_told(
    files: Files, tmp_path: Path, change: Callable[[str], str], rule: str
) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(changed_index(files, tmp_path, change)))
    assert rule in rules(path)


def test_an_index_that_is_not_sorted_is_told(files: Files, tmp_path: Path) -> None:
    lines = gzip.decompress(files[INDEX]).decode().splitlines(keepends=True)
    wrong = {**files, **index_files(tmp_path, lines[::-1])}
    assert rules(zipped(tmp_path / "x.wacz", with_manifest(wrong))) == {"index_order"}


def test_a_capture_that_the_index_leaves_out_is_told(files: Files, tmp_path: Path) -> None:
    lines = gzip.decompress(files[INDEX]).decode().splitlines(keepends=True)
    wrong = {**files, **index_files(tmp_path, lines[:1])}
    assert rules(zipped(tmp_path / "x.wacz", with_manifest(wrong))) == {"not_indexed"}


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"offset": 0', b'"offset": 1'), (b'"length": ', b'"length": 1'), (b"sha256:", b"sha256:0"),
     (b'"offset": 0', b'"place": 0')],
)  # fmt: skip
def test_an_index_of_blocks_that_lies_is_told(
    files: Files, tmp_path: Path, old: bytes, new: bytes
) -> None:
    wrong = {**files, IDX: files[IDX].replace(old, new)}
    assert rules(zipped(tmp_path / "x.wacz", with_manifest(wrong))) == {"idx"}


def test_a_packed_index_without_its_blocks_is_told(files: Files, tmp_path: Path) -> None:
    assert rules(zipped(tmp_path / "x.wacz", with_manifest(without(files, IDX)))) == {"idx"}


@pytest.mark.parametrize(
    ("page", "rule"),
    [
        ({"url": "http://x.gov.cn/other", "ts": "2026-01-31T08:00:00Z"}, "page_not_indexed"),
        ({"ts": "2026-01-31T08:00:00Z"}, "page"),
        ({"url": URI, "ts": "yesterday"}, "page"),
    ],
)
def test_a_page_that_cannot_be_opened_is_told(
    files: Files, tmp_path: Path, page: dict[str, str], rule: str
) -> None:
    wrong = {**files, PAGES: pages_file(page)}
    assert rules(zipped(tmp_path / "x.wacz", with_manifest(wrong))) == {rule}


@pytest.mark.parametrize(
    ("software", "at", "severity"),
    [
        ("gongkai 1.0", "2026-01-31T08:00:01Z", Severity.ERROR),
        ("another 1.0", "2026-01-31T08:00:01Z", None),
        ("another 1.0", "2026-03-02T08:00:00Z", Severity.WARNING),
    ],
)
def test_a_page_at_a_time_that_no_capture_has_is_told(
    files: Files, tmp_path: Path, software: str, at: str, severity: Severity | None
) -> None:
    wrong = {**files, PAGES: pages_file({"url": URI, "ts": at})}
    path = zipped(tmp_path / "x.wacz", with_manifest(wrong, software=software))
    told = [(damage.rule, damage.severity) for damage in check_wacz(path)]
    assert told == ([("page_time", severity)] if severity else [])


def test_a_list_without_any_page_is_a_doubt(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest({**files, PAGES: pages_file()}))
    assert rules(path) == set()
    assert rules(path, Severity.WARNING) == {"no_page"}


def test_a_revisit_of_what_is_not_in_the_bundle_is_told_unless_it_requires_others(
    files: Files, tmp_path: Path
) -> None:
    only = plain_record(
        b"", WARC_Type="revisit", WARC_Target_URI=URI, WARC_Payload_Digest=None,
        WARC_Profile="http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        WARC_Refers_To_Target_URI=URI, WARC_Refers_To_Date="2020-01-01T00:00:00Z",
    )  # fmt: skip
    content = packed(only)
    (tmp_path / "b.warc.gz").write_bytes(content)
    lines = cdxj_lines(tmp_path / "b.warc.gz")
    alone = {"archive/b.warc.gz": content, **index_files(tmp_path, lines), PAGES: files[PAGES]}
    whole = with_manifest(alone)
    assert rules(zipped(tmp_path / "x.wacz", whole)) == {"unresolved_revisit"}
    needing = json.loads(whole[MANIFEST]) | {"relation": {"requires": ["other.wacz"]}}
    whole[MANIFEST] = json.dumps(needing).encode()
    whole[DIGEST] = digest_file(digest_of_manifest(whole[MANIFEST]), None)
    path = zipped(tmp_path / "y.wacz", whole)
    assert rules(path) == set()
    assert "unresolved_revisit" in rules(path, Severity.WARNING)


# --- signatures ---------------------------------------------------------------------------------


def signed(files: Files, **changes: object) -> Files:
    whole = with_manifest(files, ec.generate_private_key(ec.SECP384R1()))
    found = json.loads(whole[DIGEST])
    found["signedData"] |= changes
    return {**whole, DIGEST: json.dumps(found).encode()}


def test_who_signed_is_told(files: Files, tmp_path: Path) -> None:
    [damage] = check_wacz(zipped(tmp_path / "x.wacz", signed(files)))
    assert (damage.severity, damage.rule) == (Severity.INFO, "signed")
    assert "fingerprint" in damage.message


@pytest.mark.parametrize(
    "changes",
    [
        {"hash": "sha256:" + "0" * 64},
        {"created": "2020-01-01T00:00:00Z"},
        {"signature": base64.b64encode(bytes(96)).decode()},
        {"signature": "no base64!"},
        {"signature": 7},
        {"publicKey": base64.b64encode(b"no key").decode()},
    ],
)
def test_a_signature_that_does_not_fit_is_told(
    files: Files, tmp_path: Path, changes: dict[str, object]
) -> None:
    assert rules(zipped(tmp_path / "x.wacz", signed(files, **changes))) == {"signature"}
