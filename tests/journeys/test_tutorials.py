"""The tutorials' commands work as they stand, one behind the other, in an empty folder."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def story(page: str, port: int) -> str:
    """A script that stops at the first command that does not end as the page says."""
    script = ["set -e"]
    for line in "".join(FENCE.findall(page)).splitlines():
        command, _, note = line.partition("  # ")
        ends = re.fullmatch(r"ends with (\d)", note)
        if ends:
            command = f"status=0; {command} || status=$?; test $status = {ends[1]}"
        script.append(command)
    return "\n".join(script).replace("--port 8000", f"--port {port}").replace(":8000", f":{port}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["crawl", "replay", "query"])
def test_a_tutorial_works_as_it_stands(name: str, root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "tutorials" / f"{name}.md").read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = story(page, port)
    if name == "crawl":
        script = waiting(script, port)
    clean = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(root),
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path, env=clean, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr
    assert "Traceback" not in done.stderr


def waiting(script: str, port: int) -> str:
    """The script with a wait for the server's url in place of the reader's."""
    start = f"python -m crawler.demo --port {port} &"
    assert script.count(start) == 1
    started = f"python -m crawler.demo --port {port} > server.txt & until grep -q http server.txt"
    return "set -m\n" + script.replace(start, f"{started}; do sleep 0.1; done")


def test_a_command_that_ends_otherwise_stops_the_story() -> None:
    script = story("```sh\nfalse  # ends with 1\necho a\nfalse\necho b\n```\n", 1)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "a\n")
