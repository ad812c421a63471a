"""CMS families that data alone cannot describe, a file each, named by `reader` in its TOML.

knows: how one CMS brings its lists: calls, windows, post-backs, stores of data.
never knows: files, network, clock, SQL, the other CMS.
neighbours: listing (what any list needs), records (what a reader gives back).
"""
