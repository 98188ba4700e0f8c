"""What is heard: the voice, a bed under it, whooshes, and the loudness of it all."""
