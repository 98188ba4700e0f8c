"""Evaluations of the agent: scenarios as data, and the harness that runs them against any endpoint."""
