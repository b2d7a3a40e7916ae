"""The central noun: something that went wrong, or nearly did.

What a newcomer gets wrong: when it happened and when it was entered are different things. Lists sort by
`sort_at`, the earliest recorded moment, never by `created_at`; a blank moment is never filled from another.
"""
