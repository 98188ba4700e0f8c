"""Business-free helpers: clock, ids, text, log and the one outgoing HTTP client."""
