"""The tools that keep the tests honest are switched on: pytest's strictness, the CI script."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project_copy import PYTEST

PLANTED = {
    "an unknown marker": "import pytest\n@pytest.mark.slwo\ndef test_a(): pass\n",
    "an expected failure that passes": (
        "import pytest\n@pytest.mark.xfail(reason='was broken')\ndef test_a(): pass\n"
    ),
    "a warning": "import warnings\ndef test_a(): warnings.warn('soon gone', stacklevel=1)\n",
    "a file left open": "def test_a(): open(__file__)\n",
}


@pytest.mark.parametrize("breach", PLANTED)
def test_pytest_fails_on(breach: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "test_planted.py").write_text(PLANTED[breach])
    assert run_pytest(root, tmp_path) != 0


def test_pytest_passes_a_plain_test(root: Path, tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text("def test_a(): pass\n")
    assert run_pytest(root, tmp_path) == 0


def run_pytest(root: Path, folder: Path) -> int:
    command = [sys.executable, "-m", *PYTEST, "-q", "-c", str(root / "pyproject.toml")]
    command += ["--rootdir", str(folder), str(folder)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


def test_ci_is_make_test_then_postgresql(root: Path) -> None:
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    calls = re.findall(
        r"^ *(?:exec )?(\S.* )?make (\w+) </dev/null$", script.read_text(), re.MULTILINE
    )
    assert calls == [("", "test"), (".ci/with-postgresql ", "postgresql")]


@pytest.mark.parametrize("failing", ["", "update", "make", "packages"])
def test_ci_installs_packages_beside_the_environments_and_ends_where_either_fails(
    root: Path, tmp_path: Path, failing: str
) -> None:
    """On a machine that has next to nothing; `called` is what was asked of its programs."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(root / ".ci" / "run", tmp_path / ".ci")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname", "id", "ls", "python3", "gzip", "sleep"):
        (tools / name).symlink_to(str(shutil.which(name)))
    told = f'echo "${{0##*/}} $*" >> {tmp_path}/called'
    fails = {
        "update": 'case "$*" in *update*) exit 1 ;; esac',
        "packages": 'case "$*" in *chromium*) sleep 0.5; exit 1 ;; esac',
    }
    scripts = {
        "make": f'{told}\ncase "$*" in -j*) exit {int(failing == "make")} ;; esac',
        "apt-get": f"{told}\n{fails.get(failing, '')}",
        ".ci/with-postgresql": 'exec "$@"',
        "sudo": 'shift\nexec "$@"',
        "uv": "exit 1",
        "mkdir": "exit 0",
        "tee": "exit 0",
    }
    for name, script in scripts.items():
        path = tmp_path / name if name.startswith(".ci") else tools / name
        path.write_text(f"#!{tools}/bash\n{script}\n")
        path.chmod(0o755)
    done = subprocess.run(
        [tmp_path / ".ci" / "run"], cwd=tmp_path, env={"PATH": str(tools)},
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    called = (tmp_path / "called").read_text().splitlines()
    assert (done.returncode == 0) is (not failing), done.stderr
    assert any(line.startswith("make -j 2 ") for line in called), "they need no package of these"
    assert ("make test" in called) is (not failing)
    if failing != "update":
        assert any(" chromium " in line for line in called)


def test_make_test_runs_the_checks_then_all_tests_but_the_slow(root: Path) -> None:
    plan = subprocess.run(
        ["make", "-n", "--no-print-directory", "test"],
        cwd=root,
        env={"PATH": os.environ["PATH"]},  # not inside the make that runs these tests
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    steps = re.findall(r"bin/(ruff format --check|ruff check|lint-imports|mypy)", plan)
    assert steps == ["ruff format --check", "ruff check", "lint-imports", "mypy"]
    assert len(re.findall('-m pytest -m "not slow" ', plan)) == 1


@pytest.mark.parametrize("failing", ["", "ruff", "lint-imports", "mypy", "python"])
def test_make_test_fails_with_each_of_its_steps_and_says_so_at_the_end(
    root: Path, tmp_path: Path, failing: str
) -> None:
    (tmp_path / "bin").mkdir()
    for tool in ("ruff", "lint-imports", "mypy", "python"):
        script = tmp_path / "bin" / tool
        script.write_text(f"#!/bin/sh\necho {tool} was run\nexit {int(tool == failing)}\n")
        script.chmod(0o755)
    (tmp_path / ".stamp").touch()
    done = subprocess.run(
        ["make", "--no-print-directory", "test", f"VENV={tmp_path}", f"REPLAY={tmp_path}"],
        cwd=root, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == bool(failing)
    said = [line for line in done.stdout.splitlines() if line.endswith("was run")]
    assert said[-1].split()[0] == (failing if failing in {"ruff", "lint-imports"} else "mypy")
