"""Reviews of write-ups: who is asked, comments on paragraphs, suggestions, verdicts, the checklist, the meeting.

A verdict is about one revision; it stays what it was when the text changes, and says so.
"""
