"""The command in another time: python -m tests.support.later SECONDS crawl …"""

import sys
from datetime import timedelta

from archive.work import clock
from crawler.cli import main

if __name__ == "__main__":  # reading processes import this module too
    ahead, today = timedelta(seconds=float(sys.argv.pop(1))), clock.now
    clock.now = lambda: today() + ahead
    sys.exit(main())
