"""Action reviews: the meeting in which open actions are walked through, decided one by one, and minuted.

What a newcomer gets wrong: people in the same meeting may see different things. Queue, numbers and minutes are made
for each reader from the rows they may see; nothing is stored as one text for all.
"""
