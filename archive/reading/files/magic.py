"""What a body is by its bytes. Its name is never asked: portals call web pages .doc."""

from typing import Final

from archive.reading.files.packed import Packed
from archive.reading.files.refusal import RefusedError

_MAGIC: Final = (
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BM", "bmp"),
)
CONVERTED_KINDS: Final = frozenset({"doc", "wps", "rtf"})
"""Kinds that outside programs turn into one that is read here (archive.work.ingest.converters)."""
REPACKED_KINDS: Final = frozenset({"rar", "7z"})
"""Archives that an outside program makes a zip file of."""

_LEADS: Final = b"\xef\xbb\xbf\r\n\t \x00"
_FIRST_BYTES: Final = tuple(magic for magic, _ in _MAGIC)
_LATER: Final = tuple((magic, kind) for magic, kind in _MAGIC if kind in ("pdf", "rtf"))
# Names of streams in an OLE directory ([MS-CFB] 2.6.1: UTF-16LE), the telling ones first.
_OLE_STREAMS: Final = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("WpsContent", "wps"),
)
_ZIP_MEMBERS: Final = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("ppt/presentation.xml", "pptx"),
    ("OFD.xml", "ofd"),
)


def magic_of(body: bytes) -> str | None:
    """What a body is by its first bytes (pdf, ole, zip, …); None for text and mark-up.

    >>> magic_of(b"%PDF-1.4"), magic_of(b"<html>")
    ('pdf', None)
    """
    kind = None
    if body.startswith(_FIRST_BYTES):  # as no page does
        kind = next(kind for magic, kind in _MAGIC if body.startswith(magic))
    if kind == "bmp" and (len(body) < 14 or body[6:10] != b"\0\0\0\0"):
        return None
    return kind or _late_magic(body[:1024].lstrip(_LEADS))


def kind_of(body: bytes) -> str | None:
    """As `magic_of`, and which document an OLE or zip container holds: doc xls ppt wps encrypted,
    docx xlsx xlsb pptx ofd; the container's own name (ole, zip) when none is recognised.

    >>> kind_of(b"Rar!" + bytes([0x1A, 7, 0]))
    'rar'
    """
    magic = magic_of(body)
    if magic == "ole":
        return _ole_kind(body)
    return _zip_kind(body) if magic == "zip" else magic


def _late_magic(lead: bytes) -> str | None:
    """Readers take a PDF or RTF behind blanks and a byte order mark; so do we."""
    return next((kind for magic, kind in _LATER if lead.startswith(magic)), None)


def _ole_kind(body: bytes) -> str:
    return next(
        (kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") + b"\0\0" in body),
        "ole",
    )


def _zip_kind(body: bytes) -> str:
    try:
        names = set(Packed(body).names)
    except RefusedError:
        return "zip"
    lowered = {name.lower() for name in names}
    return next((kind for name, kind in _ZIP_MEMBERS if name.lower() in lowered), "zip")
