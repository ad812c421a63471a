"""The payload of an HTTP answer, and its digest as this project writes it; pure.

WARC 1.1 section 5.9 speaks of the payload, which for an HTTP answer is its entity-body: the body
without its transfer coding. Content codings (gzip) stay: they belong to the entity. So one body
that a server cuts into other chunks at every visit has one digest. In older archives the digest
goes over everything behind the first head, chunks (and further heads) included; such records are
still recognised.
"""

from dataclasses import dataclass

from archive.model.errors import MessageError
from archive.warc.message import Limits, head_length, interim_length, parse_response
from archive.warc.record import digest_of

_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """An answer's bytes told apart.

    interim: the heads of interim answers (100, 102, 103) that came first; b"" mostly.
    final: the final answer. head_bytes: length of its head; None when it does not end.
    digest: of the payload as it is written today; None when the head does not end.
    former_digest: as older archives have it (often the same).
    """

    interim: bytes
    final: bytes
    head_bytes: int | None
    digest: str | None
    former_digest: str | None

    @property
    def digests(self) -> frozenset[str]:
        """Every digest under which this payload may have been kept before."""
        return frozenset(filter(None, (self.digest, self.former_digest)))


def payload_of(answer: bytes) -> Payload:
    """What an answer, as received, holds."""
    start = interim_length(answer)
    final = answer[start:] if start else answer
    end = head_length(final)
    if end is None:
        return Payload(interim=answer[:start], final=final, head_bytes=None, digest=None,
                       former_digest=None)  # fmt: skip
    body = _without_chunks(final)
    digest = digest_of(memoryview(final)[end:] if body is None else body)
    same = body is None and not start
    return Payload(
        interim=answer[:start],
        final=final,
        head_bytes=end,
        digest=digest,
        former_digest=digest if same else digest_of(memoryview(answer)[head_length(answer) :]),
    )


def _without_chunks(final: bytes) -> bytes | None:
    """The body of a chunked answer; None where there are no chunks. Where they are broken (cut,
    damaged, too many) nobody can say what the body is: None too, and all that came is digested,
    so that no difference is lost.
    """
    try:
        response = parse_response(final, limits=_LIMITS)
        body = response.transferred() if response.chunked else None
    except MessageError:
        return None
    return None if body is None or body.damage else body.body
