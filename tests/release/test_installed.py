"""The wheel alone, in an empty environment: the demo runs to its end and its archive is whole."""

from pathlib import Path

import pytest

from tests.release.built import build
from tests.release.installed import constraints, failures, gongkai, install


@pytest.mark.slow
def test_the_installed_wheel_runs_the_demo(root: Path, tmp_path: Path) -> None:
    wheel = build(root, tmp_path / "dist").wheel
    installed = install(wheel, root / "requirements.lock", tmp_path)
    assert failures(installed, tmp_path / "home") == []
    done = gongkai(installed, tmp_path / "home", "replay", "--home", "demo-data")
    assert done.returncode == 4
    assert "GONGKAI_REPLAY" in done.stderr


def test_a_lock_gives_its_versions() -> None:
    lock = (
        "a==1 \\\n    --hash=sha256:00\nb[c]==2 ; python_version < '4' \\\n    --hash=sha256:11\n"
    )
    assert constraints(lock) == "a==1\nb==2 ; python_version < '4'\n"


def test_a_step_that_goes_wrong_is_told(tmp_path: Path) -> None:
    command = tmp_path / "gongkai"
    command.write_text("#!/bin/sh\necho bad >&2\nexit 4\n")
    command.chmod(0o755)
    assert "gongkai demo ended with 4: bad" in failures(tmp_path, tmp_path / "home")
