"""The one spider, for every portal of every family.

knows: that a response becomes one item.
never knows: what a page says; URLs are found by reading, in the record transaction.
neighbours: crawler.session, crawler.fetch.meta.
"""
