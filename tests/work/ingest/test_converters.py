"""Outside programs: what they are given, what they may do, and what is told when they fail."""

import shutil
import time
from pathlib import Path

import pytest

from archive.model.reading import Source
from archive.reading.files.compound import compound
from archive.reading.read import read
from archive.work.ingest.converters import MAX_MEMBERS, Programs, installed, with_conversion
from tests.reading.files.made_files import ADDRESS, rules
from tests.reading.files.office import docx, paragraph, zipped

DOC = compound("WordDocument", b"")
RTF = b"{\\rtf1 x}"
ANTIWORD = "printf '年报\\n|项目|数|\\n|受理|3|\\n'"
OUTDIR = 'while [ "$1" != --outdir ]; do shift; done; mkdir -p "$2"; '


def source(body: bytes = DOC) -> Source:
    return Source(url=ADDRESS, body=body)


def program(folder: Path, script: str) -> str:
    file = folder / "program"
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o755)
    return str(file)


def libreoffice(folder: Path) -> str:
    """A stand-in that makes one Word file of everything."""
    (folder / "made.docx").write_bytes(docx(paragraph("正文")))
    return program(folder, f'{OUTDIR}cp {folder}/made.docx "$2/file.docx"')


def test_what_libreoffice_makes_is_read(tmp_path: Path) -> None:
    reading = read(with_conversion(source(), Programs(soffice=libreoffice(tmp_path))))
    assert (reading.lines, rules(reading)) == (("正文",), ["file_converted"])


def test_rtf_is_converted_too(tmp_path: Path) -> None:
    assert read(with_conversion(source(RTF), Programs(soffice=libreoffice(tmp_path)))).lines


def test_a_word_file_inside_a_zip_is_converted_beside_what_needs_no_program(tmp_path: Path) -> None:
    body = zipped({"年报.doc": DOC, "附表.docx": docx(paragraph("附表"))})
    reading = read(with_conversion(source(body), Programs(soffice=libreoffice(tmp_path))))
    assert reading.lines == ("年报.doc", "正文", "附表.docx", "附表")
    assert rules(reading) == ["file_converted"]


def test_more_word_files_in_a_zip_than_time_allows_are_told(tmp_path: Path) -> None:
    body = zipped({f"{n}.doc": DOC for n in range(MAX_MEMBERS + 1)})
    reading = read(with_conversion(source(body), Programs(soffice=libreoffice(tmp_path))))
    assert reading.lines.count("正文") == MAX_MEMBERS
    assert rules(reading) == ["file_not_converted", "file_converted"]


def test_a_zip_without_word_files_is_left_alone(tmp_path: Path) -> None:
    given = source(zipped({"a.docx": docx(paragraph("正文"))}))
    assert with_conversion(given, Programs(soffice=libreoffice(tmp_path))) is given


def test_a_zip_whose_word_files_cannot_be_converted_is_left_alone(tmp_path: Path) -> None:
    given = source(zipped({"a.doc": DOC, "b.pdf": b"%PDF-"}))
    assert with_conversion(given, Programs(soffice=program(tmp_path, "exit 1"))) is given


def test_a_damaged_zip_is_left_alone(tmp_path: Path) -> None:
    given = source(b"PK\x03\x04" + bytes(90))
    assert with_conversion(given, Programs(soffice=libreoffice(tmp_path))) is given


def test_rows_that_antiword_draws_are_rows(tmp_path: Path) -> None:
    made = with_conversion(source(), Programs(antiword=program(tmp_path, ANTIWORD)))
    assert read(made).lines == ("年报", "项目\t数", "受理\t3")


def test_antiword_is_asked_when_libreoffice_fails(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    broken = program(tmp_path / "a", "exit 1")
    both = Programs(soffice=broken, antiword=program(tmp_path, ANTIWORD))
    assert with_conversion(source(), both).conversion == "antiword"


def test_without_a_program_the_finding_names_what_to_install() -> None:
    reading = read(with_conversion(source(), Programs()))
    assert "apt-get install" in reading.findings[0].message


def test_a_file_that_is_read_here_is_left_alone(tmp_path: Path) -> None:
    given = source(docx(paragraph("正文")))
    assert with_conversion(given, Programs(soffice=program(tmp_path, "exit 1"))) is given


def test_a_page_is_left_alone() -> None:
    given = source(b"<html><p>WordDocument</p></html>")
    assert with_conversion(given, Programs()) is given


def test_a_program_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    failing = program(tmp_path, "echo Encrypted documents are not supported >&2; exit 3")
    told = with_conversion(source(), Programs(antiword=failing)).conversion
    assert told == "antiword failed (3): Encrypted documents are not supported"


def test_a_program_that_makes_nothing_is_told(tmp_path: Path) -> None:
    told = with_conversion(source(), Programs(soffice=program(tmp_path, "exit 0"))).conversion
    assert told == "LibreOffice made nothing of the file"


def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = Programs(antiword=program(tmp_path, "sleep 60 & sleep 60"), time_limit_s=0.3)
    started = time.monotonic()
    told = with_conversion(source(), slow).conversion
    assert (told, time.monotonic() - started < 20) == ("antiword took longer than 0.3 s", True)


def test_what_a_program_left_running_is_ended(tmp_path: Path) -> None:
    late = tmp_path / "late"
    leaving = program(tmp_path, f"(sleep 1; touch {late}) & echo text")
    assert with_conversion(source(), Programs(antiword=leaving)).converted == b"text\n"
    time.sleep(1.3)
    assert not late.exists()


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit (util-linux) is not here")
def test_a_program_that_writes_too_much_is_ended(tmp_path: Path) -> None:
    flood = program(tmp_path, "exec head -c 100000000 /dev/zero")
    told = with_conversion(source(), Programs(antiword=flood)).conversion
    assert (told or "").startswith("antiword failed")


def test_a_program_sees_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGKAI_DATABASE_URL", "secret")
    made = with_conversion(source(), Programs(antiword=program(tmp_path, "env"))).converted or b""
    assert b"secret" not in made


def test_a_program_works_in_a_folder_that_is_gone_afterwards(tmp_path: Path) -> None:
    made = with_conversion(source(), Programs(antiword=program(tmp_path, "pwd"))).converted
    folder = Path((made or b"/").decode().strip())
    assert (folder.name.startswith("gongkai-"), folder.exists()) == (True, False)


def test_the_profile_of_libreoffice_forbids_macros_and_links(tmp_path: Path) -> None:
    slow = program(tmp_path, f'{OUTDIR}cat profile/user/*.xcu > "$2/file.docx"')
    made = with_conversion(source(), Programs(soffice=slow)).converted or b""
    assert (b"DisableMacrosExecution" in made, b"BlockUntrustedRefererLinks" in made) == (
        True,
        True,
    )


@pytest.mark.skipif(installed().soffice is None, reason="LibreOffice is not installed")
def test_the_installed_libreoffice_reads_rtf() -> None:
    body = rb"{\rtf1\ansi\trowd\cellx2000\cellx4000\intbl Received\cell 3\cell\row\pard End\par}"
    reading = read(with_conversion(source(body)))
    assert (reading.lines, len(reading.tables)) == (("Received\t3", "End"), 1)
