"""Serves the application until interrupted: on this machine only, or for people on the network."""

import gc
import ipaddress
import socket
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import uvicorn

from archive import supervisor
from archive.model.errors import CannotRunError, UsageError
from archive.store import Store
from archive.store.query.optical import PictureCapture
from archive.web.app import make_app
from archive.web.guards import LOOPBACK, Rates
from archive.web.monitoring import Monitoring
from archive.work.corrections.corrections_file import Correction
from archive.work.query.pictures import Picture

HOST = "127.0.0.1"
# How long a question may take.
WITHIN_S = 2.0
_MAX_CONNECTIONS = 800
_GRACE_S = 3
_ALIVE_EVERY_S = 5
# A thread that computes is asked this often for the interpreter, which every row of a quick answer
# waits for (5 ms by default).
_SWITCH_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where and for whom a server answers. public: for people on the network. hosts: the names it
    answers to besides those of this machine. proxies: addresses whose X-Forwarded-For and
    X-Forwarded-Proto are believed. per_minute: questions a client may ask; 0: as many as it likes.
    """

    port: int
    host: str = HOST
    public: bool = False
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    per_minute: int = 0

    def check(self) -> None:
        """UsageError for a server that would be open by mistake, or that nobody could reach."""
        if not self.public and not _is_loopback(self.host):
            raise UsageError(f"--host {self.host} is open to the network: say --public as well")
        if not self.public and (self.hosts or self.proxies):
            raise UsageError("--allowed-host and --proxy are for --public")
        if self.public and not self.hosts:
            raise UsageError("--public needs --allowed-host NAME, the name that people type")
        for each in self.hosts:
            if not each.strip("[]").replace(".", "").replace("-", "").replace(":", "").isalnum():
                raise UsageError(f"--allowed-host {each!r} is no host name (no scheme, no port)")


def serve(
    store: Store,
    *,
    listening: Listening,
    replay: str | None,
    crawling: Callable[[], bool],
    announce: Callable[[str], None],
    catalogue: Callable[[], Collection[str] | None] = lambda: None,
    monitoring: Monitoring | None = None,
    draw: Callable[[PictureCapture, int], Picture] | None = None,
    corrections: Callable[[], Sequence[Correction]] = tuple,
) -> None:
    """Serves until SIGINT or SIGTERM. `announce` gets the URL once connections are taken;
    `crawling` says whether a crawl may be at work; `catalogue` the portals' keys; `monitoring` who
    may have its numbers; `draw` gives pictures, `corrections` what people corrected.
    CannotRunError: the port is taken or not allowed.
    """
    taken = listen(listening.host, listening.port)
    announce(f"http://{_spelled(listening.host)}:{taken.getsockname()[1]}/ (Ctrl-C ends it)")
    supervisor.ready()
    server = server_of(
        store, listening=listening, replay=replay, crawling=crawling, catalogue=catalogue,
        monitoring=monitoring, draw=draw, corrections=corrections,
    )  # fmt: skip
    try:
        server.run(sockets=[taken])
    except KeyboardInterrupt:  # how a server is meant to be ended
        return
    finally:
        taken.close()


def server_of(
    store: Store,
    *,
    listening: Listening,
    replay: str | None,
    crawling: Callable[[], bool],
    catalogue: Callable[[], Collection[str] | None] = lambda: None,
    monitoring: Monitoring | None = None,
    draw: Callable[[PictureCapture, int], Picture] | None = None,
    corrections: Callable[[], Sequence[Correction]] = tuple,
) -> uvicorn.Server:
    """A server that is yet to be run on a socket of `listen`; its threads take turns more often
    than those of other programs.
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()  # what is loaded stays: no answer waits for a collection that goes through it
    app = make_app(
        store,
        replay=replay,
        crawling=crawling,
        catalogue=catalogue,
        hosts=(*LOOPBACK, *listening.hosts),
        rates=Rates(listening.per_minute) if listening.per_minute else None,
        public=listening.public,
        monitoring=monitoring,
        draw=draw,
        corrections=corrections,
    )
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(listening.proxies),
        forwarded_allow_ips=list(listening.proxies),
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_S,
        lifespan="off",
        callback_notify=_tell_alive,
        timeout_notify=_ALIVE_EVERY_S,
    )
    return uvicorn.Server(config)


async def _tell_alive() -> None:
    """Called by the loop that answers: while it is, we are alive."""
    supervisor.alive()


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections. CannotRunError: the port is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(512)
    except OSError as problem:
        made.close()
        raise CannotRunError(
            f"cannot listen on {_spelled(host)}:{port}: {problem.strerror}; choose another --port"
        ) from problem
    return made


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
