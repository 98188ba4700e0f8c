"""The `ettametta` command, and the composition of all faces in one process."""
