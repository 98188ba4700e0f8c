"""Voices: narration with word times."""
