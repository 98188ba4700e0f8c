"""Which candidate deserves a video: a score of named parts, each with its sentence; unknown parts are left out."""
