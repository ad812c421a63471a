"""Scrapy commands of ours; they work from the project's root.

knows: how Scrapy registers a command.
never knows: SQL, HTML.
neighbours: crawler.job.
"""
