"""The production aggregate: legal moves, service, repository, and the pipeline of cached steps."""
