"""What happens to an item: it is read off the loop and recorded.

knows: crawler.session and the decisions of archive.work.ingest.outcomes.
never knows: Scrapy's scheduling, SQL, HTML.
neighbours: crawler.session, archive.work.
"""
