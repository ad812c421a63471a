"""A net of our own: names at public addresses of this machine, that nothing outside can see.

`crawl` runs server and crawl in an empty network namespace whose loopback device has the addresses
of some names; /etc/hosts knows the names there. No packet leaves. Skips where that is not allowed.
Both are forked (tests.support.forked): to start them took five seconds of the processor.
"""

import ctypes
import fcntl
import json
import multiprocessing
import os
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.support.command import ROOT
from tests.support.forked import live, run_forked

_AS_ROOT = () if os.geteuid() == 0 else ("--map-root-user",)
_UNSHARE = ("unshare", *_AS_ROOT, "--net", "--mount")
_NEW_NET_AND_MOUNT, _NEW_USER = 0x40020000, 0x10000000
_MS_BIND, _MS_PRIVATE, _UP, _SET_FLAGS, _SET_ADDRESS = 0x1000, 0x44000, 0x41, 0x8914, 0x8916
PUBLIC, OTHER_PUBLIC, PUBLIC_SIX = "202.106.0.20", "202.106.0.21", "2400:da00::6666"


@dataclass
class Abroad:
    """names: the address of each. routes: by "name path", else by path; a body, or [status, body,
    headers]. requests: each request, with the name asked for and how many were under way.
    """

    names: dict[str, str]
    routes: dict[str, Any]
    home: str
    args: list[str]
    pause_s: float = 0.0
    settings: str = "settings.base"
    said: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def paths(self, name: str) -> list[str]:
        return [path for host, path, _ in self.requests if host == name]


def crawl(**what: Any) -> Abroad:
    """A crawl of `args` in that net, and what was seen of it."""
    if subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespaces for us on this machine")
    program = ["tests.support.abroad", json.dumps(asdict(Abroad(**what)))]
    done = run_forked(program, cwd=ROOT, env=os.environ, timeout_s=110)
    assert done.returncode == 0, done.stderr
    return Abroad(**json.loads(done.stdout))


def _enter() -> None:
    """What `unshare` does: a net and mounts of this process alone."""
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(_NEW_NET_AND_MOUNT | (_NEW_USER if user else 0)) == 0, ctypes.get_errno()
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    assert libc.mount(b"none", b"/", None, _MS_PRIVATE, None) == 0, ctypes.get_errno()


def _make_net(names: dict[str, str]) -> None:
    four, six = socket.socket(), socket.socket(socket.AF_INET6)
    fcntl.ioctl(four, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    for number, address in enumerate(dict.fromkeys(names.values())):
        if ip_address(address).version == 6:
            packed = socket.inet_pton(socket.AF_INET6, address)
            request = packed + struct.pack("Ii", 128, socket.if_nametoindex("lo"))
            fcntl.ioctl(six, _SET_ADDRESS, request)
        elif not address.startswith("127."):
            inside = struct.pack("hH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
            label = f"lo:{number}".encode()
            fcntl.ioctl(four, _SET_ADDRESS, struct.pack("16s16s8x", label, inside))
    with tempfile.NamedTemporaryFile("w", delete=False) as hosts:
        hosts.write("".join(f"{address} {name}\n" for name, address in names.items()))
    Path(hosts.name).chmod(0o644)
    mounted = ctypes.CDLL(None).mount(hosts.name.encode(), b"/etc/hosts", None, _MS_BIND, None)
    assert mounted == 0, "/etc/hosts could not be covered"


class _Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True

    def __init__(self, abroad: Abroad) -> None:
        super().__init__(("::", 80), _Handler)
        self.abroad = abroad
        self.busy = 0
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    server: _Server

    def do_GET(self) -> None:
        server, name = self.server, self.headers["Host"]
        with server.lock:
            server.busy += 1
            server.abroad.requests.append((name, self.path, server.busy))
        time.sleep(server.abroad.pause_s)
        routes = server.abroad.routes
        found = routes.get(f"{name} {self.path}", routes.get(self.path, [404, "not here", {}]))
        status, body, headers = found if isinstance(found, list) else [200, found, {}]
        with server.lock:
            server.busy -= 1
        self.send_response(status)
        told = {"Content-Type": "text/html; charset=utf-8", **headers}
        for key, value in {**told, "Content-Length": str(len(body.encode()))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


def _begin(abroad: Abroad) -> "tuple[multiprocessing.context.ForkProcess, list[BinaryIO]]":
    """The crawl, and what it prints, before a thread of this process makes it one of two."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"GONGKAI_CONTACT": "a@example.org", "SCRAPY_SETTINGS_MODULE": abroad.settings}
    environment |= {"GONGKAI_BROWSER_NO_SANDBOX": "1"} if os.geteuid() == 0 else {}
    command = ["crawler.cli", "crawl", *abroad.args, "--json", "--home", abroad.home]
    told = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]  # noqa: SIM115 - both processes'
    names = {
        to: f"/proc/{os.getpid()}/fd/{out.fileno()}" for to, out in zip((1, 2), told, strict=True)
    }
    crawling = multiprocessing.get_context("fork").Process(
        target=live, args=(command, str(ROOT), environment, names)
    )
    crawling.start()
    return crawling, told


def _main() -> None:
    abroad = Abroad(**json.loads(sys.argv[1]))
    _enter()
    _make_net(abroad.names)
    server = _Server(abroad)
    crawling, told = _begin(abroad)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    crawling.join(100)
    said, complaint = (Path(f"/proc/self/fd/{each.fileno()}").read_text() for each in told)
    assert crawling.exitcode in (0, 1), complaint
    abroad.said = json.loads(said)
    with closing(sqlite3.connect(Path(abroad.home) / "archive.sqlite")) as ledger:
        rows = ledger.execute("select url, outcome, reason from outcomes order by run")
        abroad.outcomes = {url: (outcome, reason) for url, outcome, reason in rows}
    print(json.dumps(asdict(abroad)))


if __name__ == "__main__":
    _main()
