"""OpenClaw, the agent, and the channels it talks through."""
