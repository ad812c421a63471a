"""Attached files: what their bytes say.

knows: magic bytes, Word, Excel, OFD and PDF files, limits against hostile ones.
never knows: the file system, outside programs, the pages that link to a file.
neighbours: the rest of reading (text, statistics), model (records).
"""
