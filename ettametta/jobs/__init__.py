"""The job ledger: states, claim, lease, heartbeat, cancel, retry, progress. The table is the truth."""

from ettametta.jobs.context import JobContext, JobKind
from ettametta.jobs.ledger import Ledger
from ettametta.jobs.runner import Runner
from ettametta.jobs.values import JobError, JobState, JobView, NewJob

__all__ = ["JobContext", "JobError", "JobKind", "JobState", "JobView", "Ledger", "NewJob", "Runner"]
