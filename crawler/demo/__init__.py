"""The demo portal: small government web sites of our own making, and what they truly say.

knows: the forms' tables, three families' page skins, how an old web server answers.
never knows: the crawl, the archive, how a page is read.
neighbours: standard library only; tests, bench and `gongkai demo` start it.
"""
