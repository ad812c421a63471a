"""The commands of `gongkai` that go out: crawl, portals, demo; and the archive's own.

knows: argparse, portals to visit, exit statuses.
never knows: Scrapy's insides, SQL.
neighbours: archive.cli (below), crawler.job.
"""
