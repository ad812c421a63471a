"""RAR and 7z archives: opened by bsdtar where it is installed, else kept and told."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from archive.model.reading import Reading, Source
from archive.reading.files.compound import compound
from archive.reading.files.locked import is_locked, locked_members, without_locked
from archive.reading.files.magic import kind_of
from archive.reading.read import read
from archive.work.ingest.converters import Programs, installed, with_conversion
from tests.reading.files.made_files import ADDRESS, figures, of, rules
from tests.reading.files.office import docx, paragraph, word_table, zipped
from tests.reading.files.repacked import (
    LOCKED_7Z,
    LOCKED_HEADER_7Z,
    LOCKED_SINGLE_7Z,
    locked_rar,
    rar,
    rar5,
)
from tests.reading.files.report import report
from tests.work.ingest.test_converters import libreoffice

REPORT = report(5)
WORD = docx(
    "".join(map(paragraph, REPORT.paragraphs)) + "".join(map(word_table, REPORT.tables))
)  # fmt: skip
RAR = rar({"年报/2023.docx": WORD, "附件.docx": docx(paragraph("附件"))})
with_bsdtar = pytest.mark.skipif(installed().bsdtar is None, reason="bsdtar is not installed")


def opened(body: bytes, programs: Programs | None = None) -> Reading:
    return read(with_conversion(Source(url=ADDRESS, body=body), programs))


@with_bsdtar
def test_a_rar_file_is_read_as_a_zip_file_of_its_members_is() -> None:
    same = of(zipped({"年报/2023.docx": WORD, "附件.docx": docx(paragraph("附件"))}))
    reading = opened(RAR)
    assert figures(reading) == REPORT.truth
    assert (reading.lines, reading.tables) == (same.lines, same.tables)
    assert "read from what bsdtar made of the file" in [each.message for each in reading.findings]


@with_bsdtar
def test_names_of_old_rar_files_are_gbk() -> None:
    assert opened(rar({"年报.docx": docx(paragraph("正文"))}, charset="gbk")).lines == (
        "年报.docx",
        "正文",
    )


@with_bsdtar
def test_a_7z_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(docx(paragraph("正文")))
    made = [installed().bsdtar or "", "-c", "--format", "7zip", "-f", "a.7z", "a.docx"]
    subprocess.run(made, cwd=tmp_path, check=True)
    body = (tmp_path / "a.7z").read_bytes()
    assert (kind_of(body), opened(body).lines) == ("7z", ("a.docx", "正文"))


@with_bsdtar
def test_old_word_files_in_it_are_converted_as_well(tmp_path: Path) -> None:
    programs = Programs(bsdtar=installed().bsdtar, soffice=libreoffice(tmp_path))
    reading = opened(rar({"a.rtf": b"{\\rtf1 x}"}), programs)
    assert reading.lines == ("a.rtf", "正文")
    assert "bsdtar and LibreOffice" in reading.findings[-1].message


@with_bsdtar
def test_a_member_that_is_called_like_a_path_of_ours_is_only_called_so(tmp_path: Path) -> None:
    named = f"../..{tmp_path}/evil.docx"
    assert opened(rar({named: docx(paragraph("正文"))})).lines == (named, "正文")
    assert list(tmp_path.iterdir()) == []


@with_bsdtar
@pytest.mark.parametrize(
    "body",
    [RAR[:60], RAR[:2_000], RAR[:20] + bytes(3_000)],
    ids=["its head", "its first half", "zeros behind its head"],
)
def test_a_damaged_archive_is_told(body: bytes) -> None:
    reading = opened(body)
    assert reading.lines == ()
    assert {"file_not_converted", "file_damaged"} & set(rules(reading))


@with_bsdtar
def test_an_archive_that_unpacks_to_too_much_is_refused_in_time(tmp_path: Path) -> None:
    (tmp_path / "zero").write_bytes(bytes(80_000_000))
    made = [installed().bsdtar or "", "-c", "--format", "7zip", "-f", "z.7z", "zero"]
    subprocess.run(made, cwd=tmp_path, check=True)
    reading = opened((tmp_path / "z.7z").read_bytes())
    assert {"file_too_large", "file_not_converted"} & set(rules(reading))


@pytest.mark.parametrize(("body", "kind"), [(RAR, "rar"), (b"7z\xbc\xaf\x27\x1c", "7z")])
def test_without_the_program_the_finding_names_it(body: bytes, kind: str) -> None:
    reading = opened(body, replace(installed(), bsdtar=None))
    [finding] = reading.findings
    assert (finding.rule, reading.lines) == ("file_not_converted", ())
    assert finding.message == (
        f"no program is installed that opens {kind} archives: apt-get install libarchive-tools"
    )


LOCKED = {
    "rar 4, all of its files": ("rar", locked_rar()),
    "rar 4, its headers too": ("rar", locked_rar(heads=True)),
    "rar 5": ("rar", rar5(locked={"a.docx"})),
    "rar 5, its headers too": ("rar", rar5(heads=True)),
    "7z": ("7z", LOCKED_7Z),
    "7z of one file": ("7z", LOCKED_SINGLE_7Z),
    "7z, its header too": ("7z", LOCKED_HEADER_7Z),
    "doc": ("doc", compound("WordDocument", bytes(10) + b"\x00\x01")),
}


@pytest.mark.parametrize("name", LOCKED)
def test_a_file_with_a_password_is_told_as_that(name: str) -> None:
    kind, body = LOCKED[name]
    assert kind_of(body) == kind
    [finding] = opened(body).findings
    assert (finding.rule, finding.message) == (
        "file_encrypted",
        f"the {kind} file is protected by a password",
    )
    assert rules(opened(body, Programs())) == ["file_encrypted"]


def test_a_solid_archive_whose_first_file_is_encrypted_is_told_as_that() -> None:
    body = rar5({"a.docx": b"a", "b.txt": b"b"}, locked={"a.docx"}, solid=True)
    [finding] = opened(body).findings
    assert finding.rule == "file_encrypted"
    assert finding.message == (
        "the first part of the rar file is encrypted, and the others are packed upon it (a solid"
        " archive): only the password opens them"
    )


@with_bsdtar
@pytest.mark.parametrize("form", ["rar 4", "rar 5"])
def test_of_a_solid_archive_what_stands_before_the_encrypted_file_is_read(form: str) -> None:
    members = {"年报.docx": WORD, "附件.docx": docx(paragraph("附件"))}
    if form == "rar 4":
        body = locked_rar(members, solid=True)
    else:
        body = rar5(
            {"年报.docx": WORD, "密件.docx": bytes(99), "附件.docx": members["附件.docx"]},
            locked={"密件.docx"}, solid=True,
        )  # fmt: skip
    reading = opened(body)
    assert figures(reading) == REPORT.truth
    assert "附件" not in reading.lines
    told = [each for each in reading.findings if each.rule == "file_encrypted"]
    assert [each.evidence for each in told] == ["密件.docx", "附件.docx"]
    assert told[0].message == "a part of the file is encrypted"
    assert "a solid archive" in told[1].message


@pytest.mark.parametrize("name", LOCKED)
def test_a_file_with_a_password_in_an_archive_is_told_as_that(name: str) -> None:
    _, body = LOCKED[name]
    [finding] = of(zipped({"a.docx": docx(paragraph("正文")), "年报.bin": body})).findings
    assert (finding.rule, finding.evidence) == ("file_encrypted", "年报.bin")


@pytest.mark.parametrize("body", [RAR, rar5(), compound("WordDocument", b"")])
def test_a_file_without_a_password_is_not_told_as_one(body: bytes) -> None:
    assert not is_locked(body, kind_of(body) or "")


MEMBERS = {"年报/2023.docx": WORD, "附件.docx": docx(paragraph("附件"))}
PARTLY = {
    "rar 4": locked_rar(MEMBERS),
    "rar 4, names in GBK": locked_rar(MEMBERS, charset="gbk"),
    "rar 5": rar5({**MEMBERS, "密件.docx": bytes(99), "末.txt": b""}, locked={"密件.docx"}),
}


@with_bsdtar
@pytest.mark.parametrize("name", PARTLY)
def test_of_an_archive_with_one_encrypted_file_the_others_are_read(name: str) -> None:
    reading = opened(PARTLY[name])
    assert figures(reading) == REPORT.truth
    assert [line for line in reading.lines if line.endswith(".docx")] == [*MEMBERS, "密件.docx"]
    told = [each for each in reading.findings if each.rule == "file_encrypted"]
    assert [(each.message, each.evidence) for each in told] == [
        ("a part of the file is encrypted", "密件.docx")
    ]
    assert "read from what bsdtar made of the file" in [each.message for each in reading.findings]


@pytest.mark.parametrize("name", PARTLY)
def test_without_the_program_such_an_archive_is_as_any(name: str) -> None:
    assert rules(opened(PARTLY[name], Programs())) == ["file_not_converted"]


@pytest.mark.parametrize("name", PARTLY)
def test_headers_of_such_archives_that_are_cut_or_lie_raise_nothing(name: str) -> None:
    body = PARTLY[name]
    for place in range(8, len(body), max(len(body) // 300, 1)):
        for hostile in (body[:place], body[:place] + b"\xff" * 12 + body[place + 12 :]):
            if locked_members(hostile):
                assert len(without_locked(hostile)) < len(hostile)


@pytest.mark.parametrize("name", LOCKED)
def test_headers_that_are_cut_or_lie_raise_nothing(name: str) -> None:
    kind, body = LOCKED[name]
    for place in range(8, len(body), max(len(body) // 200, 1)):
        is_locked(body[:place], kind)
        is_locked(body[:place] + b"\xff" * 12 + body[place + 12 :], kind)


def test_an_archive_inside_an_archive_is_not_read() -> None:
    assert rules(of(zipped({"a.rar": RAR}))) == ["file_unreadable"]
