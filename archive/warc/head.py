"""The head of an HTTP answer: status line and header fields; pure.

What browsers forgive is forgiven (Chromium's HttpUtil and HttpResponseHeaders, RFC 9112 sections
2.2, 4 and 5): LF for CRLF, up to four bytes before the status line, no reason phrase, no status,
blanks around a name, lines without a colon, names beyond ASCII.
"""

import re
from dataclasses import dataclass

NO_STATUS = "the status line names no status; taken for 200, as browsers do"
_END_OF_HEAD = re.compile(rb"\n\r{0,8}\n")
_PROTOCOL = rb"(?s:.{0,4}?)(?i:HTTP/(\d{1,4}(?:\.\d{1,4})?)|HTTP(?=[ \t]+\d{3})|ICY(?=[ \t]+\d{3}))"
_STATUS_LINE = re.compile(_PROTOCOL + rb"(?=[ \t\r\n])[ \t]*(?:(\d{1,9})(?!\d))?[ \t]*([^\r\n]*)")
_PREFIXES = (b"HTTP/", b"HTTP ", b"HTTP\t", b"ICY ", b"ICY\t")  # what _PROTOCOL may begin with
_SLOP_BYTES = 4
END_BYTES = 10  # that the end of a head has at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A status line and the fields behind it.

    version: as sent ("1.1"); "" when it names none. reason: as sent, b"" when there is none.
    headers: name and value in the order sent; folded lines joined by one blank, lines that name
        nothing (no colon, an empty name, a NUL) left out.
    remark: None, or what had to be assumed.
    """

    version: str
    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    remark: str | None = None

    def all(self, name: str) -> list[str]:
        """Every value of the fields of that name, latin-1, in order."""
        wanted = name.lower().encode("latin-1")
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]

    def tokens(self, name: str) -> list[str]:
        """The members of a list field, lower case, without parameters, in order."""
        given = (each.partition(";")[0] for each in ",".join(self.all(name)).split(","))
        return [token for token in (each.strip().lower() for each in given) if token]

    @property
    def is_interim(self) -> bool:
        """Whether a final answer follows (RFC 9110 section 15.2)."""
        return 100 <= self.status < 200 and self.status != 101


def may_begin(block: bytes, start: int = 0) -> bool:
    """Whether a head stands at `start`, or may stand there when more of it has come.

    >>> may_begin(b"HT"), may_begin(b"\\r\\nICY 200"), may_begin(b"<html>"), may_begin(b"SSH-2.0-x")
    (True, True, False, False)
    """
    if _STATUS_LINE.match(block, start):
        return True
    if block.find(b"\n", start + _SLOP_BYTES) >= 0:
        return False
    piece = block[start : start + _SLOP_BYTES + len(_PREFIXES[0])].upper()
    return any(
        prefix.startswith(piece[at : at + len(prefix)])
        for at in range(min(_SLOP_BYTES, len(piece)) + 1)
        for prefix in _PREFIXES
    )


def end_of_line(block: bytes, start: int) -> int | None:
    """Where the status line that stands at `start` ends; None when none stands there (yet)."""
    line = _STATUS_LINE.match(block, start)
    return line.end() if line else None


def end_of_head(block: bytes, start: int, stop: int, searched: int = 0) -> int | None:
    """Where the head that begins at `start` ends, its empty line included; None when it does not
    end before `stop`. Blank lines before the status line are no end.
    """
    match = _END_OF_HEAD.search(block, max(searched, end_of_line(block, start) or start), stop)
    return match.end() if match else None


def read_head(block: bytes, start: int, end: int) -> Head | None:
    """The head between `start` and `end`; None when no status line stands there."""
    match = _STATUS_LINE.match(block, start, end)
    if match is None:
        return None
    return Head(
        version=(match[1] or b"").decode("ascii"),
        status=int(match[2]) if match[2] else 200,
        reason=match[3].rstrip(),
        headers=_headers(block[match.end() : end]),
        remark=None if match[2] else NO_STATUS,
    )


def _headers(head: bytes) -> tuple[tuple[bytes, bytes], ...]:
    pairs: list[tuple[bytes, list[bytes]]] = []
    is_open = False  # a folded line belongs to the field before it, not to one that was left out
    for line in head.split(b"\n")[1:]:
        name, colon, value = line.rstrip(b"\r").partition(b":")
        if line[:1] in (b" ", b"\t") and pairs:
            if is_open and b"\0" not in line:
                pairs[-1][1].append(line.strip())
            continue
        is_open = bool(colon and name.strip()) and b"\0" not in line
        if is_open:
            pairs.append((name.strip(), [value.strip()]))
    return tuple((name, b" ".join(filter(None, parts))) for name, parts in pairs)
