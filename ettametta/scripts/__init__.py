"""From evidence to a script, and from a script to scenes."""
