"""People, their roles, teams and services; signing in; the first set-up.

What a newcomer gets wrong: a person is never deleted, only deactivated; rights are computed from today's
membership and role on every request and copied nowhere.
"""
