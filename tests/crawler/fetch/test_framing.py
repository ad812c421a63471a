"""The wire and the reader of the kept bytes see the same answer, whatever the server sends.

The connection is the crawler's own, over a transport in memory: what the tap holds is taken apart
by the archive's parser, and both must say where the answer ends and what it says.
"""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web._newclient import Request
from twisted.web.http_headers import Headers

from archive.model.errors import MessageError
from archive.warc.message import Limits, parse_response
from crawler.fetch.wire import Tap, TappedFactory

PAGE = "<p>政府信息公开年报</p>".encode()
LENGTH = b"Content-Length: %d\r\n" % len(PAGE)
OK = b"HTTP/1.1 200 OK\r\n"


class Connection:
    """One request on a connection of the crawler; `result` is what Twisted made of the answer."""

    def __init__(self, max_bytes: int = 1_000_000) -> None:
        self.idle: list[Any] = []
        self.protocol = TappedFactory(self.idle.append, "test").buildProtocol(None)
        self.transport = StringTransport()
        self.transport.abortConnection = self.transport.loseConnection
        self.protocol.makeConnection(self.transport)
        self.max_bytes = max_bytes
        self.ask()

    def ask(self) -> None:
        self.tap = Tap(max_bytes=self.max_bytes, spool=Path(), private=True)
        self.result: list[Any] = []
        self.protocol.arm(self.tap)
        request = Request(b"GET", b"/", Headers({b"Host": [b"x"]}), None, persistent=True)
        self.protocol.request(request).addBoth(self.result.append)

    def receive(self, *pieces: bytes, end: type[Exception] | None = None) -> "Connection":
        for piece in pieces:
            if not self.transport.disconnecting:
                self.protocol.dataReceived(piece)
        if end is not None:
            self.protocol.connectionLost(Failure(end()))
        return self

    @property
    def answered(self) -> bool:
        """Whether Twisted was told of a whole answer."""
        return bool(self.result) and not isinstance(self.result[0], Failure)


def chunked(content: bytes, size: bytes = b"%x", end: bytes = b"0\r\n\r\n") -> bytes:
    return size % len(content) + b"\r\n" + content + b"\r\n" + end


READ = {
    "typographic quotes": OK + "‘access-control-allow-origin’: *\r\n".encode() + LENGTH + b"\r\n",
    "blanks before the colon": OK + LENGTH.replace(b":", b" \t:") + b"\r\n",
    "a name in GBK": OK + "标题: x\r\n".encode("gbk") + LENGTH + b"\r\n",
    "an empty name": OK + b": x\r\n" + LENGTH + b"\r\n",
    "no colon": OK + b"Server Apache\r\n" + LENGTH + b"\r\n",
    "a folded line": OK + b"X: a\r\n\tb\r\n" + LENGTH + b"\r\n",
    "a fold first": OK + b" folded\r\n" + LENGTH + b"\r\n",
    "NUL in a value": OK + b"X: a\0b\r\n" + LENGTH + b"\r\n",
    "NUL in a name": OK + b"X\0: ab\r\n" + LENGTH + b"\r\n",
    "an odd name": OK + b"X(y)[z]@: ab\r\n" + LENGTH + b"\r\n",
    "LF alone": (OK + LENGTH).replace(b"\r", b"") + b"\n",
    "CR CR LF": (OK + LENGTH + b"\r\n").replace(b"\r\n", b"\r\r\n"),
    "LF in the status line": b"HTTP/1.1 200\nOK\r\n" + LENGTH + b"\r\n",
    "no reason": b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n",
    "a reason in GBK": "HTTP/1.1 200 找到\r\n".encode("gbk") + LENGTH + b"\r\n",
    "a tab in the status line": b"HTTP/1.1\t200\tOK\r\n" + LENGTH + b"\r\n",
    "HTTP/2 as text": b"HTTP/2 200\r\n" + LENGTH + b"\r\n",
    "lower case": b"http/1.1 200 ok\r\n" + LENGTH + b"\r\n",
    "no version": b"HTTP 200 OK\r\n" + LENGTH + b"\r\n",
    "ICY": b"ICY 200 OK\r\n" + LENGTH + b"\r\n",
    "no status": b"HTTP/1.1\r\n" + LENGTH + b"\r\n",
    "garbage for a status": b"HTTP/1.1 OK sure\r\n" + LENGTH + b"\r\n",
    "blank lines first": b"\r\n\r\n" + OK + LENGTH + b"\r\n",
    "interim answers": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 3 + OK + LENGTH + b"\r\n",
    "the length twice": OK + LENGTH + LENGTH + b"\r\n",
    "the length as a list": OK + LENGTH[:-2] + b", 0%d\r\n\r\n" % len(PAGE),
    "a negative length": OK + b"Content-Length: -5\r\n" + LENGTH + b"\r\n",
    "identity": OK + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n",
}
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"
READ = {name: head + PAGE for name, head in READ.items()} | {
    "blanks behind the size": CHUNKS + chunked(PAGE, b"%x  "),
    "blanks before the size": CHUNKS + chunked(PAGE, b"  %x"),
    "leading zeros": CHUNKS + chunked(PAGE, b"%x".rjust(40, b"0"), b"0000\r\n\r\n"),
    "upper case": CHUNKS + chunked(PAGE, b"%X"),
    "an extension": CHUNKS + chunked(PAGE, b'%x ; a="b;c"'),
    "a long extension": CHUNKS + chunked(PAGE, b"%x;a=" + b"b" * 5000),
    "a trailer": CHUNKS + chunked(PAGE, end=b"0\r\nX-Sum: 1\r\nno colon\r\n\r\n"),
    "LF chunks": CHUNKS + chunked(PAGE).replace(b"\r\n", b"\n"),
    "no line end behind the data": CHUNKS + b"%x\r\n" % len(PAGE) + PAGE + b"0\r\n\r\n",
    "Chunked, in capitals": CHUNKS.replace(b"chunked", b" CHUNKED ") + chunked(PAGE),
    "chunked twice": CHUNKS.replace(b"chunked", b"chunked, chunked") + chunked(PAGE),
    "chunks and a length": CHUNKS[:-2] + b"Content-Length: 3\r\n\r\n" + chunked(PAGE),
    "gzip in the transfer": CHUNKS.replace(b"chunked", b"gzip, chunked")
    + chunked(gzip.compress(PAGE)),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_what_browsers_read_is_an_answer_and_the_reader_sees_it(name: str, step: int) -> None:
    wire = READ[name]
    pieces = [wire[at : at + step] for at in range(0, len(wire), step)]
    connection = Connection().receive(*pieces)
    assert connection.answered, "the end is seen without waiting for the server to close"
    assert connection.tap.received.content == wire
    response = parse_response(wire, limits=Limits())
    entity = response.entity()
    assert (response.status, entity.body, entity.damage) == (200, PAGE, None)


UNTIL_CLOSE = {
    "no head at all": b"",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n",
    "a length that is none": OK + b"Content-Length: five\r\n\r\n",
    "a length beyond all": OK + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "identity alone": OK + b"Transfer-Encoding: identity\r\n\r\n",
    "chunked in name only": CHUNKS,
}


@pytest.mark.parametrize("name", UNTIL_CLOSE)
def test_without_a_length_the_answer_ends_with_the_connection(name: str) -> None:
    wire = UNTIL_CLOSE[name] + PAGE
    connection = Connection().receive(wire)
    assert not connection.result
    assert connection.receive(end=ConnectionDone).answered
    assert parse_response(wire, limits=Limits()).entity().body == PAGE


def test_a_broken_connection_is_no_end() -> None:
    connection = Connection().receive(UNTIL_CLOSE["HTTP/1.0"] + PAGE, end=ConnectionLost)
    assert not connection.answered
    assert connection.tap.is_broken


CUT = {
    "in the head": OK[:-3],
    "behind the head": OK + LENGTH + b"\r\n",
    "in the body": OK + LENGTH + b"\r\n" + PAGE[:-1],
    "in a chunk": CHUNKS + chunked(PAGE)[:20],
    "behind a chunk": CHUNKS + chunked(PAGE, end=b""),
    "in a size": CHUNKS + chunked(PAGE, end=b"1"),
}


@pytest.mark.parametrize("name", CUT)
def test_a_cut_answer_is_no_whole_one(name: str) -> None:
    connection = Connection().receive(CUT[name], end=ConnectionDone)
    assert connection.result
    assert not connection.answered
    assert connection.tap.answer.missing()


REFUSED = {
    "two lengths": (OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n", "given as 4, 5"),
    "two lengths in a list": (OK + b"Content-Length: 4, 5\r\n\r\n", "given as 4, 5"),
    "no size": (CHUNKS + b"3\r\nabc\r\nxyz\r\n", "damaged at byte 8"),
    "a negative size": (CHUNKS + b"3\r\nabc\r\n-5\r\n", "damaged at byte 8"),
    "an endless head": (OK + b"X: " + b"a" * 300_000, "the head is longer"),
    "endless interim answers": (b"HTTP/1.1 100 Continue\r\n\r\n" * 60, "interim answers"),
    "an endless trailer": (CHUNKS + b"0\r\n" + b"X: y\r\n" * 20_000, "trailer"),
    "a promise beyond the limit": (OK + b"Content-Length: 1000001\r\n\r\n", "larger than"),
    "more than the limit": (b"HTTP/1.0 200 OK\r\n\r\n" + bytes(1_000_000), "larger than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_browsers_refuse_or_has_no_end_is_ended_by_us(name: str) -> None:
    wire, why = REFUSED[name]
    connection = Connection().receive(wire)
    assert why in (connection.tap.refused or "")
    assert connection.transport.disconnecting
    connection.protocol.connectionLost(Failure(ConnectionDone()))
    assert isinstance(connection.result[0], Failure)


REUSED = {
    "a clean answer": (READ["no reason"], True),
    "chunks": (READ["upper case"], True),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    "close": (OK + b"Connection: Close\r\n" + LENGTH + b"\r\n" + PAGE, False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n" + LENGTH + b"\r\n" + PAGE, False),
    "HTTP/1.0 that stays": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + LENGTH + b"\r\n" + PAGE, True,
    ),
    "too much": (READ["no reason"] + b"x", False),
    "a 304 with a body": (b"HTTP/1.1 304 Not Modified\r\n" + LENGTH + b"\r\n" + PAGE, False),
    "a length beside chunks": (READ["chunks and a length"], False),
    "no status": (READ["no status"], False),
}  # fmt: skip


@pytest.mark.parametrize("name", REUSED)
def test_a_connection_is_used_again_only_behind_a_clean_answer(name: str) -> None:
    wire, may = REUSED[name]
    connection = Connection().receive(wire)
    assert connection.answered
    assert bool(connection.idle) is may
    assert connection.transport.disconnecting is not may
    if may:
        connection.ask()
        assert connection.receive(READ["identity"]).answered
        assert connection.tap.received.content == READ["identity"]


def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    connection = Connection().receive(READ["no reason"])
    connection.receive(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert connection.transport.disconnecting
    assert connection.tap.received.content == READ["no reason"]


HEADS = st.sampled_from(
    [
        OK,
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"\n" + OK,
        b"ICY 200\n",
        b"x",
    ]
)
FIELDS = st.lists(
    st.sampled_from(
        [b"Content-Length: 3\r\n", b"content-length : 8\n", b"Transfer-Encoding: chunked\r\n",
         b"Transfer-Encoding: identity\r\n", b": x\r\n", b" folded\r\n", b"no colon\r\n",
         "‘x’: y\r\n".encode(), b"X: \0\r\n", b"Connection: close\r\n", b"Content-Length: x\n"]
    ),
    max_size=4,
)  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=30),
    st.lists(st.sampled_from([b"3\r\nabc\r\n", b"3 \nabc\n", b"0\r\n", b"\r\n", b"x", b"1;a\r\nb"])).map(
        b"".join
    ),
)  # fmt: skip


@given(HEADS, FIELDS, BODIES, st.integers(1, 40), st.sampled_from([ConnectionDone, None]))
def test_the_wire_and_the_reader_never_differ(
    head: bytes, fields: list[bytes], body: bytes, step: int, end: type[Exception] | None
) -> None:
    wire = head + b"".join(fields) + b"\r\n" + body
    pieces = [wire[at : at + step] for at in range(0, len(wire), step)]
    connection = Connection().receive(*pieces, end=end)
    kept = connection.tap.received.content
    assert wire.startswith(kept)
    try:
        response = parse_response(kept, limits=Limits())
        transferred = response.transferred()
    except MessageError as error:
        refusal = str(error)
    else:
        refusal = transferred.damage or "the head is cut"
    if connection.tap.refused:
        assert connection.tap.refused == refusal
    elif connection.answered:
        assert transferred.damage is None
        whole = parse_response(wire, limits=Limits())
        assert (whole.status, whole.headers) == (response.status, response.headers)
        assert whole.transferred().body == transferred.body
    elif end:
        assert connection.tap.answer.missing() == refusal
