"""Scrapy commands of ours; they work from the project's root.

knows: how Scrapy registers a command, which files a portal, a family and a test are made of.
never knows: SQL, HTML.
neighbours: archive.work (cases, catalogue, discover).
"""
