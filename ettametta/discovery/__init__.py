"""Finding what is worth a video, and the evidence for it."""
