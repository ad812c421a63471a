"""Which seal names a version."""

import json
from dataclasses import dataclass

from archive.work.home import Home
from archive.work.preservation.seal.folder import seals_of, stored_seals
from archive.work.preservation.seal.manifest import SealError, parse_seal, sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveringSeal:
    """A seal that names a version as its reader read it. sha256: of the seal's bytes. key: of the
    signer, 32 bytes in hex; None: it is not signed.
    """

    number: int
    sha256: str
    key: str | None


def covering_seal(home: Home, url: str, version: int, reader: str) -> CoveringSeal | None:
    """The last seal that names this version as that version of the reader read it; None when none
    does. It is not checked whether the seal is good (`gongkai verify --seals`). A seal that does
    not have the URL's bytes is not parsed: a large archive has hundreds of MB of them.
    """
    spelled = json.dumps(url).encode("ascii")
    found = None
    for number, content in stored_seals(seals_of(home)):
        if spelled not in content:
            continue
        try:
            seal, _ = parse_seal(content)
        except SealError:
            continue
        for each in seal.versions:
            if (each.url, each.version, each.reader) == (url, version, reader):
                found = CoveringSeal(number=number, sha256=sha256(content), key=seal.public_key)
    return found
