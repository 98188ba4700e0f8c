"""Scans: sources asked at once until a deadline; what they find is kept and ranked as it comes."""
