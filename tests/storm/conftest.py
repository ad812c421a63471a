from pathlib import Path

import pytest

from tests.support.command import Gongkai

SETTINGS = "tests.storm.settings"


class Storm(Gongkai):
    """The command over a home with a catalogue, with the county's settings: every name leads to a
    closed door of this machine.
    """

    settings = SETTINGS

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "SCRAPY_SETTINGS_MODULE": self.settings,
            "GONGKAI_CONTACT": "storm@example.org",
        }

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
