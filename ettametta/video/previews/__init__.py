"""Pictures about a video: its contact sheet and covers."""
