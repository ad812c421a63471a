"""A TCP proxy between a program and its database, whose wire can be cut."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial


class Proxy:
    """Forwards to a port of this machine. While it is `cut` nobody connects; `silent`: what stands
    is not closed, but nothing goes through.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = True
        self._flows = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> int:
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self, *, silent: bool = False) -> None:
        self._loop.call_soon_threadsafe(partial(self._cut, silent=silent))

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._mend)

    def _cut(self, *, silent: bool) -> None:
        self._open = False
        self._flows.clear()
        if not silent:
            self._close_all()

    def _mend(self) -> None:
        self._close_all()  # what stood before has been given up
        self._open = True
        self._flows.set()

    def _close_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _listen(self) -> int:
        self._flows.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()
        self._close_all()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.transport.abort()
            return
        self._writers.add(writer)
        there = None
        try:
            back, there = await asyncio.open_connection(*self._target)
            self._writers.add(there)
            await asyncio.gather(self._pump(reader, there), self._pump(back, writer))
        except OSError:
            pass
        finally:
            for each in filter(None, (writer, there)):
                self._writers.discard(each)
                each.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(65536):
                await self._flows.wait()
                sink.write(piece)
                await sink.drain()
        sink.close()


@contextmanager
def proxy_to(host: str, port: int) -> Iterator[tuple[Proxy, int]]:
    """A running proxy, and its port."""
    proxy = Proxy((host, port))
    own = proxy.start()
    try:
        yield proxy, own
    finally:
        proxy.stop()
