"""Images, stored in the data folder. One belongs to a write-up or a timeline event and is visible exactly like it."""
