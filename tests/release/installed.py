"""The wheel in an empty environment and an empty folder: what a user of it gets."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LOCKED = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)( ; [^\\\n]*?)? *\\?$", re.MULTILINE)


def constraints(lock: str) -> str:
    """The lock's versions without their hashes: what is installed is tested, whatever came since."""
    return "".join(f"{name}=={version}{marker}\n" for name, version, marker in LOCKED.findall(lock))


def install(wheel: Path, lock: Path, folder: Path) -> Path:
    """Makes an environment with the wheel and what it declares, no more; returns its bin folder."""
    pinned = folder / "constraints.txt"
    pinned.write_text(constraints(lock.read_text("utf-8")), "utf-8")
    environment = folder / "environment"
    python = environment / "bin" / "python"
    if uv := shutil.which("uv"):
        steps = [
            [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(environment)],
            [uv, "pip", "install", "--quiet", "--python", str(python)],
        ]
    else:
        steps = [
            [sys.executable, "-m", "venv", str(environment)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
        ]
    steps[1] += ["-c", str(pinned), str(wheel)]
    for step in steps:
        subprocess.run(step, check=True)
    return python.parent


def gongkai(installed: Path, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Runs the installed command in `home`; nothing of the checkout or of this shell goes along."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    clean = {"PATH": f"{installed}:/usr/bin:/bin", "HOME": str(home), **kept}
    command = [str(installed / "gongkai"), *words]
    return subprocess.run(command, cwd=home, env=clean, capture_output=True, text=True, check=False)


# What a user tries first, each with the status and a word that its output must have.
STORY = (
    (("--version",), "gongkai "),
    (("demo",), "figures of form f19"),
    (("--home", "demo-data", "verify"), "0 errors, 0 warnings"),
    (("--home", "demo-data", "verify", "--deep"), "0 errors, 0 warnings"),
    (("--home", "demo-data", "search", "政府信息公开申请"), "http://127.0.0.1"),
    (("--home", "demo-data", "export", "figures", "-o", "figures.parquet"), "figures.parquet"),
    (("--home", "demo-data", "coverage", "--from", "2014"), "+ present"),
    (("portals", "check"), "every row is usable"),
)


def failures(installed: Path, home: Path) -> list[str]:
    """One line for each step of the story that went otherwise."""
    home.mkdir()
    # What a folder may hold: a module that is called like one of ours.
    (home / "settings.py").write_text("DEBUG = True\n")
    (home / "archive").mkdir()
    (home / "archive" / "__init__.py").touch()
    wrong = []
    for words, expected in STORY:
        done = gongkai(installed, home, *words)
        if done.returncode or expected not in done.stdout:
            told = done.stderr.strip() or done.stdout[-500:]
            wrong.append(f"gongkai {' '.join(words)} ended with {done.returncode}: {told}")
    return wrong
