"""The job ledger: states, claim, lease, heartbeat, cancel, retry, progress. The table is the truth."""
