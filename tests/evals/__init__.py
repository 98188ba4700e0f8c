"""The installation in which attacks on the agent, and later whole conversations, are tried."""
