"""Many machines on one PostgreSQL archive: the queue of jobs, the workers that do them.

knows: procrastinate, which portals are due, host groups, jobs' processes, what dead workers left.
never knows: Scrapy, SQL, what a visit does.
neighbours: ingest, preservation (below); crawler.cli, which names the commands of jobs (above).
"""
