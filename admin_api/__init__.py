"""The FastAPI app: the same state over HTTP."""
