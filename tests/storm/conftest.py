import os
import subprocess
from pathlib import Path

import pytest

from tests.support.command import ROOT, Gongkai

SETTINGS = "tests.storm.settings"


class Storm(Gongkai):
    """The command over a home with a catalogue, with the county's settings: every name leads to a
    closed door of this machine.
    """

    settings = SETTINGS

    def start(self, *args: str, **options: object) -> "subprocess.Popen[str]":
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {
            "SCRAPY_SETTINGS_MODULE": self.settings,
            "GONGKAI_CONTACT": "storm@example.org",
        }
        command = [*self.program(), *args, "--home", str(self.home)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def run(self, *args: str, status: int | None = 0, patience_s: float = 100) -> str:
        """As Gongkai.run, with as much patience as a long night needs."""
        process = self.start(*args)
        out, err = process.communicate(timeout=patience_s)
        assert status in (None, process.returncode), (
            f"{args} ended {process.returncode}: {out}{err}"
        )
        self.stderr = err
        return out

    def catalogue(self, rows: dict[str, str], more: str = "") -> None:
        """HOME/portals.toml: entries by key, and lines that every row has."""
        self.home.mkdir(exist_ok=True)
        text = "".join(
            f'[{key}]\nname = "{key}"\nentries = ["{entry}"]\n{more}\n'
            for key, entry in rows.items()
        )
        (self.home / "portals.toml").write_text(text)


@pytest.fixture
def storm(tmp_path: Path) -> Storm:
    return Storm(tmp_path / "home")
