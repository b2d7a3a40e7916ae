"""What is owed to somebody: rows written in the transaction of what they are about, delivered afterwards by a worker.

What a newcomer gets wrong: a row is marked only after its delivery. Killed in between, it goes out twice with the same
`delivery_id`; so whatever delivers must bear that. And no secret lies in a payload: who delivers makes it on the way out.
"""
