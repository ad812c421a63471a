"""What the bytes of one capture say: text, fields, tables, figures, findings.

knows: HTML, character sets, labels, the forms of the reports.
never knows: files, network, clock, SQL, neighbouring pages.
neighbours: families (where things stand), codebook (words), model (records).
"""

READER_VERSION = "6"
"""Names the reading code in every reading; it changes when readings of the same bytes change."""
