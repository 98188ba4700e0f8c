"""Where finished things go: rows of the outbox, sent by whoever talks to the chat."""
