"""Proofs of OpenTimestamps from a calendar of the test's own: pending, completed, of other bytes,
unreadable; a calendar that is down or lies.
"""

import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import Timestamp

from crawler.cli import main
from tests.work.preservation.seal.archives import Sealed

HEIGHT = 912_345


class Calendar:
    """Takes hashes; is_ripe: it has a block for them. lies: what it answers instead."""

    url = ""
    is_ripe = False
    lies: bytes | None = None

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self.lies is not None:
            return 200, self.lies
        if path == "/digest":
            stamp = Timestamp(body)
            stamp.attestations.add(PendingAttestation(self.url))
        elif self.is_ripe:
            stamp = Timestamp(bytes.fromhex(path.removeprefix("/timestamp/")))
            top = stamp.ops.add(OpPrepend(b"neighbour")).ops.add(OpSHA256())
            top.attestations.add(BitcoinBlockHeaderAttestation(HEIGHT))
        else:
            return 404, b"Pending confirmation in the block chain"
        context = BytesSerializationContext()
        stamp.serialize(context)
        return 200, context.getbytes()


@pytest.fixture
def calendar() -> Iterator[Calendar]:
    calendar = Calendar()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            self.reply(b"")

        def reply(self, body: bytes) -> None:
            status, answer = calendar.answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        calendar.url = f"http://127.0.0.1:{server.server_port}"
        yield calendar
        server.shutdown()


def sealing(sealed: Sealed, calendar: Calendar) -> int:
    return main(["seal", "--home", str(sealed.home), "--ots", calendar.url])


def verifying(sealed: Sealed) -> int:
    return main(["verify", "--seals", "--home", str(sealed.home), "--key", str(sealed.public)])


def proofs(sealed: Sealed) -> list[Path]:
    return sorted((sealed.home / "seals").glob("*.ots"))


def test_a_proof_waits_for_its_block_and_is_completed_later(
    sealed: Sealed, calendar: Calendar, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sealing(sealed, calendar) == 0
    [pending] = [path.read_bytes() for path in proofs(sealed)]
    assert verifying(sealed) == 0
    assert f"pending at {calendar.url}" in capsys.readouterr().err
    assert sealing(sealed, calendar) == 0
    assert [path.read_bytes() for path in proofs(sealed)] == [pending], "not ripe: as it was"
    calendar.is_ripe = True
    assert sealing(sealed, calendar) == 0
    assert f"Bitcoin block {HEIGHT} (merkle root " in capsys.readouterr().err
    [completed] = [path.read_bytes() for path in proofs(sealed)]
    calendar.lies = b"nobody is asked for what is complete"
    assert sealing(sealed, calendar) == 0
    assert verifying(sealed) == 0
    assert f"Bitcoin block {HEIGHT}" in capsys.readouterr().err
    assert [path.read_bytes() for path in proofs(sealed)] == [completed]
    seal = (sealed.home / "seals" / "3.json").read_bytes()
    assert sha256(seal).digest() in completed
    assert sha256(seal).digest() in pending


def test_a_proof_of_other_bytes_is_told(
    sealed: Sealed, calendar: Calendar, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sealing(sealed, calendar) == 0
    [path] = proofs(sealed)
    of_another = path.rename(path.with_name(path.name.replace("3.", "2.", 1)))
    assert verifying(sealed) == 1
    assert "the proof is of other bytes than this seal's" in capsys.readouterr().out
    of_another.rename(path.with_name(path.name.replace("3.", "9.", 1)))
    assert verifying(sealed) == 1
    assert "a proof of seal 9, which is missing" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"\0", b"\0OpenTimestamps\0\0Proof\0", b"\xff" * 5_000])
def test_what_is_no_proof_is_told(
    content: bytes, sealed: Sealed, calendar: Calendar, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sealing(sealed, calendar) == 0
    [path] = proofs(sealed)
    path.write_bytes(content or path.read_bytes()[:-1])
    assert verifying(sealed) == 1
    assert "is no proof of OpenTimestamps" in capsys.readouterr().out


@pytest.mark.parametrize("lie", [b"", b"\xff", b"\xff" * 10_000, b"\x08" * 9_999])
def test_a_calendar_that_lies_costs_a_warning(
    lie: bytes, sealed: Sealed, calendar: Calendar, capsys: pytest.CaptureFixture[str]
) -> None:
    calendar.lies = lie
    assert sealing(sealed, calendar) == 1
    assert f"warning: no proof from {calendar.url}" in capsys.readouterr().err
    assert proofs(sealed) == []
    calendar.lies = None
    assert sealing(sealed, calendar) == 0, "the same command finishes"


def test_a_calendar_that_is_down_costs_a_warning(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["seal", "--home", str(sealed.home), "--ots", "http://127.0.0.1:9/"]) == 1
    assert "warning: no proof from http://127.0.0.1:9/" in capsys.readouterr().err
    assert main(["seal", "--home", str(sealed.home), "--ots", "file:///etc/passwd"]) == 2
    assert "is no http(s) URL" in capsys.readouterr().err
