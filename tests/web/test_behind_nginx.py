"""The server behind a real nginx, set up as docs/how-to/serve.md says: host names, HTTPS, and a limit
for each visitor rather than for the proxy.
"""

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.test_load import NAMES, serving

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
OPENSSL = shutil.which("openssl")
PER_MINUTE = 12  # four questions at once


def server_block(root: Path) -> str:
    """The example of the document."""
    page = (root / "docs/how-to/serve.md").read_text("utf-8")
    [block] = re.findall(r"^```\n(server \{\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    return str(block)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def behind(
    root: Path, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The URL of an nginx before the server, and that of the server itself."""
    if NGINX is None or OPENSSL is None:
        pytest.skip("no nginx or openssl on this machine: apt-get install nginx-light openssl")
    folder = tmp_path_factory.mktemp("nginx")
    pem, key = folder / "reports.pem", folder / "reports.key"
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         f"/CN={NAMES[0]}", "-keyout", str(key), "-out", str(pem)],
        check=True, capture_output=True,
    )  # fmt: skip
    with serving(filled, hosts=NAMES, proxies=("127.0.0.1",), per_minute=PER_MINUTE) as base:
        port = free_port()
        block = server_block(root)
        for old, new in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
            ("/etc/ssl/reports.pem", str(pem)), ("/etc/ssl/reports.key", str(key)),
            ("http://127.0.0.1:8060", base),
        ):  # fmt: skip
            assert old in block
            block = block.replace(old, new)
        temporary = "".join(
            f"{kind}_temp_path {folder / kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        setup = folder / "nginx.conf"
        setup.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{ access_log off; {temporary}\n{block}}}\n",
            "utf-8",
        )
        nginx = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(setup)])
        try:
            wait_for(port)
            yield f"https://127.0.0.1:{port}", base
        finally:
            nginx.terminate()
            nginx.wait(10)


def wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("nginx does not listen")


def visitor(address: str) -> httpx.Client:
    """Somebody who comes from that address of this machine."""
    anything = ssl.create_default_context()
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    transport = httpx.HTTPTransport(local_address=address, verify=anything)
    return httpx.Client(transport=transport, headers={"Host": NAMES[0]}, timeout=30)


def test_pages_come_and_the_api_names_the_host_and_https(behind: tuple[str, str]) -> None:
    with visitor("127.0.0.2") as asking:
        page = asking.get(f"{behind[0]}/", headers={"Accept-Encoding": "gzip"})
        assert page.status_code == 200
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["content-encoding"] == "gzip"
        told = asking.get(f"{behind[0]}/api/openapi.json")
        assert told.json()["servers"] == [{"url": f"https://{NAMES[0]}"}]
        known = {"If-None-Match": told.headers["etag"]}
        assert asking.get(f"{behind[0]}/api/openapi.json", headers=known).status_code == 304


def test_another_host_is_refused_behind_the_proxy_too(behind: tuple[str, str]) -> None:
    with visitor("127.0.0.3") as asking:
        assert asking.get(f"{behind[0]}/", headers={"Host": "evil.example"}).status_code == 421


def statuses(asking: httpx.Client, base: str, **headers: str) -> list[int]:
    return [asking.get(f"{base}/api/runs", headers=headers).status_code for _ in range(6)]


def test_each_visitor_has_a_limit_that_no_header_of_theirs_gets_round(
    behind: tuple[str, str],
) -> None:
    with visitor("127.0.0.4") as first, visitor("127.0.0.5") as second:
        assert statuses(first, behind[0])[:4] == [200] * 4
        assert 429 in statuses(first, behind[0])
        assert statuses(second, behind[0])[:4] == [200] * 4
        forged = {"X-Forwarded-For": "192.0.2.77", "Forwarded": "for=192.0.2.78"}
        assert 429 in statuses(first, behind[0], **forged)


def test_nobody_but_the_proxy_is_believed(behind: tuple[str, str]) -> None:
    with visitor("127.0.0.6") as around:
        forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.99"}
        told = around.get(f"{behind[1]}/api/openapi.json", headers=forged).json()
        assert told["servers"] == [{"url": f"http://{NAMES[0]}"}]
        assert 429 in statuses(around, behind[1], **forged)
