"""Downloader middlewares of ours, one concern each.

knows: Scrapy requests and responses, crawler.desk.
never knows: what a page says.
neighbours: crawler.desk, crawler.transport.
"""
