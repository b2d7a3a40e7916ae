"""Mails: their texts from templates, put together, sent. Knows nothing of the records.

What a newcomer gets wrong: a name or a subject is not yet a header (`message` makes it one line), and links begin with
the base URL of the settings, never with the Host of a request.
"""
