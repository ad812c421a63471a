"""`python -m crawler.cli`: the command `gongkai`."""

import sys

from crawler.cli import main

sys.exit(main())
