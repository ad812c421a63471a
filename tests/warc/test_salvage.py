"""What can be read of a damaged file is read, and the rest is named."""

from pathlib import Path

from archive.warc import reader, salvage
from archive.warc.reader import Record, iterate
from archive.warc.salvage import salvaged
from archive.warc.scan import Damage
from tests.warc.making import packed, plain_record, shelf


def split(path: Path) -> tuple[list[str | None], list[str]]:
    found = list(salvaged(path))
    records = [each.record_id for each in found if isinstance(each, Record)]
    return records, [each.rule for each in found if isinstance(each, Damage)]


def test_a_whole_file_gives_all_its_records(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    assert split(path) == ([each.record_id for each in iterate(path)], [])


def test_behind_a_damaged_record_the_others_come(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    records = list(iterate(path))
    raw = bytearray(path.read_bytes())
    raw[records[3].offset + 150] ^= 0xFF
    path.write_bytes(raw)
    ids, rules = split(path)
    assert ids == [each.record_id for each in records if each is not records[3]]
    assert rules


def test_a_file_that_ends_too_early_gives_what_is_whole(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    whole = [each.record_id for each in iterate(path)]
    path.write_bytes(path.read_bytes()[:-20])
    ids, rules = split(path)
    assert ids == whole[:-1]
    assert rules == ["truncated"]


def test_a_block_that_does_not_fit_its_digest_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(packed(plain_record(WARC_Block_Digest="sha1:" + "A" * 32)))
    assert split(path) == ([], ["block_digest"])


def test_a_block_beyond_all_measure_is_no_record(tmp_path: Path, monkeypatch) -> None:
    path = shelf(tmp_path)
    monkeypatch.setattr(salvage, "MAX_BLOCK_BYTES", 100)
    _, rules = split(path)
    assert set(rules) == {"size"}
    assert reader.MAX_BLOCK_BYTES > 100


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert split(tmp_path / "none.warc.gz") == ([], ["file"])
