"""The command `gongkai demo`: the main job, start to end, against the portal that we carry.

Every crawl is a command of its own, as a user would run it, and is shown before it is run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from archive.command import BAD, DONE, home_of
from archive.model.errors import CannotRunError, UsageError
from archive.terminal import Ui
from crawler.demo.server import DemoPortal

DEFAULT_HOME: Final = "demo-data"
# The report on the latest year of 鼓楼区, 南京市.
_CORRECTED: Final = "nanjing-0"
_MARK: Final = "made by gongkai demo\n"


def run_demo(args: argparse.Namespace, ui: Ui) -> int:
    """Crawls the demo portal three times and shows what was found."""
    home = home_of(args) if _home_was_named(args) else Path(DEFAULT_HOME)
    _start_fresh(home)
    with DemoPortal() as portal:
        show = _Show(home, ui)
        show.heading(f"The demo portal: {len(portal.entries)} sites at {portal.url}")
        for key, entry in portal.entries.items():
            ui.line(f"  {key:<8}{entry}")
        status = _story(portal, show)
        ui.line(f"\nThe archive is in {home}. Try:")
        for words in _next_commands(home):
            ui.line(f"  {words}")
        if args.serve and status == DONE:
            return show.run("serve")
    return status


def _story(portal: DemoPortal, show: "_Show") -> int:
    entries = list(portal.entries.values())
    show.heading("1. The first crawl")
    status = show.run("crawl", *entries, "--delay", "0")
    show.found()
    show.heading("2. The second crawl: every page is fetched again, nothing is new")
    status = status or show.run("crawl", *entries, "--delay", "0", "--full")
    url = portal.change_report()
    other = portal.change_report(_CORRECTED)
    show.heading(f"3. One cell of one table changes in {url} and in {other}")
    status = status or show.run("crawl", *entries, "--delay", "0", "--full")
    status = status or show.run("history", url)
    status = status or show.run("diff", url)
    return BAD if status else DONE


def _home_was_named(args: argparse.Namespace) -> bool:
    return bool(args.home or os.environ.get("GONGKAI_HOME"))


def _start_fresh(home: Path) -> None:
    """An earlier demo's archive goes; anything else is not ours to delete."""
    mark = home / "DEMO"
    if home.exists() and any(home.iterdir()) and not mark.exists():
        raise UsageError(f"{home} holds something that is no demo; name another --home")
    try:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
        mark.write_text(_MARK)
    except OSError as error:
        raise CannotRunError(f"cannot write to {home}: {error.strerror}") from error


def _next_commands(home: Path) -> Sequence[str]:
    prefix = f"{typed()} --home {home}"
    return (
        f"{prefix} search 政府信息公开申请",
        f"{prefix} export figures -o figures.csv",
        f"{prefix} verify",
        f"{prefix} serve",
    )


def typed() -> str:
    """The command as it can be typed here: by its path where it is not on the search path."""
    started = Path(sys.argv[0])
    return sys.argv[0] if started.name == "gongkai" and not shutil.which("gongkai") else "gongkai"


class _Show:
    """Runs our own commands over the demo's home and says what it runs."""

    def __init__(self, home: Path, ui: Ui) -> None:
        self._home = home
        self._ui = ui

    def heading(self, text: str) -> None:
        """A line that stands out."""
        self._ui.line(f"\n{text}")
        self._ui.out.flush()

    def run(self, *words: str) -> int:
        """The exit status of a command; what it prints is seen as it comes."""
        self._ui.line(f"$ gongkai {' '.join(words)}")
        self._ui.out.flush()
        return subprocess.run(self._command(*words), check=False).returncode  # noqa: S603 - ours

    def found(self) -> None:
        """What the archive holds now: documents and figures, by form and year."""
        documents = self._rows("documents")
        kinds = Counter(str(row["kind"]) for row in documents)
        listed = ", ".join(f"{count} of kind {kind}" for kind, count in kinds.most_common())
        self._ui.line(f"found {len(documents)} documents: {listed}")
        figures = self._rows("figures")
        forms = Counter(str(row["form"]) for row in figures)
        for form, count in sorted(forms.items()):
            reports = len({row["url"] for row in figures if row["form"] == form})
            self._ui.line(f"  {count:>5} figures of form {form} in {reports} reports")
        findings = Counter(str(row["rule"]) for row in self._rows("findings"))
        doubts = ", ".join(f"{count} {rule}" for rule, count in findings.most_common())
        self._ui.line(f"  findings (doubts, never repaired silently): {doubts or 'none'}")

    def _rows(self, table: str) -> list[dict[str, object]]:
        done = subprocess.run(  # noqa: S603 - our own command
            self._command("export", table, "-o", "-", "--format", "jsonl"),
            check=True,
            stdout=subprocess.PIPE,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _command(self, *words: str) -> list[str]:
        # -P: a settings.py or an archive/ in the user's folder is none of ours.
        return [sys.executable, "-P", "-m", "crawler.cli", "--home", str(self._home), *words]
