"""The entry point of reading: bytes of a capture in, a Reading out."""

from archive.model.content import content_hash
from archive.model.reading import Finding, Kind, Reading, Severity, Source
from archive.reading import READER_VERSION
from archive.reading.document import read_document
from archive.reading.files.magic import magic_of
from archive.reading.html.charset import decode
from archive.reading.payload import payload_line
from archive.reading.quality.needs_browser import with_need

_FILE_TYPES = (
    "application/msword",
    "application/octet-stream",
    "application/pdf",
    "application/vnd.",
    "application/x-rar",
    "application/zip",
    "audio/",
    "image/",
    "video/",
)


def read(source: Source) -> Reading:
    """What one capture says. Pure; never raises, whatever the bytes: limits and doubts are
    findings of the reading.

    A file (by its first bytes, not by its name) is an attachment, see `read_attachment`. Everything
    else is read as a page.
    """
    try:
        if _is_file(source):
            return _attachment(source)
        return with_need(source, read_document(source))
    except Exception as error:  # noqa: BLE001  the promise above; the finding names the defect
        return _unread(source, error)


def _attachment(source: Source) -> Reading:
    from archive.reading.files import read as files  # noqa: PLC0415 - a fifth of a second

    return files.read_attachment(source)


def _is_file(source: Source) -> bool:
    if magic_of(source.body) is not None:
        return True
    media_type = source.media_type or ""
    return media_type.startswith(_FILE_TYPES) and b"\0" in source.body[:4096]


def _unread(source: Source, error: Exception) -> Reading:
    """The last resort: the page's bytes are its content, and the finding says why."""
    decoded = decode(source.body, source.charset)
    return Reading(
        reader_version=READER_VERSION,
        kind=Kind.OTHER,
        family=source.family,
        charset_declared=decoded.declared,
        charset_used=decoded.used,
        title=None,
        lines=(),
        content_hash=content_hash(None, (payload_line(source.body),)),
        findings=(
            *decoded.findings,
            Finding(
                rule="reader_failed",
                severity=Severity.ERROR,
                message="the reader has a defect that this page meets; its text was not read",
                evidence=f"{type(error).__name__}: {error}"[:300],
            ),
        ),
    )
