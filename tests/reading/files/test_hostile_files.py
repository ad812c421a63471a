"""Any bytes with any magic: a finding, never an exception, within the time."""

import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model.reading import Kind
from tests.reading.files.made_files import of, rules
from tests.reading.files.office import (
    docx,
    ofd,
    ofd_of_objects,
    paragraph,
    word_table,
    xlsx,
    zipped,
)
from tests.reading.files.oldbook import xls
from tests.reading.files.paper import Press, pdf
from tests.reading.files.report import report

SECONDS = 20.0
MADE = report(3)


def small_pdf() -> bytes:
    press = Press()
    press.paragraph(MADE.paragraphs[2])
    press.table(MADE.tables[0], [160, 100, 100, 100])
    return press.done()


WHOLE = {
    "docx": docx(paragraph("年报") + word_table(MADE.tables[0])),
    "xlsx": xlsx(a=MADE.tables[0]),
    "xls": xls([["受理", 3.0], ["办结", 2.0]]),
    "ofd": ofd([(10, 20, "年报"), (10, 30, "正文")]),
    "pdf": small_pdf(),
    "zip": zipped({"a.docx": docx(paragraph("年报")), "b.pdf": small_pdf()}),
}
MAGICS = (
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"Rar!\x1a\x07",
    b"{\\rtf",
)
BOMBS = {
    "a pdf of endless operators": lambda: pdf("q " * 400_000),
    "a pdf of far coordinates": lambda: pdf("9e30 -9e30 m 9e37 9e30 l S " * 2_000),
    "a pdf of one long path": lambda: pdf("0 0 m " + "5 5 l " * 200_000 + "S"),
    "a pdf of text on one spot": lambda: pdf("BT /F 1 Tf " + "<6587> Tj " * 60_000 + "ET"),
    "ofd of nonsense boxes": lambda: ofd([(float("nan"), float("inf"), "文")] * 500),
    "ofd of one long path": lambda: ofd_of_objects(
        '<ofd:PathObject Boundary="0 0 9 9"><ofd:AbbreviatedData>M 0 0 '
        + "L 9 9 " * 300_000
        + "</ofd:AbbreviatedData></ofd:PathObject>"
    ),
    "ofd of many steps": lambda: ofd_of_objects(
        '<ofd:TextObject Boundary="0 0 9 9" Size="9"><ofd:TextCode X="0" Y="0" DeltaX="'
        + "g 999999999 9e99 " * 50_000
        + f'">{"文" * 90_000}</ofd:TextCode></ofd:TextObject>'
    ),
    "ofd of paths without numbers": lambda: ofd_of_objects(
        '<ofd:PathObject CTM="nan 0 0 inf 0 0"><ofd:AbbreviatedData>M L 9 B 1 2 A C C S e9 L -'
        "</ofd:AbbreviatedData></ofd:PathObject>" * 500
    ),
    "word of many cells": lambda: docx(word_table([[("1", 1, 1)] * 60] * 200)),
    "a workbook of repeated letters": lambda: zipped(
        {"xl/workbook.xml": "<x/>", "xl/worksheets/a.xml": "<c " + "r " * 1_000_000}
    ),
}


def is_sound(body: bytes) -> bool:
    reading = of(body)
    return "reader_failed" not in rules(reading) and len(reading.content_hash) > 10


@settings(max_examples=60)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_cut_files_give_a_reading(kind: str, data: st.DataObject) -> None:
    body = WHOLE[kind]
    assert is_sound(body[: data.draw(st.integers(0, len(body)))])


@settings(max_examples=150)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_changed_files_give_a_reading(kind: str, data: st.DataObject) -> None:
    body = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 12))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert is_sound(bytes(body))


@settings(max_examples=60)
@given(st.sampled_from(MAGICS), st.binary(max_size=3000))
def test_random_bytes_behind_a_magic_give_a_reading(magic: bytes, rest: bytes) -> None:
    reading = of(magic + rest)
    assert reading.kind is Kind.ATTACHMENT
    assert "reader_failed" not in rules(reading)


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_files_stay_within_the_time(name: str) -> None:
    body = BOMBS[name]()
    started = time.monotonic()
    assert is_sound(body)
    assert timedelta(seconds=time.monotonic() - started) < timedelta(seconds=SECONDS)
