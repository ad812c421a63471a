"""Starts Chromium for scrapy-playwright, watches what it takes, and leaves nothing of it behind.

The browser has no network of its own: every request that a page makes is answered by
crawler.browser.page. It lives in an empty network namespace, so that nothing it can think of leaves
(WebRTC sends datagrams past every proxy); where the machine gives none, flags and a script before
every page take away what could. It has its sandbox: root hands it to the user nobody, for Chromium
refuses its sandbox to root; without one it runs only where GONGKAI_BROWSER_NO_SANDBOX=1 says so.
Its files lie in a folder of its own; its processes are one group.
"""

import ctypes
import logging
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from playwright.async_api import Browser as Chromium
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawler.errors import NoBrowserError

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_SANDBOX: Final = "GONGKAI_BROWSER_NO_SANDBOX"
MISSING: Final = "needs a browser: apt-get install chromium"
START_TIMEOUT_MS: Final = 30_000
# Nothing leaves the browser by itself: a closed proxy, no names, no QUIC, no chatter of its own.
FLAGS: Final = (
    "--proxy-server=http://127.0.0.1:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-quic",
    "--disable-http2",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--disable-gpu",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--js-flags=--max-old-space-size=512",
)
# Before any page's own scripts. A namespace without network reads as offline, which is no news.
ONLINE: Final = "Object.defineProperty(Navigator.prototype, 'onLine', {get: () => true});"
NO_PEERS: Final = """for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection",
  "RTCDataChannel", "RTCIceTransport", "RTCDtlsTransport", "RTCSctpTransport", "WebTransport"]) {
  delete globalThis[name];
}"""
_NOBODY: Final = 65534
_AS_NOBODY: Final = (
    "setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups",
)  # fmt: skip
_PREFIX: Final = "gongkai-browser-"
_PR_SET_CHILD_SUBREAPER: Final = 36
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """How Chromium is started. before: the programs that stand before it. sandbox: its own."""

    before: tuple[str, ...]
    sandbox: bool

    @property
    def without_network(self) -> bool:
        """Whether the kernel gives it none; else its flags have to."""
        return "--net" in self.before

    def put_before(self, chromium: str, folder: Path) -> None:
        """Writes folder/chromium, which starts the real one behind the fence."""
        lines = ["#!/bin/sh"]
        if _AS_NOBODY[1] in self.before:
            os.chown(folder, _NOBODY, _NOBODY)
            own = f'chown -R {_NOBODY}:{_NOBODY} "${{each#*=}}"'
            lines += ["for each; do", f'case "$each" in --user-data-dir=*) {own} ;; esac', "done"]
        lines.append(f'exec {shlex.join([*self.before, chromium])} "$@"')
        script = folder / "chromium"
        script.write_text("\n".join([*lines, ""]), encoding="utf-8")
        script.chmod(0o755)


def fences() -> Iterator[Fence]:
    """The ways to start Chromium here that are safe enough, the best one first."""
    is_root, sandbox = os.geteuid() == 0, os.environ.get(NO_SANDBOX) != "1"
    as_whom = _AS_NOBODY if is_root and sandbox else ()
    namespace = ("unshare", "--net") if is_root else ("unshare", "--map-current-user", "--net")
    for before in ((*namespace, *as_whom), as_whom):
        if not before or _works(before):
            yield Fence(before=before, sandbox=sandbox)


def _works(before: Sequence[str]) -> bool:
    if shutil.which(before[0]) is None:
        return False
    tried = subprocess.run(  # noqa: S603 - our own list of arguments
        [*before, "true"], capture_output=True, check=False, timeout=10
    )
    return tried.returncode == 0


class ChromiumProvider(PlaywrightBrowserProvider):  # type: ignore[misc]  # the library has no types
    """Starts Playwright's driver and Chromium when the first page needs them, not before."""

    folder: Path | None = None
    script: str = ""  # to be run before every page's own

    async def start(self) -> None:
        """Nothing yet: most crawls never need a browser."""

    async def launch_browser(self) -> Chromium:
        """A running Chromium without network. NoBrowserError: none is installed, or none starts."""
        sweep()
        adopt_orphans()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        try:
            with _temporary_files_in(self.folder):
                await super().start()
        except Exception as error:
            raise NoBrowserError(_why(error)) from error
        return await self._launched(self.folder)

    async def _launched(self, folder: Path) -> Chromium:
        path = find_chromium() or str(self.browser_type.executable_path)
        if shutil.which(path) is None:
            raise NoBrowserError(MISSING)
        failure: Exception = OSError("no way to start it")
        for fence in fences():
            try:
                fence.put_before(path, folder)
                options = self._options(folder, fence)
                chromium: Chromium = await self.browser_type.launch(**options)
            except Exception as error:  # noqa: BLE001 - the next fence may work
                logger.warning("no browser with %s: %s", fence, first_line(error))
                failure = error
            else:
                self.script = ONLINE if fence.without_network else NO_PEERS
                return chromium
        raise NoBrowserError(_why(failure)) from failure

    def _options(self, folder: Path, fence: "Fence") -> dict[str, Any]:
        return {
            "executable_path": str(folder / "chromium"),
            "args": list(FLAGS),
            "chromium_sandbox": fence.sandbox,
            "env": _environment(folder),
            "timeout": START_TIMEOUT_MS,
            # Ctrl-C is the crawl's: it ends the browser when it has ended itself.
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        }

    async def close(self) -> None:
        """Ends the driver, whatever still runs of Chromium, and removes its files."""
        with suppress(Exception):  # a driver that died has nothing to close
            await super().close()
        if self.folder is not None:
            kill(self.folder)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        reap()


def find_chromium() -> str | None:
    """The browser of the system; None leaves it to Playwright, which may have one of its own."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None)


def memory_bytes(folder: Path) -> int:
    """What the processes of a browser hold for themselves (shared pages are not counted)."""
    total = 0
    for process in processes(folder):
        with suppress(psutil.Error):
            memory = process.memory_info()
            total += memory.rss - getattr(memory, "shared", 0)
    return total


def processes(folder: Path) -> list[psutil.Process]:
    """The processes of the browser whose files lie in `folder`: its process group."""
    mine, found = f"--user-data-dir={folder}", list(psutil.process_iter(["cmdline"]))
    groups = {_group(each) for each in found if mine in " ".join(each.info["cmdline"] or ())}
    groups -= {None, os.getpgrp()}  # the driver's: it ends with us
    return [each for each in found if _group(each) in groups]


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except OSError:  # it has ended
        return None


def kill(folder: Path) -> None:
    """Ends every process of a browser at once."""
    for process in processes(folder):
        with suppress(psutil.Error):  # it has ended, or is root's: the sandbox's own helper
            process.kill()


def adopt_orphans() -> None:
    """Children that Chromium leaves behind become ours, so that `reap` can clear them away: in
    containers nobody else does.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def reap() -> None:
    """Clears away the ended processes of a browser that were handed to us."""
    for child in psutil.Process().children():
        with suppress(psutil.Error, ChildProcessError):
            if child.status() == psutil.STATUS_ZOMBIE and child.name().startswith("chrom"):
                os.waitpid(child.pid, os.WNOHANG)


def sweep() -> None:
    """Removes the folders of browsers whose crawl was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Playwright's driver puts the browser's profile where TMPDIR said when it was started."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


def _environment(folder: Path) -> dict[str, str | float | bool]:
    """Nothing of ours but where programs and fonts are; what it writes goes into its folder."""
    kept = {n: os.environ[n] for n in ("PATH", "LANG", "LC_ALL") if n in os.environ}
    own = str(folder)
    return {**kept, "HOME": own, "TMPDIR": own, "XDG_CONFIG_HOME": own, "XDG_CACHE_HOME": own}


def _why(error: Exception) -> str:
    if find_chromium() is None:
        return MISSING
    why = f"needs a browser, and Chromium does not start: {first_line(error)}"
    if os.geteuid() == 0 and os.environ.get(NO_SANDBOX) != "1":
        why = (
            "needs a browser, and Chromium does not start with its sandbox for root: crawl as"
            f" another user, or set {NO_SANDBOX}=1 where the machine itself is the fence"
        )
    return why


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
