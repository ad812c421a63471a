"""Who answers next: what comes at once, what is quick and what is slow have threads of their own: a
question of a second never stands before one of a millisecond.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

RETRY_AFTER_S = 5
# Reading SQLite and unpacking texts share one interpreter: more threads would answer no sooner.
_FIRST_THREADS, _FIRST_WAITING = 2, 200
_QUICK_THREADS, _QUICK_WAITING = 2, 200
_SLOW_THREADS, _SLOW_WAITING = 2, 24
_MAX_WAIT_S = 5.0
# Slow answers that one client of a public server may wait for at a time.
_SLOW_A_CLIENT = 6
_GONE = 499
_LATER = {"Retry-After": str(RETRY_AFTER_S)}


@dataclass(frozen=True, slots=True)
class Lanes:
    """The three lanes of one server."""

    first: "Lane"
    quick: "Lane"
    slow: "Lane"

    @classmethod
    def make(cls, *, public: bool) -> "Lanes":
        """Lanes of the usual width. public: clients are many, and each gets its share."""
        share = _SLOW_A_CLIENT if public else None
        return cls(
            Lane(threads=_FIRST_THREADS, waiting=_FIRST_WAITING),
            Lane(threads=_QUICK_THREADS, waiting=_QUICK_WAITING),
            Lane(threads=_SLOW_THREADS, waiting=_SLOW_WAITING, a_client=share),
        )

    def endpoint(
        self, answer: Callable[[Request], Response], *, slow: bool, first: bool
    ) -> Callable[[Request], Awaitable[Response]]:
        """`answer` in its lane, as Starlette calls it."""
        lane = self.slow if slow else self.first if first else self.quick

        async def answered(request: Request) -> Response:
            return await lane.run(answer, request)

        return answered


class Lane:
    """A few threads and a bounded queue before them. a_client: how many answers one client may
    wait for; None: as many as it likes.
    """

    def __init__(self, *, threads: int, waiting: int, a_client: int | None = None) -> None:
        self._free = anyio.CapacityLimiter(threads)
        self._waiting = waiting
        self._a_client = a_client
        self._by_client = Counter[str]()

    async def run(self, answer: Callable[[Request], Response], request: Request) -> Response:
        """The answer, once a thread is free. HTTPException 503: too many wait, or it took too long
        until one was; 429: this client waits for its share already. Whoever has gone by then is
        answered with nothing.
        """
        client = request.client.host if request.client else ""
        if self._a_client is not None and self._by_client[client] >= self._a_client:
            raise HTTPException(429, "you wait for too many answers; ask again soon", _LATER)
        self._by_client[client] += 1
        try:
            return await self._in_turn(answer, request)
        finally:
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]

    async def _in_turn(self, answer: Callable[[Request], Response], request: Request) -> Response:
        if self._free.statistics().tasks_waiting >= self._waiting:
            raise busy()
        turn = object()
        with anyio.move_on_after(_MAX_WAIT_S) as waited:
            await self._free.acquire_on_behalf_of(turn)
        if waited.cancelled_caught:
            raise busy()
        try:
            if await request.is_disconnected():
                return Response(status_code=_GONE)
            return await to_thread.run_sync(answer, request)
        finally:
            self._free.release_on_behalf_of(turn)


def busy() -> HTTPException:
    """The error of a server that has too much to do."""
    return HTTPException(503, "too many questions wait; ask again soon", _LATER)
