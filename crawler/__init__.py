"""The crawler house: goes out and brings exchanges home; it alone knows Scrapy.

knows: Scrapy, Twisted, hosts and politeness, how a run is started and ended.
never knows: SQL, HTML, how a page is read.
neighbours: archive (below); nobody imports the crawler.
"""
