"""A county of portals on loopback, each on a URL of its own, that knows who asked what when.

The weather of a portal is a function from (path, how often it was asked for) to an answer; it may
also be one of the words below that say how the connection ends badly. A form that was posted is a
path as well: "POST path media-type body".
"""

import asyncio
import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise

HANG, RESET, CUT = "hang", "reset", "cut"
HANGS_FOR_S = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer. ends: how its connection ends badly, if it does (then there may be no answer)."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "text/html; charset=utf-8"
    ends: str | None = None


@dataclass(kw_only=True)
class Request:
    """One request as the server saw it; times of the monotonic clock, the same in all processes."""

    host: str
    path: str
    began_s: float
    ended_s: float = 0.0
    status: int = 0
    agent: str = ""


Weather = Callable[[str, int], Answer | None]


class County:
    """Serves every portal (by URL, 127.x.y.z) in one thread, and keeps the log."""

    def __init__(self, portals: Mapping[str, Weather]) -> None:
        self.portals = dict(portals)
        self.log: list[Request] = []
        self.most_connections: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._at_once: Counter[str] = Counter()
        self._times: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self, host: str) -> list[str]:
        """What was asked of a host, in order."""
        return [request.path for request in self.log if request.host == host]

    def start(self) -> None:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> int:
        first, *others = self.portals
        self._servers = [await asyncio.start_server(self._serve, first, 0, backlog=128)]
        port = self._servers[0].sockets[0].getsockname()[1]
        for host in others:
            self._servers.append(await asyncio.start_server(self._serve, host, port, backlog=128))
        return port

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        self._open[host] += 1
        self.most_connections[host] = max(self.most_connections[host], self._open[host])
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                while await self._one(host, reader, writer):
                    pass
        finally:
            self._open[host] -= 1
            writer.close()

    async def _one(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path, _ = head.split(" ", 2)
        fields = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        if method == "POST":
            path = f"POST {path} {fields.get('content-type', '-')} {body.decode()}"
        request = Request(
            host=host, path=path, began_s=time.monotonic(), agent=fields["user-agent"]
        )
        self.log.append(request)
        self._at_once[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self._at_once[host])
        try:
            known = fields.get("if-none-match")
            return await self._answer(request, reader, writer, known)
        finally:
            self._at_once[host] -= 1
            request.ended_s = time.monotonic()

    async def _answer(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        known: str | None,
    ) -> bool:
        key = (request.host, request.path)
        answer = self.portals[request.host](request.path, self._times[key])
        answer = answer or Answer(status=404, body=b"not here")
        self._times[key] += 1
        if known is not None and answer.headers.get("ETag") == known:
            answer = replace(answer, status=304, body=b"")
        request.status = answer.status
        if answer.ends == HANG:
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), HANGS_FOR_S)
            return False
        if answer.ends == RESET:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return False
        length = len(answer.body) + (1000 if answer.ends == CUT else 0)
        lines = [f"HTTP/1.1 {answer.status} X", f"Content-Type: {answer.media_type}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        head = "\r\n".join([*lines, f"Content-Length: {length}", "", ""])
        writer.write(head.encode("latin-1") + answer.body)
        await writer.drain()
        return answer.ends is None

    def check_politeness(self, *, delay_s: float, slack_s: float = 0.01) -> None:
        """Never two requests or connections at once, and a pause from the end of each to the next."""
        assert set(self.most_at_once.values()) <= {1}, self.most_at_once
        assert set(self.most_connections.values()) <= {1}, self.most_connections
        for host in self.portals:
            visits = [request for request in self.log if request.host == host]
            for one, following in pairwise(visits):
                pause = following.began_s - one.ended_s
                assert pause >= delay_s - slack_s, (host, one, following, pause)


@contextmanager
def county_of(portals: Mapping[str, Weather]) -> Iterator[County]:
    """A running county."""
    county = County(portals)
    county.start()
    try:
        yield county
    finally:
        county.stop()
