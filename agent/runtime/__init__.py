"""One turn of conversation, with a model or without."""
