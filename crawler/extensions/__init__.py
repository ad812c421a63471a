"""Scrapy extensions of ours: how a run shows itself while it goes on.

knows: Scrapy signals, the session's counts.
never knows: what a page says.
neighbours: crawler.session, archive.terminal.
"""
