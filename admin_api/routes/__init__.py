"""Routes, one file per subject; each body is one call of a domain service."""
