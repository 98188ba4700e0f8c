"""What the agent may call: typed arguments, one service call, a typed result."""
