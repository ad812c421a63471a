"""What a crawl costs, measured beside a bare fetch of the same site in the same run.

knows: the `gongkai` command, the demo site, trafilatura, the operating system's counters.
never knows: how the rooms do their work; it calls what a user calls.
neighbours: none imports it.
"""
