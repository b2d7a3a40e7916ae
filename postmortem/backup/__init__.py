"""One file that holds everything but the secret key, made while the site is in use; and the way back.

A backup is a tar file: a manifest with a checksum of everything else, the database, the attachments.
What a newcomer gets wrong: copying the database's file. What is in it while somebody writes is half of two states;
SQLite's backup interface and pg_dump read one state, however long it takes.
"""
