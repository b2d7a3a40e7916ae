"""Dated facts of an incident, and the factors that contributed to it.

What a newcomer gets wrong: events sort by time, then by id, so that equal times keep the order in which
they were entered; deleting sets `deleted_at`, and undo clears it.
"""
