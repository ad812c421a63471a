"""The body text of a page without its navigation: container, lines, title.

knows: body containers, paragraphs, frames, pictures, trafilatura as a second opinion.
never knows: statistics, header fields.
neighbours: html (below), document (above).
"""
