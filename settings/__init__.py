"""What differs between machines and portals; it holds no logic.

knows: Scrapy's setting names, the shipped catalogue.
never knows: anything that has to be computed.
neighbours: read by crawler and archive; imports nobody.
"""
