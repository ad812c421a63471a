"""OFD files and archives: what lies inside, within limits."""

import io
import zipfile

import pytest

from archive.reading.files.compound import compound
from archive.reading.files.extract import MAX_FILES
from archive.reading.files.magic import kind_of
from archive.reading.files.packed import MAX_MEMBERS
from tests.reading.files.made_files import of, rules
from tests.reading.files.office import docx, ofd, ofd_of_objects, paragraph, xlsx, zipped
from tests.reading.files.paper import pdf

WORD = docx(paragraph("正文"))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (WORD, "docx"),
        (xlsx(a=[[("1", 1, 1)]]), "xlsx"),
        (ofd([]), "ofd"),
        (pdf(""), "pdf"),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", "pdf"),
        (compound("WordDocument", b""), "doc"),
        (compound("Book", b""), "xls"),
        (compound("Thumbs", b""), "ole"),
        (zipped({"a.txt": "x"}), "zip"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"{\\rtf1", "rtf"),
        (b"<html><body>", None),
        ("政府信息公开".encode("gb18030"), None),
    ],
)
def test_the_bytes_say_what_a_file_is(body: bytes, kind: str | None) -> None:
    assert kind_of(body) == kind


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"Rar!\x1a\x07\x01\x00", "file_not_converted"),
        (b"7z\xbc\xaf\x27\x1c", "file_not_converted"),
        (compound("Thumbs", b""), "file_unreadable"),
        (compound("WordDocument", b""), "file_not_converted"),
        (b"{\\rtf1 x}", "file_not_converted"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "image_only"),
        (b"PK\x03\x04 cut off", "file_damaged"),
    ],
)
def test_a_file_that_is_not_read_says_why(body: bytes, rule: str) -> None:
    assert rules(of(body)) == [rule]


def test_ofd_runs_at_one_height_are_one_line() -> None:
    assert of(ofd([(10, 20, "政府信息"), (30, 20, "公开"), (10, 40, "正文")])).lines == (
        "政府信息公开",
        "正文",
    )


def test_ofd_pages_follow_each_other() -> None:
    assert of(ofd([(10, 20, "前")], [(10, 20, "后")])).lines == ("前", "后")


def test_an_ofd_of_pictures_is_told_as_that() -> None:
    picture = '<ofd:ImageObject Boundary="0 0 210 297" ResourceID="9"/>'
    assert rules(of(ofd_of_objects(picture, picture))) == ["image_only"]
    text = (
        '<ofd:TextObject Boundary="20 20 10 5"><ofd:TextCode>正文</ofd:TextCode></ofd:TextObject>'
    )
    assert rules(of(ofd_of_objects(picture, picture + text))) == []


def test_ofd_runs_with_room_between_them_are_parted() -> None:
    assert of(ofd([(10, 20, "受理"), (40, 20, "3"), (60, 20, "件")])).lines == ("受理 3 件",)


def test_an_ofd_without_its_page_is_damaged() -> None:
    index = "<OFD><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></OFD>"
    assert rules(of(zipped({"OFD.xml": index}))) == ["file_damaged"]


def test_the_files_of_an_archive_are_read_under_their_names() -> None:
    body = zipped({"年报.docx": WORD, "附/表.xlsx": xlsx(a=[[("受理", 1, 1), ("3", 1, 1)]])})
    assert of(body).lines == ("年报.docx", "正文", "附/表.xlsx", "受理\t3")


def test_names_in_gbk_are_understood() -> None:
    body = zipped({"xx.docx": WORD}).replace(b"xx.docx", "报.docx".encode("gbk"))
    assert of(body).lines[0] == "报.docx"


def test_an_archive_in_an_archive_is_not_opened() -> None:
    assert rules(of(zipped({"b.zip": zipped({"a.docx": WORD})}))) == ["file_unreadable"]


def test_a_damaged_file_does_not_hide_the_next() -> None:
    reading = of(zipped({"a.pdf": b"%PDF-", "b.docx": WORD}))
    assert (rules(reading), reading.lines[-1]) == (["file_damaged"], "正文")


def test_a_finding_names_the_file_inside() -> None:
    assert of(zipped({"a.pdf": b"%PDF-"})).findings[0].evidence.startswith("a.pdf")


def test_only_so_many_files_of_an_archive_are_read() -> None:
    body = zipped({f"{n}.docx": WORD for n in range(MAX_FILES + 1)})
    reading = of(body)
    assert (rules(reading), reading.lines.count("正文")) == (["file_too_large"], MAX_FILES)


def test_an_archive_of_too_many_members_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as container:
        for number in range(MAX_MEMBERS + 1):
            container.writestr(str(number), b"")
    assert rules(of(made.getvalue())) == ["file_too_large"]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert rules(of(zipped({"word/document.xml": b"\0" * 30_000_000}))) == ["file_too_large"]


def test_an_encrypted_member_is_a_finding() -> None:
    body = bytearray(WORD)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = body.find(signature)
        while at >= 0:
            body[at + flags] |= 1
            at = body.find(signature, at + 1)
    assert rules(of(bytes(body))) == ["file_encrypted"]
