"""Follow-ups, each with one accountable owner.

What a newcomer gets wrong: *done* is the owner's word, *verified* is somebody's later record that it
worked; and `first_due_on` never changes, so that re-dating stays visible.
"""
