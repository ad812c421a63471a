"""Runs pywb, the replay engine, in a process and an environment of its own.

pywb is GPL-3 and pins old versions, so it is never imported: it is started as a program from
`.venv-replay`, reads the WARC files itself, and asks our CDX service what there is. It runs in an
empty folder (a folder `collections` would override its configuration) and ends with us, however we
end.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from archive.model.errors import CannotRunError

_START_TIMEOUT_S: Final = 60.0
_STOP_TIMEOUT_S: Final = 5.0
_POLL_S: Final = 0.1
_PR_SET_PDEATHSIG: Final = 1
# Where `make setup` puts it; GONGKAI_REPLAY names another, for those who have no checkout.
_ENVIRONMENT: Final = Path(__file__).resolve().parents[3] / ".venv-replay"


@contextmanager
def pywb(
    configuration: Mapping[str, object], templates: Mapping[str, str], log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The engine with that configuration and templates by file name, running and answering on a
    port of the loopback for as long as the block lasts: its process and the port. Raises
    CannotRunError when it is not there or does not start.
    """
    program = _program()
    port = usable_port("127.0.0.1", 0)
    with TemporaryDirectory(prefix="gongkai-replay-") as folder:
        (Path(folder) / "config.yaml").write_text(json.dumps(configuration), encoding="utf-8")
        (Path(folder) / "templates").mkdir()
        for name, text in templates.items():
            (Path(folder) / "templates" / name).write_text(text, encoding="utf-8")
        command = [str(program), "-b", "127.0.0.1", "-p", str(port), "-d", folder]
        with _started(command, Path(folder), log) as process:
            _wait_until_it_answers(process, f"http://127.0.0.1:{port}/", log)
            yield process, port


def _program() -> Path:
    """The command of pywb. It is started in another folder, so its path is a whole one."""
    environment = Path(os.environ.get("GONGKAI_REPLAY") or _ENVIRONMENT)
    program = environment.absolute() / "bin" / "wayback"
    if not program.exists():
        raise CannotRunError(
            f"replay needs pywb, and there is none in {environment}: run `make setup`, or name an"
            " environment that has it (GONGKAI_REPLAY)"
        )
    return program


def usable_port(host: str, port: int) -> int:
    """The port itself, or a free one for 0. CannotRunError when it is taken: another server's
    answer would be taken for that of pywb.
    """
    try:
        with socket.create_server((host, port)) as server:
            return int(server.getsockname()[1])
    except OSError as error:
        raise cannot_listen(host, port, error) from error


def cannot_listen(host: str, port: int, error: OSError) -> CannotRunError:
    """The error of a port that the system refused, with what helps."""
    why = os.strerror(error.errno) if error.errno else str(error)
    return CannotRunError(f"cannot listen on {host}:{port}: {why}; choose another --port")


@contextmanager
def _started(
    command: Sequence[str], folder: Path, log_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - a list of arguments, our own program
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_tie_to_parent(os.getpid()),  # noqa: PLW1509 - it calls the kernel only
        )
    try:
        yield process
    finally:
        _stop(process)


def _environment() -> dict[str, str]:
    """Nothing of ours: a proxy set for the crawl would carry even loopback requests away."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _tie_to_parent(parent_pid: int) -> Callable[[], None]:
    """In the child, before it becomes pywb: the kernel ends it when its parent ends."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def tie() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent_pid:
                os._exit(1)  # the parent ended before the tie was made

    return tie


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotRunError(f"pywb did not start: {_last_line(log)}")
        if _answers(url):
            return
        time.sleep(_POLL_S)
    raise CannotRunError(f"pywb did not answer within {_START_TIMEOUT_S:.0f} s; see {log}")


def _answers(url: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=2):
            return True
    except HTTPError:
        return True
    except (URLError, OSError):
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), f"see {log}")
