"""The measured portal: generated pages on disk, served by nginx, which is faster than what is
measured. Where nginx is missing the demo's own server stands in, and the table says so.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.measure import cpu_seconds_of
from crawler.demo.columns import LISTS
from crawler.demo.site import Request, Site, generate_site

FAMILY: Final = "trs"
PER_LIST: Final = 20
_PATIENCE_S: Final = 20.0
# One worker, compressed as portals do; validators and ranges are nginx's own.
_CONFIGURATION: Final = """\
daemon off; worker_processes 1; error_log stderr crit; pid {folder}/nginx.pid; {user}
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000; gzip on; gzip_comp_level 1;
  types {{ text/html html; }} default_type text/html; charset utf-8;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port} backlog=512; root {folder}/pages; index index.html; }}
}}
"""


@dataclass(slots=True)
class Served:
    """url: the list's first page. server: what serves it. process: its processes' parent."""

    url: str
    server: str
    process: int

    def cpu_s(self) -> float:
        """Processor time of the server so far, in seconds."""
        return cpu_seconds_of(self.process)


@contextmanager
def serving(reports: int, *, seed: int, mixed: bool) -> Iterator[Served]:
    """The generated portal on loopback; it ends with the context. mixed: a quarter of the reports
    are prose without tables, as townships write them.
    """
    if nginx := shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        with tempfile.TemporaryDirectory() as folder:
            site = generate_site(reports, FAMILY, seed=seed, per_list=PER_LIST, mixed=mixed)
            write_pages(site, Path(folder) / "pages")
            with _nginx(nginx, Path(folder)) as served:
                yield served
        return
    with _own_server(reports, seed=seed, mixed=mixed) as served:
        yield served


def write_pages(site: Site, folder: Path) -> None:
    """Writes every list page and report where a static server finds it. A page's time of change
    comes from its day, so that validators stay the same from round to round.
    """
    known = site.portals[FAMILY]
    lists = [f"{LISTS[FAMILY]}index.html"]
    lists += [f"{LISTS[FAMILY]}index_{page}.html" for page in range(1, -(-known.count // PER_LIST))]
    for path in (*lists, *(known.at(number).url for number in range(known.count))):
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(site.answer(Request(target=path)).body)
        os.utime(target, (1_700_000_000, 1_700_000_000))


@contextmanager
def _nginx(program: str, folder: Path) -> Iterator[Served]:
    port = _free_port()
    folder.chmod(0o755)
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(_CONFIGURATION.format(folder=folder, port=port, user=user))
    with subprocess.Popen([program, "-p", str(folder), "-c", str(file)]) as server:
        try:
            _wait_for(port)
            url = f"http://127.0.0.1:{port}{LISTS[FAMILY]}"
            yield Served(url=url, server="nginx", process=server.pid)
        finally:
            server.terminate()


@contextmanager
def _own_server(reports: int, *, seed: int, mixed: bool) -> Iterator[Served]:
    command = [sys.executable, "-m", "crawler.demo", "--generate", str(reports)]
    command += ["--family", FAMILY, "--seed", str(seed), "--per-list", str(PER_LIST)]
    with subprocess.Popen(
        [*command, *(["--mixed"] if mixed else [])],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        if server.stdout is None or server.stdin is None:
            raise RuntimeError("the server has no pipes")
        try:
            url = server.stdout.readline().strip() + LISTS[FAMILY]
            yield Served(url=url, server="the demo's Python server", process=server.pid)
        finally:
            server.stdin.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
