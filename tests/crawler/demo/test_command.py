"""What `gongkai demo` tells its user to type."""

import pytest

from crawler.demo import command


@pytest.mark.parametrize(
    ("started", "found", "typed"),
    [
        (".venv/bin/gongkai", None, ".venv/bin/gongkai"),
        ("/usr/bin/gongkai", "/usr/bin/gongkai", "gongkai"),
        ("crawler/cli/__init__.py", None, "gongkai"),
    ],
)
def test_the_commands_to_try_can_be_typed_as_they_are(
    monkeypatch: pytest.MonkeyPatch, started: str, found: str | None, typed: str
) -> None:
    monkeypatch.setattr("sys.argv", [started, "demo"])
    monkeypatch.setattr("shutil.which", lambda _name: found)
    assert command.typed() == typed
