"""A snapshot as it was captured, straight from its record: the raw replay (`id_`) of a whole page.

The engine answers the same; from here it comes without its two further requests.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final

from archive.model.errors import MessageError, WarcError
from archive.model.frontier import WarcSpot
from archive.warc.cdxj import CdxRow
from archive.warc.folder import WarcFolder
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_record

MAX_BYTES: Final = 32 * 1024 * 1024
"""Of a record that is read into memory here; what is longer the engine sends piece by piece."""

# They are of the connection to the portal, or told anew.
_LEFT_OUT: Final = frozenset(
    "connection keep-alive proxy-connection te trailer upgrade content-length"
    " memento-datetime link content-location".split()
)
# As the engine does it: the body is sent without its chunks.
_RENAMED: Final = {"transfer-encoding": "X-Archive-Orig-Transfer-Encoding"}
_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSnapshot:
    """What is sent: the portal's headers and body, without its transfer coding."""

    headers: Sequence[tuple[str, str]]
    body: bytes


def raw_snapshot(
    folder: WarcFolder, row: CdxRow, prefix: str, *, accepted: str = ""
) -> RawSnapshot | None:
    """The snapshot of a capture with status 200; prefix: where the replay is, up to the
    timestamp; accepted: the client's Accept-Encoding. None for all others (redirects, revisits,
    rendered documents, long ones), in a coding that the client does not take, and where the record
    cannot be read: the engine knows what to do with those.
    """
    if row.status != HTTPStatus.OK or row.mime == "warc/revisit" or row.length > MAX_BYTES:
        return None
    with suppress(WarcError, MessageError):
        spot = WarcSpot(file=row.filename, offset=row.offset, length=row.length)
        record = read_record(folder, spot)
        response = parse_response(record.block, limits=_LIMITS)
        if record.record_type != "response" or response.status != HTTPStatus.OK:
            return None
        codings = ",".join(response.all("content-encoding")).lower().split(",")
        if not {each.strip() for each in codings} <= {"", *_tokens(accepted)}:
            return None
        body = response.transferred().body
        sent = [(_latin(name), _latin(value)) for name, value in response.headers]
        renamed = [(_RENAMED.get(name.lower(), name), value) for name, value in sent]
        kept = [(name, value) for name, value in renamed if name.lower() not in _LEFT_OUT]
        return RawSnapshot(headers=[*kept, *_memento(row, prefix)], body=body)
    return None


def _tokens(accepted: str) -> set[str]:
    """The codings of an Accept-Encoding; one with a weight is left to the engine."""
    return {each.strip().lower() for each in accepted.split(",")}


def _latin(text: bytes) -> str:
    return text.decode("latin-1")


def _memento(row: CdxRow, prefix: str) -> list[tuple[str, str]]:
    """When it was captured, and where its other captures are (RFC 7089)."""
    at = datetime.strptime(row.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    told = format_datetime(at, usegmt=True)
    links = (
        f'<{row.url}>; rel="original"',
        f'<{prefix}{row.url}>; rel="timegate"',
        f'<{prefix}timemap/link/{row.url}>; rel="timemap"; type="application/link-format"',
        f'<{prefix}{row.timestamp}mp_/{row.url}>; rel="memento"; datetime="{told}"',
    )
    return [
        ("Memento-Datetime", told),
        ("Link", ", ".join(links)),
        ("Content-Location", f"{prefix}{row.timestamp}id_/{row.url}"),
    ]
