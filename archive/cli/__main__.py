"""`python -m archive.cli`: the archive's commands where Scrapy is not installed."""

import sys

from archive.cli import main

sys.exit(main())
