"""Where candidates come from: one file a source, in an explicit registry."""
