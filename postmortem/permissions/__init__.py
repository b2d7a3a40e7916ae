"""Who sees what, and why: asking for access, and the answer to "why can this person see this?".

The rules themselves live in each noun's `rules.py`; a newcomer looks for them here in vain.
"""
