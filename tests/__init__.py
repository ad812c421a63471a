"""The proofs: a folder for each room, and `house` for the rules that every room keeps.

knows: everything, through the rooms' public names.
never knows: the outside network (see conftest).
neighbours: none imports it.
"""
