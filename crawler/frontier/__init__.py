"""What to fetch next and when: Scrapy's scheduler over the durable frontier, politeness, hosts.

knows: leases, pauses, hosts that rest, the way to a section.
never knows: SQL, bytes of pages.
neighbours: archive.store (below), crawler.session.
"""
