"""What is owed to somebody: rows written in the transaction of what they are about, delivered afterwards.

A row is marked only after its delivery: killed in between, it goes out twice with the same `delivery_id`.
"""
