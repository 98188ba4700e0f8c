"""Ettametta: the domain of a self-hosted video studio. Knows no chat, no HTTP server and no LLM framework."""
