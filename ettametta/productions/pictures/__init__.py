"""Pictures of a production: found and ranked, taken in with their licence, or made by a model."""
