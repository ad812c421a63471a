"""Time stamps of an authority of our own: openssl signs, a server on this machine hands them out."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from archive.cli import main
from archive.work.preservation.seal.timestamps import (
    TokenError,
    ask_token,
    certificates,
    check_token,
)
from tests.work.preservation.seal.archives import Sealed

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl, which signs the time stamps, is missing"
)
pytestmark = needs_openssl
CONFIGURATION = """
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """url: where it is asked. ca: who is to be trusted. change: what becomes of its answers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ca = folder, folder / "ca.pem"
        self.change: Callable[[bytes], bytes] = lambda answer: answer
        self.url = ""

    def openssl(self, *args: str) -> None:
        subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True)

    def found(self) -> None:
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        self.openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
                     "-subj", "/CN=CA", "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
        self.openssl("req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr",
                     "-subj", "/CN=TSA")  # fmt: skip
        (self.folder / "use").write_text("extendedKeyUsage=critical,timeStamping\n")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                     "-CAcreateserial", "-out", "tsa.pem", "-days", "30", "-extfile", "use")  # fmt: skip
        (self.folder / "serial").write_text("01\n")
        (self.folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=self.folder))

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return self.change((self.folder / "reply").read_bytes())


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    authority = Authority(tmp_path_factory.mktemp("tsa"))
    authority.found()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            answer = authority.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        authority.url = f"http://127.0.0.1:{server.server_port}/tsr"
        yield authority
        server.shutdown()


@pytest.fixture
def authority(founded: Authority) -> Iterator[Authority]:
    yield founded
    founded.change = lambda answer: answer


def sealing(sealed: Sealed, authority: Authority, *more: str) -> int:
    args = ["--home", str(sealed.home), "--tsa", authority.url, "--tsa-ca", str(authority.ca)]
    return main(["seal", *args, *more])


def verifying(sealed: Sealed, *more: str) -> int:
    args = ["--home", str(sealed.home), "--key", str(sealed.public), *more]
    return main(["verify", "--seals", *args])


def test_a_token_is_checked_kept_and_verified(
    sealed: Sealed, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sealing(sealed, authority, "--tsa", authority.url) == 0
    tokens = sorted((sealed.home / "seals").glob("3.*.tsr"))
    assert len(tokens) == 2
    assert capsys.readouterr().err.count("saw this seal at 20") == 2
    authority.openssl("ts", "-verify", "-data", str(sealed.home / "seals" / "3.json"),
                      "-in", str(tokens[0]), "-CAfile", "ca.pem")  # fmt: skip
    assert verifying(sealed, "--tsa-ca", str(authority.ca)) == 0


def test_a_token_of_a_seal_made_anew_is_told(
    sealed: Sealed, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    """The time stamp is the anchor outside: who has key and folder cannot make it anew."""
    assert sealing(sealed, authority) == 0
    (sealed.home / "seals" / "3.json").unlink()
    assert main(["seal", "--home", str(sealed.home)]) == 0
    assert verifying(sealed, "--tsa-ca", str(authority.ca)) == 1
    assert "the time stamp does not hold" in capsys.readouterr().out
    (sealed.home / "seals" / "3.json").unlink()
    assert verifying(sealed, "--tsa-ca", str(authority.ca)) == 1
    assert "a time stamp of seal 3, which is missing" in capsys.readouterr().out


def test_a_token_of_an_authority_that_nobody_trusts_is_told(
    sealed: Sealed, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sealing(sealed, authority) == 0
    other = Authority(tmp_path)
    other.found()
    assert verifying(sealed, "--tsa-ca", str(other.ca)) == 1
    assert "seal_time" in capsys.readouterr().out


@pytest.mark.parametrize("kept", [0, 20, -1], ids=["nothing", "its head", "all but a byte"])
def test_an_authority_that_answers_nonsense_costs_no_seal(
    sealed: Sealed, authority: Authority, capsys: pytest.CaptureFixture[str], kept: int
) -> None:
    authority.change = lambda answer: answer[:kept]
    assert sealing(sealed, authority) == 1
    told = capsys.readouterr()
    assert f"warning: no time stamp from {authority.url}" in told.err
    assert list((sealed.home / "seals").glob("*.tsr")) == []
    assert verifying(sealed) == 0


def test_a_token_for_another_request_is_refused(authority: Authority) -> None:
    roots = certificates(authority.ca)
    token, at = ask_token(authority.url, b"content", roots)
    assert check_token(token, b"content", roots) == at
    with pytest.raises(TokenError):
        check_token(token, b"another", roots)
    authority.change = lambda _: token
    with pytest.raises(TokenError, match="Nonce"):
        ask_token(authority.url, b"content", roots)


def test_an_authority_that_cannot_be_asked_is_a_warning(
    sealed: Sealed, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["seal", "--home", str(sealed.home), "--tsa-ca", str(authority.ca)]
    assert main([*args, "--tsa", "http://127.0.0.1:9/"]) == 1
    assert "no time stamp from http://127.0.0.1:9/" in capsys.readouterr().err
    assert main([*args, "--tsa", "file:///etc/passwd"]) == 2


def test_certificates_that_are_none_are_told(tmp_path: Path, sealed: Sealed) -> None:
    empty = tmp_path / "ca.pem"
    args = ["seal", "--home", str(sealed.home), "--tsa", "http://127.0.0.1:9/"]
    assert main([*args, "--tsa-ca", str(empty)]) == 2
    empty.write_text("nothing")
    assert main([*args, "--tsa-ca", str(empty)]) == 2
    if ssl.get_default_verify_paths().cafile:
        assert certificates(None), "those of this system, odd ones left out"
