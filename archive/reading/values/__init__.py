"""Single printed values: dates, numbers, pairs, document and index numbers.

knows: how dates, numbers and labels are printed.
never knows: pages, tables, trees.
neighbours: codebook, model; everything in reading is above.
"""
