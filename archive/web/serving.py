"""Serves the application on 127.0.0.1 until interrupted."""

import socket
from collections.abc import Callable

import uvicorn

from archive.model.errors import CannotRunError
from archive.store import Store
from archive.web.app import make_app

HOST = "127.0.0.1"
_AT_ONCE = 64
_GRACE_S = 3


def serve(
    store: Store,
    *,
    port: int,
    replay: str | None,
    crawling: Callable[[], bool],
    announce: Callable[[str], None],
) -> None:
    """Serves until SIGINT or SIGTERM. `announce` gets the URL once connections are taken;
    `crawling` says whether a crawl may be at work.
    CannotRunError: the port is taken or not allowed.
    """
    listening = _listening(port)
    announce(f"http://{HOST}:{listening.getsockname()[1]}/ (Ctrl-C ends it)")
    config = uvicorn.Config(
        make_app(store, replay=replay, crawling=crawling),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=_AT_ONCE,
        timeout_graceful_shutdown=_GRACE_S,
        lifespan="off",
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:  # how a server is meant to be ended
        return
    finally:
        listening.close()


def _listening(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        made.listen(128)
    except OSError as problem:
        made.close()
        raise CannotRunError(
            f"cannot listen on {HOST}:{port}: {problem.strerror}; choose another --port"
        ) from problem
    return made
