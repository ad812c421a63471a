"""Who published a page, when, under which number: header fields with their origin.

knows: labelled pairs, header tables, meta tags, public bodies and places.
never knows: statistics, body text.
neighbours: values and html (below), document (above).
"""
