"""The manifest of a WACZ: datapackage.json and datapackage-digest.json; pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from archive.warc.wacz.packing import Resource

WACZ_VERSION: Final = "1.1.1"
MANIFEST: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
PAGES: Final = "pages/pages.jsonl"
EXTRA_PAGES: Final = "pages/extraPages.jsonl"
INDEX: Final = "indexes/index.cdx.gz"
INDEX_OF_BLOCKS: Final = "indexes/index.idx"
ARCHIVE: Final = "archive/"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the manifest says of a bundle. main_url, main_at: the page to begin with; None without
    one. extra: further properties, by name.
    """

    title: str
    description: str
    software: str
    created_at: datetime
    main_url: str | None
    main_at: datetime | None
    extra: Mapping[str, object]


def instant(at: datetime) -> str:
    """An instant as WACZ spells it (RFC 3339), to the second.

    >>> instant(datetime(2026, 1, 31, 8, tzinfo=UTC))
    '2026-01-31T08:00:00Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def manifest(resources: Iterable[Resource], about: About) -> bytes:
    """datapackage.json. Every file is of type `file`: validators of data packages would take JSON
    Lines and Parquet for tables of their own kind, and refuse them.
    """
    package: dict[str, object] = {
        "profile": "data-package",
        "wacz_version": WACZ_VERSION,
        "title": about.title,
        "description": about.description,
        "created": instant(about.created_at),
        "software": about.software,
    }
    if about.main_url and about.main_at:
        package |= {"mainPageUrl": about.main_url, "mainPageDate": instant(about.main_at)}
    package |= about.extra
    package["resources"] = [
        {
            "name": each.path.rpartition("/")[2].lower(),
            "path": each.path,
            "hash": f"sha256:{each.digest}",
            "bytes": each.size_bytes,
            "type": "file",
        }
        for each in resources
    ]
    return _json(package)


def digest_of_manifest(content: bytes) -> str:
    """The hash of datapackage.json, as signatures take it.

    >>> digest_of_manifest(b"{}")[:15]
    'sha256:44136fa3'
    """
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digest_file(hash_: str, signed: Mapping[str, str] | None) -> bytes:
    """datapackage-digest.json. signed: the signature (signature.signed_data); None without one."""
    found: dict[str, object] = {"path": MANIFEST, "hash": hash_}
    if signed is not None:
        found["signedData"] = signed
    return _json(found)


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
