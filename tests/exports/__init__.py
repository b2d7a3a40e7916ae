"""The exported site."""
