"""Ideas: uncommitted suggestions after an incident, kept apart from actions until somebody promotes them.

What a newcomer gets wrong: an idea is no promise. It has no owner and no date, is never reminded of, and becomes an action
only after a soak time (or earlier, with a reason). That none was needed is an outcome too, with its reason.
"""
