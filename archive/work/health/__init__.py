"""Whether an archive is kept well, what came of a run, and who is told.

knows: checks with what each saw and the command that helps, metrics, reports of runs, alerts.
never knows: SQL, Scrapy, how pages look.
neighbours: query, preservation and ingest (below); cli, web and the crawler's run end call it.
"""
