"""The rules of robots.txt: read (pure), fetched, applied.

knows: RFC 9309, what to do when no rules arrive.
never knows: what a page says.
neighbours: crawler.fetch, crawler.session.
"""
