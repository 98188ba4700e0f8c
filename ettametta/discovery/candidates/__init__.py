"""Candidates: one story is one row, whatever the number of places it is seen in."""
