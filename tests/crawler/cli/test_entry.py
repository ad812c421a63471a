"""The command that an earlier set-up installed goes on working after an update."""

import subprocess
import sys


def test_the_installed_script_s_import_gives_the_command_whatever_was_loaded_before() -> None:
    script = (
        "import crawler.cli.portals, crawler.cli\n"
        "from crawler.cli import main\n"
        "import sys; sys.argv = ['gongkai', '--version']; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout[:8]) == (0, "gongkai ")
