"""Taskiq job entry points and the schedule; a body calls a service."""
