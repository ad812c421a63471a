"""Outside programs that turn old Word files (.doc, .wps, .rtf) and archives (.rar, .7z) into what
the reader reads.

LibreOffice gives a .docx with whole tables; antiword gives text with tables drawn in bars; bsdtar
gives a zip file of the same members, unpacking none to disk. None of them is needed: without them
a finding names what to install. Each conversion is a child process in a
folder of its own, without a shell, with limits on time, memory and what it may write, ended with
its parent, and where the system allows it without a network.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zipfile import ZipFile

from archive.model.reading import Source
from archive.reading.files.locked import is_locked, locked_members, without_locked
from archive.reading.files.magic import CONVERTED_KINDS, REPACKED_KINDS, kind_of
from archive.reading.files.packed import Packed
from archive.reading.files.refusal import RefusedError

TIME_LIMIT_S: Final = 25.0  # two programs in turn stay within the time a reading has
REPACKING_LIMIT_S: Final = 4.0  # and so does an archive before them, opened twice
MEMORY_LIMIT_BYTES: Final = 2 * 1024**3
OUTPUT_LIMIT_BYTES: Final = 64 * 1024**2
CPU_LIMIT_S: Final = 60
MAX_MEMBERS: Final = 2
MISSING: Final = (
    "no program is installed that reads {kind} files: apt-get install libreoffice-writer-nogui"
    " (or antiword, for .doc)"
)
MISSING_BSDTAR: Final = (
    "no program is installed that opens {kind} archives: apt-get install libarchive-tools"
)
# libarchive takes a RAR file that ends with a stored .docx for that .docx, since it looks for the
# end of a zip file in the last 16 KiB. Both RAR and 7z files say themselves where they end.
_BEHIND: Final = bytes(32 * 1024)
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
</item>
</oor:items>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where the converters lie; None for one that is not installed."""

    soffice: str | None = None
    antiword: str | None = None
    bsdtar: str | None = None
    time_limit_s: float = TIME_LIMIT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What a program made (None: nothing) and its name, or why it made nothing."""

    conversion: str
    body: bytes | None = None
    is_text: bool = False


_Convert = Callable[[Path, Programs], _Made]


@cache
def installed() -> Programs:
    """The converters on the PATH."""
    return Programs(
        soffice=shutil.which("soffice") or shutil.which("libreoffice"),
        antiword=shutil.which("antiword"),
        bsdtar=shutil.which("bsdtar"),
    )


def with_conversion(source: Source, programs: Programs | None = None) -> Source:
    """The source, with what an outside program made of it when only such a program can read it.

    Every other source comes back as it is; so does one that only a password opens. Never raises
    for what the file or the program does: a conversion that failed is named in `conversion`, with
    `converted` None.
    """
    programs = programs or installed()
    kind = kind_of(source.body)
    if kind == "zip":
        made = _with_members(source.body, programs)
        return replace(source, conversion="LibreOffice", converted=made) if made else source
    if is_locked(source.body, kind or ""):
        return source
    if kind in REPACKED_KINDS:
        return _repacked(source, kind, programs)
    if kind not in CONVERTED_KINDS:
        return source
    one = _convert(kind, source.body, programs)
    return replace(
        source, conversion=one.conversion, converted=one.body, converted_is_text=one.is_text
    )


def _repacked(source: Source, kind: str, programs: Programs) -> Source:
    """An archive as a zip file, old Word files in it converted as well; without members that a
    password opens, over which bsdtar would end.
    """
    if programs.bsdtar is None:
        return replace(source, conversion=MISSING_BSDTAR.format(kind=kind))
    body = without_locked(source.body) if locked_members(source.body) else source.body
    made = _in_own_folder(kind, body + _BEHIND, _by_bsdtar, programs)
    if made.body is None:
        return replace(source, conversion=made.conversion)
    better = _with_members(made.body, programs)
    conversion = f"{made.conversion} and LibreOffice" if better else made.conversion
    return replace(source, conversion=conversion, converted=better or made.body)


def _with_members(body: bytes, programs: Programs) -> bytes | None:
    """A zip file in which old Word files are replaced by the .docx that LibreOffice made of them;
    None where it made none. More than two would take longer than a reading may.
    """
    if programs.soffice is None:
        return None
    made: dict[str, bytes] = {}
    kept = BytesIO()
    try:
        packed, again = Packed(body), Packed(body)
        old = (name for name in packed.names if kind_of(packed.read(name)) in CONVERTED_KINDS)
        for name in islice(old, MAX_MEMBERS):
            member = again.read(name)
            one = _in_own_folder(kind_of(member) or "doc", member, _by_libreoffice, programs)
            made |= {name: one.body} if one.body is not None else {}
        if not made:
            return None
        whole = Packed(body)
        with ZipFile(kept, "w") as container:
            for name in whole.names:
                container.writestr(name, made.get(name) or whole.read(name))
    except RefusedError:
        return None
    return kept.getvalue()


def _convert(kind: str, body: bytes, programs: Programs) -> _Made:
    """The first program that makes something of it; else why the last one failed."""
    last = _Made(conversion=MISSING.format(kind=kind))
    if programs.soffice is not None:
        last = _in_own_folder(kind, body, _by_libreoffice, programs)
    if last.body is None and programs.antiword is not None and kind == "doc":
        last = _in_own_folder(kind, body, _by_antiword, programs)
    return last


def _in_own_folder(kind: str, body: bytes, convert: _Convert, programs: Programs) -> _Made:
    try:
        with tempfile.TemporaryDirectory(prefix="gongkai-") as name:
            file = Path(name) / f"file.{kind}"
            file.write_bytes(body)
            return convert(file, programs)
    except OSError as error:
        return _Made(conversion=f"the {kind} file could not be converted: {error.strerror}")


def _by_libreoffice(file: Path, programs: Programs) -> _Made:
    user = file.parent / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_PROFILE, "utf-8")
    arguments = [
        programs.soffice or "",
        "--headless", "--norestore", "--nolockcheck", "--nodefault",
        f"-env:UserInstallation={(file.parent / 'profile').as_uri()}",
        "--convert-to", "docx", "--outdir", str(file.parent / "made"), str(file),
    ]  # fmt: skip
    refused = _run(arguments, file.parent, programs.time_limit_s)
    made = file.parent / "made" / f"{file.stem}.docx"
    return _taken(made, "LibreOffice", refused, is_text=False)


def _by_antiword(file: Path, programs: Programs) -> _Made:
    arguments = [programs.antiword or "", "-m", "UTF-8.txt", "-w", "0", str(file)]
    refused = _run(arguments, file.parent, programs.time_limit_s)
    return _taken(file.parent / "output", "antiword", refused, is_text=True)


def _by_bsdtar(file: Path, programs: Programs) -> _Made:
    """Member by member into a zip file: their names are never paths on this machine. Old RAR files
    do not say how names are spelled (in China it is GBK): as they are no UTF-8, the zip file gets
    their bytes as they stand, which is how zip files in China spell them too.
    """
    last = _Made(conversion="bsdtar made nothing of the file")
    for number, locale in enumerate(("C.UTF-8", "C")):
        made = file.parent / f"made{number}.zip"
        arguments = [
            "env", f"LC_ALL={locale}", programs.bsdtar or "",
            "-c", "--format", "zip", "-f", str(made), f"@{file}",
        ]  # fmt: skip
        refused = _run(arguments, file.parent, min(programs.time_limit_s, REPACKING_LIMIT_S))
        last = _taken(made, "bsdtar", refused, is_text=False)
        if last.body is not None and _opens(last.body):
            break
    return last


def _opens(body: bytes) -> bool:
    try:
        return bool(Packed(body).names)
    except RefusedError:
        return False


def _taken(made: Path, program: str, refused: str | None, *, is_text: bool) -> _Made:
    if refused is not None:
        return _Made(conversion=f"{program} {refused}")
    if not made.is_file() or not made.stat().st_size:
        return _Made(conversion=f"{program} made nothing of the file")
    if made.stat().st_size >= OUTPUT_LIMIT_BYTES:
        return _Made(conversion=f"{program} made more than {OUTPUT_LIMIT_BYTES} bytes of the file")
    return _Made(conversion=program, body=made.read_bytes(), is_text=is_text)


def _run(arguments: Sequence[str], folder: Path, time_limit_s: float) -> str | None:
    """Runs a program in a folder, its output in the file `output`. None when it ended well; else
    what went wrong, in words that follow its name.
    """
    with (folder / "output").open("wb") as output, (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - a list of arguments; the file's name is ours
            [*_fences(), *arguments],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(time_limit_s)
        except subprocess.TimeoutExpired:
            return f"took longer than {time_limit_s:g} s"
        finally:
            _end(process)
    return None if status == 0 else f"failed ({status}){_said(folder)}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """The program and all it started; also after it ended well (LibreOffice leaves helpers)."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _said(folder: Path) -> str:
    errors = (folder / "errors").read_bytes()[:2000].decode("utf-8", "replace")
    words = " ".join(errors.replace(str(folder), "").split())
    return f": {words[:200]}" if words else ""


def _environment(folder: Path) -> Mapping[str, str]:
    """Nothing of ours but the PATH: no proxy, no home, no keys."""
    return MappingProxyType(
        {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
        }
    )


@cache
def _fences() -> tuple[str, ...]:
    """What is put before a program: util-linux's tools, as far as they are there and work."""
    limits = (
        "prlimit", f"--as={MEMORY_LIMIT_BYTES}", f"--fsize={OUTPUT_LIMIT_BYTES}",
        f"--cpu={CPU_LIMIT_S}", "--core=0",
    )  # fmt: skip
    fences: tuple[str, ...] = ()
    for fence in (
        ("unshare", "--map-root-user", "--net"),
        ("setpriv", "--pdeathsig", "KILL"),
        limits,
    ):
        if _works([*fences, *fence]):
            fences += fence
    return fences


def _works(fence: Sequence[str]) -> bool:
    if shutil.which(fence[0]) is None:
        return False
    tried = subprocess.run(  # noqa: S603 - our own list of arguments
        [*fence, "true"], capture_output=True, check=False, timeout=10
    )
    return tried.returncode == 0
