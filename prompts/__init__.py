"""Markdown prompts, one per file, versioned by git."""
