"""Peers of ours, each a script for an environment of its own (`requirements.txt` beside it)."""
