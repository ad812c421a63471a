"""pywb may lie in any environment: without the checkout there is no .venv-replay."""

from pathlib import Path

import pytest

from archive.model.errors import CannotRunError
from archive.work.preservation import pywb_engine
from archive.work.preservation.pywb_engine import pywb


def test_another_environment_can_be_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "wayback"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho the named one\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("GONGKAI_REPLAY", tmp_path.name)
    with (
        pytest.raises(CannotRunError, match="pywb did not start: the named one"),
        pywb({}, {}, tmp_path / "replay.log"),
    ):
        pass


def test_pywb_is_looked_for_where_set_up_puts_it(root: Path) -> None:
    assert root / ".venv-replay" == pywb_engine._ENVIRONMENT
