"""Text: Markdown to safe HTML, differences, durations and slugs; pure, no Flask and no database.

What a newcomer gets wrong: Markdown is converted in a child process with a deadline. Nothing in the web
process may import `converter`, Python-Markdown, Pygments or nh3; call `markdown.render` instead.
"""
