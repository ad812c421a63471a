"""What happens to an item: it is read off the loop and recorded.

knows: crawler.desk and the decisions of archive.work.ingest.outcomes.
never knows: Scrapy's scheduling, SQL, HTML.
neighbours: crawler.desk, archive.work.
"""
