"""Letters: fonts and what they cover, setting type, emoji, direction."""
