"""How a command of `gongkai` is spelled, started and ended: options that stand before or after it,
exit statuses, errors of one line.
"""

import argparse
import errno
import gc
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType
from typing import NoReturn, TypeAlias

from archive.environment import database_named
from archive.model.content import printable
from archive.model.errors import DamageError, GongkaiError, UsageError, check_order
from archive.terminal import Ui

DONE, BAD, USAGE, INTERRUPTED, CANNOT_RUN = range(5)
READER_GONE = 128 + signal.SIGPIPE

DEFAULT_HOME = "gongkai-data"

_ROOM = "make room and run the same command again"
_ELSEWHERE = "give access, or choose another place (--home, -o)"
_HELPS = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EROFS: "it is on a disk that cannot be written; choose another place (--home, -o)",
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EIO: "the disk cannot be read or written; look at its health",
    errno.EMFILE: "too many files are open (ulimit -n)",
}

_BOUNDS = (("first", "last"), ("from_on", "to_on"))  # where commands keep --from and --to

Handler: TypeAlias = Callable[[argparse.Namespace, Ui], int]


class _HelpFormatter(argparse.HelpFormatter):
    """Keeps the lines of descriptions and examples; wraps those longer than the terminal."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        lines = text.splitlines()
        # What is indented is a command to be copied.
        return "\n".join(
            each if each.startswith(" ") else fill(each, width, indent) for each in lines
        )


class Parser(argparse.ArgumentParser):
    """A parser whose subcommands all take the common options and whose errors are one line.

    >>> Parser(prog="gongkai").parse_args(["--json"]).json
    True
    """

    def __init__(self, **settings: object) -> None:
        settings.setdefault("allow_abbrev", False)
        settings.setdefault("formatter_class", _HelpFormatter)
        super().__init__(**settings)  # type: ignore[arg-type]  # argparse's own keywords
        common_options(self)

    def error(self, message: str) -> NoReturn:
        """Says what is wrong in one line and ends with status 2."""
        line = printable(_with_meant(message))
        self.exit(USAGE, f"{self.prog}: {line} (see {self.prog} --help)\n")


_INVALID_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")


def _with_meant(message: str) -> str:
    """Argparse's word on a choice that does not exist, with the one that was probably meant.

    >>> _with_meant("argument command: invalid choice: 'crwal' (choose from 'crawl', 'ask')")
    "argument command: invalid choice: 'crwal', did you mean 'crawl'? (choose from 'crawl', 'ask')"
    """
    found = _INVALID_CHOICE.search(message)
    if found is None:
        return message
    choices = [each.strip("' ") for each in found[2].split(",")]
    meant = get_close_matches(found[1], choices, n=1)
    if not meant:
        return message
    end = found.end(1) + 1
    return f"{message[:end]}, did you mean {meant[0]!r}?{message[end:]}"


# The type that add_subparsers gives has no public name.
Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - see above


def common_options(parser: argparse.ArgumentParser) -> None:
    """Adds --home, --json, --progress and --debug. They have no default here, so that a subcommand
    that was not given one does not wipe out what stood before it; `run` fills the gaps.
    """
    group = parser.add_argument_group("common options (before or after the command)")
    group.add_argument(
        "--home", metavar="DIR", default=argparse.SUPPRESS,
        help=f"where the archive lives (GONGKAI_HOME, else ./{DEFAULT_HOME})",
    )  # fmt: skip
    group.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable output"
    )
    group.add_argument(
        "--progress", action="store_true", default=argparse.SUPPRESS,
        help="tell how far it is where there is no terminal too",
    )  # fmt: skip
    group.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks"
    )


def help_of(parser: argparse.ArgumentParser) -> Handler:
    """The handler of a command that was given no subcommand: it prints the help, exit status 0."""

    def show(_: argparse.Namespace, ui: Ui) -> int:
        ui.line(parser.format_help().rstrip())
        return DONE

    return show


def port(text: str) -> int:
    """A TCP port as the command line gives it; 0 asks for a free one."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 0 to 65535")
    return int(text)


def count(text: str) -> int:
    """A number of things as the command line gives it, 1 or more."""
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 to 1,000,000")
    return int(text)


def count_or_none(text: str) -> int:
    """As `count`, or 0."""
    return 0 if text == "0" else count(text)


def seconds(text: str) -> float:
    """A pause as the command line gives it, in seconds; a day at most."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, 0 to 86400")
    return value


@dataclass(frozen=True, slots=True)
class Deferred:
    """The handler `module:function`, whose module is imported when the command runs: a database and
    a reader are not loaded to print a help.
    """

    place: str

    def __call__(self, args: argparse.Namespace, ui: Ui) -> int:
        """The exit status of the command."""
        module, _, function = self.place.partition(":")
        handler: Handler = getattr(_loaded(module), function)
        return handler(args, ui)


def _loaded(module: str) -> ModuleType:
    """The module. What importing makes lives until the end: the collector of garbage neither goes
    through it on the way, nor later, which is a tenth of what a short command takes.
    """
    if gc.get_freeze_count():  # not the first command of this process
        return import_module(module)
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def add_version(parser: argparse.ArgumentParser) -> None:
    """Adds --version to the command itself."""
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version")


class _ShowVersion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - takes as long as all the rest

        sys.stdout.write(f"{parser.prog} {version('gongkai')}\n")
        parser.exit()


def home_of(args: argparse.Namespace) -> Path:
    """The archive's folder: --home, else GONGKAI_HOME, else ./gongkai-data."""
    return Path(getattr(args, "home", None) or os.environ.get("GONGKAI_HOME") or DEFAULT_HOME)


def ledger_of(args: argparse.Namespace) -> str | Path:
    """Where the ledger is, for Store.open: GONGKAI_DATABASE_URL, else the archive's folder."""
    return database_named() or home_of(args)


def run(parser: argparse.ArgumentParser, argv: Sequence[str] | None = None) -> int:
    """Parses, calls the subcommand's `handler(args, ui)` and gives the exit status.

    Where whoever reads has had enough, it ends quietly with READER_GONE, as programs do that the
    signal of a closed pipe kills: 0 would be a verdict that nobody has seen.
    """
    args = parser.parse_args([_spelled(each) for each in (sys.argv[1:] if argv is None else argv)])
    args.home = getattr(args, "home", None)
    args.json = getattr(args, "json", False)
    args.debug = getattr(args, "debug", False)
    lines = getattr(args, "progress", False)
    ui = Ui(as_json=args.json, debug=args.debug, progress_lines=lines)
    if not ui.debug and sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _ignore_unraisable
    previous = signal.signal(signal.SIGTERM, _interrupted)
    try:
        status = _handled(args, ui)
        ui.out.flush()
    except BrokenPipeError:
        _drop_output()
        return READER_GONE
    except KeyboardInterrupt:
        ui.error("interrupted; the same command goes on")
        return INTERRUPTED
    except OSError as problem:
        return _print_error(ui, problem, CANNOT_RUN)
    else:
        return status
    finally:
        signal.signal(signal.SIGTERM, previous)


def _spelled(argument: str) -> str:
    """An argument typed in UTF-8 under a locale that knows only ASCII: Python hands its bytes over
    as lone surrogates (PEP 383). Whatever cannot be read stays as it is.
    """
    if argument.isascii() or argument.isprintable():
        return argument
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        return argument


def _handled(args: argparse.Namespace, ui: Ui) -> int:
    handler: Handler = args.handler
    try:
        for first, last in _BOUNDS:
            check_order("--from", getattr(args, first, None), "--to", getattr(args, last, None))
        return handler(args, ui)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except UsageError as problem:
        return _print_error(ui, problem, USAGE)
    except DamageError as problem:
        return _print_error(ui, problem, BAD)
    except GongkaiError as problem:
        return _print_error(ui, problem, CANNOT_RUN)
    except Exception as problem:  # noqa: BLE001 - the last fence: one line instead of a traceback
        return _print_error(ui, problem, CANNOT_RUN)


def _print_error(ui: Ui, problem: Exception, status: int) -> int:
    ui.error(_line(problem))
    if ui.debug:
        traceback.print_exception(problem, file=ui.err)
    return status


def _line(problem: Exception) -> str:
    """Our own errors say what to do; a stranger's keeps its type and how to see more."""
    text = str(problem).split("\n", 1)[0]
    if isinstance(problem, GongkaiError):
        return text or type(problem).__doc__ or type(problem).__name__
    if isinstance(problem, OSError) and problem.errno is not None:
        return refused(problem)
    return f"internal error: {type(problem).__name__}: {text} (--debug shows where)"


def refused(problem: OSError) -> str:
    """What the system refused, on which file, and what helps.

    >>> refused(OSError(28, "No space left on device", "/data/a.csv"))
    '/data/a.csv: No space left on device; make room and run the same command again'
    """
    named = problem.filename2 or problem.filename
    where = os.fsdecode(named) if isinstance(named, (str, bytes)) else "the output"
    why = problem.strerror or type(problem).__name__
    helps = _HELPS.get(problem.errno or 0)
    return f"{where}: {why}; {helps}" if helps else f"{where}: {why}"


def _ignore_unraisable(_unraisable: object) -> None:
    """What libraries meet while they clear away after an error that was printed already: their
    tracebacks would bury its one line.
    """


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _drop_output() -> None:
    """Points standard output at nothing, so that Python's last flush does not complain."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
