"""Peers of our renderer, each a script for an environment of its own (`requirements.txt` beside it)."""
