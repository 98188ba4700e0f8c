"""Labelled sets for the ranking. They are generated (`generate.py`), and each file says so."""
