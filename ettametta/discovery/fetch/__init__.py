"""The crawler: polite, bounded, cached fetching of many pages."""
