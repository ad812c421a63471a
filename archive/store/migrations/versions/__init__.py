"""VERSIONS: one file a schema change, named rev_NNNN, with its SQL beside it.

knows: the SQL of one step.
never knows: today's tables.
neighbours: archive.store.migrations.
"""
