"""The payload of an HTTP answer, and its digest as this project writes it; pure.

WARC 1.1 section 5.9 defines the payload, which for an HTTP answer is its entity-body: the body
without its transfer coding. Content codings (gzip) stay: they belong to the entity. So one body
that a server cuts into other chunks at every visit has one digest. In older archives the digest
goes over everything behind the first head, chunks (and further heads) included; such records are
still recognised.
"""

from dataclasses import dataclass

from archive.model.errors import MessageError
from archive.warc.framing import Body, Heads, Kind, framing_of
from archive.warc.message import (
    Limits,
    Response,
    head_length,
    parse_response,
    response_behind,
)
from archive.warc.record import digest_of, digest_of_pieces
from archive.warc.spool import Content, Stretch

HEAD_ROOM = 1024 * 1024  # all heads of an answer lie within its first bytes
_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """An answer's bytes in parts.

    answer: the final answer taken apart; status 0 where its head is longer than the limits allow.
        Of one that is too long for memory the beginning.
    interim: the heads of interim answers (100, 102, 103) that came first; b"" mostly.
    final: the final answer. head_bytes: length of its head; None when it does not end.
    digest: of the payload as it is written today; None when the head does not end.
    former_digest: as older archives have it (often the same).
    """

    answer: Response
    interim: bytes
    final: Content
    head_bytes: int | None
    digest: str | None
    former_digest: str | None

    @property
    def digests(self) -> frozenset[str]:
        """Every digest under which this payload may have been kept before."""
        return frozenset(filter(None, (self.digest, self.former_digest)))


def payload_of(answer: Content) -> Payload:
    """What an answer, as received, holds."""
    if isinstance(answer, Stretch):
        return _payload_of_long(answer)
    heads, response = _taken_apart(answer)
    start = heads.start
    final = answer[start:] if start else answer
    end = head_length(final)
    if end is None:
        return Payload(answer=response, interim=answer[:start], final=final, head_bytes=None,
                       digest=None, former_digest=None)  # fmt: skip
    body = _without_chunks(response if heads.is_over else None, final)
    digest = digest_of(memoryview(final)[end:] if body is None else body)
    same = body is None and not start
    return Payload(
        answer=response,
        interim=answer[:start],
        final=final,
        head_bytes=end,
        digest=digest,
        former_digest=digest if same else digest_of(memoryview(answer)[head_length(answer) :]),
    )


def _payload_of_long(answer: Stretch) -> Payload:
    """The same for an answer that is too long for memory: its body passes in pieces."""
    heads, response = _taken_apart(answer[:HEAD_ROOM])
    final = answer.behind(heads.start)
    if head_length(final[:HEAD_ROOM]) is None:
        return Payload(answer=response, interim=answer[: heads.start], final=final,
                       head_bytes=None, digest=None, former_digest=None)  # fmt: skip
    all_of_it = answer.behind(heads.end)
    body = Body(framing_of(heads.head), _LIMITS)
    digest = _digest_of_body(body, all_of_it) or digest_of(all_of_it)
    is_plain = body.framing.kind is not Kind.CHUNKED and not body.surplus_bytes and not heads.start
    behind_first = answer.behind(head_length(answer[:HEAD_ROOM]) or 0)
    return Payload(
        answer=response,
        interim=answer[: heads.start],
        final=final,
        head_bytes=heads.end - heads.start,
        digest=digest,
        former_digest=digest if is_plain else digest_of(behind_first),
    )


def _taken_apart(start: bytes) -> tuple[Heads, Response]:
    """The heads of an answer, `is_over` where they keep to the limits, and the answer."""
    heads = Heads(_LIMITS)
    try:
        heads.feed(start)
        heads.close()
    except MessageError:
        heads.is_over = False
        return heads, Response(status=0, reason=b"", headers=(), body=start, limits=_LIMITS)
    return heads, response_behind(heads, start, limits=_LIMITS)


def _digest_of_body(body: Body, content: Stretch) -> str | None:
    """Of the body without its chunks; None where it is cut or damaged, see `_without_chunks`."""
    try:
        digest = digest_of_pieces(piece for data in content.pieces() for piece in body.feed(data))
    except MessageError:
        return None
    return None if body.missing() else digest


def _without_chunks(response: Response | None, final: bytes) -> bytes | None:
    """The body of an answer in chunks, or with bytes behind its end; None where it is all that
    came. Where chunks are broken (cut, damaged, too many) nobody knows what the body is: None
    too, and all that came is digested, so that no difference is lost. response: None where the
    heads before the final one break the limits.
    """
    try:
        response = response or parse_response(final, limits=_LIMITS)
        body = response.transferred() if response.has_wrapping else None
    except MessageError:
        return None
    return None if body is None or body.damage else body.body
