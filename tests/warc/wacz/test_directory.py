"""Containers that are cut, that lie, or that are made to harm."""

import gzip
import json
import struct
import zipfile
from pathlib import Path

import pytest

from archive.warc.wacz import directory as container
from archive.warc.wacz.check import check_wacz, is_wacz
from archive.warc.wacz.directory import ContainerError
from archive.warc.wacz.lines import gunzipped, lines_of
from archive.warc.wacz.packing import Container
from tests.support.wacz_files import (
    MANIFEST,
    PAGES,
    WARC,
    Files,
    good_files,
    rules,
    with_manifest,
    zipped,
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return good_files(tmp_path)


def test_a_cut_file_is_no_container(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(files))
    path.write_bytes(path.read_bytes()[:-30])
    assert rules(path) == {"zip"}


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_container_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wacz"
    path.write_bytes(content)
    assert rules(path) == {"zip"}


@pytest.mark.parametrize("name", ["../up.txt", "/root.txt", "a/../../b.txt", "C:b.txt", "a\\b.txt"])
def test_a_name_that_leads_out_is_told(files: Files, tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "x.wacz", {**with_manifest(files), name: b"x"})
    assert rules(path) == {"zip_entry"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_told(files: Files, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(files))
    with zipfile.ZipFile(path, "a") as more:
        more.writestr(PAGES, "other pages")
    assert "zip_name_twice" in rules(path)


def central(path: Path, name: str) -> tuple[bytearray, int]:
    """The file and where the directory's entry of that name begins."""
    content = bytearray(path.read_bytes())
    return content, content.rindex(name.encode(), 0, content.rindex(b"PK\x05\x06")) - 46


@pytest.mark.parametrize(
    ("at", "value"),
    [(20, 99), (24, 1 << 30), (16, 7)],
    ids=["packed size", "size", "check sum"],
)
def test_a_size_or_check_sum_that_lies_is_told(
    files: Files, tmp_path: Path, at: int, value: int
) -> None:
    path = zipped(tmp_path / "x.wacz", with_manifest(files), deflated=frozenset({PAGES}))
    content, place = central(path, PAGES)
    struct.pack_into("<L", content, place + at, value)
    path.write_bytes(content)
    assert "zip_entry" in rules(path)


def test_files_that_lie_over_each_other_are_told(files: Files, tmp_path: Path) -> None:
    """What makes some bytes of a zip bomb into petabytes."""
    path = zipped(tmp_path / "x.wacz", with_manifest(files))
    with zipfile.ZipFile(path) as read:
        first = read.getinfo(WARC)
    content, place = central(path, WARC)
    grown = first.file_size + 200
    struct.pack_into("<2L", content, place + 20, grown, grown)
    path.write_bytes(content)
    assert "zip_overlap" in rules(path)


def test_a_bomb_is_not_unpacked(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "_MAX_SMALL_BYTES", 1_000_000)
    bomb = {**files, "data/bomb.jsonl": b"0" * 3_000_000}
    path = zipped(tmp_path / "x.wacz", with_manifest(bomb), deflated=frozenset({"data/bomb.jsonl"}))
    [damage] = check_wacz(path)
    assert "more than 200 times" in damage.message


def test_a_bomb_inside_the_index_is_not_unpacked() -> None:
    with pytest.raises(ContainerError, match="more than 200 times"):
        for _ in gunzipped([gzip.compress(bytes(150 * 1024 * 1024))]):
            pass


def test_damaged_and_cut_members_are_told() -> None:
    whole = gzip.compress(b"a line\n") * 2
    assert list(lines_of(gunzipped([whole[:9], whole[9:]]))) == [b"a line", b"a line"]
    with pytest.raises(ContainerError, match="cut"):
        list(gunzipped([whole[:-3]]))
    with pytest.raises(ContainerError, match="damaged"):
        list(gunzipped([b"\x1f\x8b" + b"\xff" * 90]))


def test_more_files_than_anybody_packs_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "_MAX_ENTRIES", 5)
    path = zipped(tmp_path / "x.wacz", {f"data/{n}.txt": b"" for n in range(6)})
    assert rules(path) == {"zip"}


@pytest.mark.parametrize(
    "content", [b"[]", b"no json", b"{}", b'{"profile": "data-package", "resources": 7}']
)
def test_a_manifest_that_is_none_is_told(files: Files, tmp_path: Path, content: bytes) -> None:
    path = zipped(tmp_path / "x.wacz", {**with_manifest(files), MANIFEST: content})
    assert "manifest" in rules(path)


def test_a_package_of_several_bundles_is_not_looked_at(tmp_path: Path) -> None:
    content = json.dumps({"profile": "multi-wacz-package", "resources": []}).encode()
    [damage] = check_wacz(zipped(tmp_path / "x.wacz", {MANIFEST: content}))
    assert damage.rule == "another_format"


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    assert not is_wacz(tmp_path / "nowhere")
    assert rules(tmp_path / "nowhere.wacz") == {"file"}


def test_a_large_container_is_read(files: Files, tmp_path: Path) -> None:
    """With ZIP64 headers, as for files beyond two gigabytes."""
    path = tmp_path / "x.wacz"
    with path.open("w+b") as stream, Container(stream) as made:
        for name, content in with_manifest(files).items():
            with made.entry(name, deflated=False, at_most_bytes=1 << 40) as entry:
                entry.write(content)
    assert list(check_wacz(path)) == []
    with zipfile.ZipFile(path) as read:
        assert all(info.extra for info in read.infolist())
