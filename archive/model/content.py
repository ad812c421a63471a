"""The content hash: the one definition of "the same content".

Inside: title, body lines, table cells (a row is a line, its cells separated by a tab), as
printed. Outside: header fields, dates, counters, navigation, attachments' bytes: their change is
an event or another page's version, not a version of this page.
White space is dropped and width folded (NFKC) because templates re-indent and editors switch
between half- and full-width digits without changing what is said.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

HASH_SCHEME = "c1"
_BLANKS = re.compile(r"[^\S\t]+")


def normalised(text: str) -> str:
    """`text` as it enters the hash: NFKC, no white space; tabs (cell borders) stay.

    >>> normalised("２０１６年　崇川区\\t 139 ")
    '2016年崇川区\\t139'
    """
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def content_hash(title: str | None, lines: Iterable[str]) -> str:
    """Hex SHA-256 with the scheme in front ("c1:…") over title and non-empty lines."""
    digest = hashlib.sha256()
    digest.update(normalised(title or "").encode())
    for line in lines:
        spelled = normalised(line)
        if spelled.strip("\t"):
            digest.update(b"\n" + spelled.encode())
    return f"{HASH_SCHEME}:{digest.hexdigest()}"
