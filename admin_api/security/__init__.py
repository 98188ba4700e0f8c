"""Who may call: the internal token."""
