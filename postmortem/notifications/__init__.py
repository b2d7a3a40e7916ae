"""What people are told, where and when: events, preferences, follows, receivers (webhooks, chats), digests.

What a newcomer gets wrong: who is told is worked out when it is delivered, by the story of the noun it is about (see
`stories`), which asks the noun's `visible_to`. Whoever may not see a thing any more is not told of it either.
"""
