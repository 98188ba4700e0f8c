"""What is done with a production that stands: edits and undo, dubs and variants, going on, finishing a draft."""
