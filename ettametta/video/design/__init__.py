"""What is drawn: cards, lists, charts, timelines, their grounds, overlays and a brand's look."""
