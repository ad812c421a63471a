"""CONTRIBUTING.md tells what works: each of its commands is executed, in a copy of the project."""

import re
import shlex
from pathlib import Path

from crawler.demo.server import DemoPortal
from tests.support.project_copy import PYTEST

MODULES = {"scrapy": ("scrapy",), "pytest": PYTEST, "gongkai": ("crawler.cli",)}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    return [content for found, content in FENCE.findall(text) if found == language]


def test_every_command_of_the_contributors_page_does_what_it_says(run, project, root: Path):
    with DemoPortal(per_list=40) as portal:
        page = (root / "CONTRIBUTING.md").read_text("utf-8")
        page = page.replace("http://127.0.0.1:8000", portal.url)
        lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
        commands = [line for line in lines if not line.endswith("&")]
        for command in commands:
            words, _, note = command.partition("  # ")
            program, *arguments = shlex.split(words)
            done = run(*MODULES[program], *arguments)
            assert done.returncode == (1 if note.startswith("fails") else 0), command + done.stderr
            assert not note or "compare expected.toml" in done.stdout
    assert len(commands) >= 8
    row = (project / "settings" / "portals" / "chengxi.toml").read_text("utf-8")
    assert [row] == blocks(page, "toml")


def test_a_background_server_is_the_only_command_left_out(root: Path):
    page = (root / "CONTRIBUTING.md").read_text("utf-8")
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    assert [line for line in lines if line.endswith("&")] == [
        "python -m crawler.demo --port 8000 &"
    ]
