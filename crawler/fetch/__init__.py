"""One exchange as it passes over the wire.

knows: Twisted, Scrapy's HTTP/1.1 handler, old TLS, what a request carries in its meta.
never knows: robots rules, politeness, what a page says.
neighbours: crawler.session (above), archive.work.ingest (keeps it).
"""
