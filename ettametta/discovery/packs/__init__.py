"""Evidence packs: what several pages say of one story - quotes, figures, and where they contradict one another."""
