"""Fetches what portals publish, politely, and stores every exchange; it alone knows Scrapy.

knows: Scrapy, Twisted, hosts and politeness, how a run is started and ended.
never knows: SQL, HTML, how a page is read.
neighbours: archive (below); nobody imports the crawler.
"""
