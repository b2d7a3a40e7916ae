"""What was deleted: looking at it, bringing it back, and destroying it for good.

What a newcomer gets wrong: this noun has no table. A thing in the trash is a row of its own noun that everybody's
`visible_to` leaves out; only the queries here look for it, and only for admins.
"""
