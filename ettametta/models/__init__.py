"""The tables, one file each; portable between SQLite and PostgreSQL. Importing this package knows them all."""

from ettametta.models.asset import Asset, Video
from ettametta.models.audit import AuditEntry
from ettametta.models.candidate import Candidate
from ettametta.models.conversation import InboxUpdate, Message, OutboxMessage
from ettametta.models.job import Job, JobEvent
from ettametta.models.niche import Niche
from ettametta.models.preset import Preset
from ettametta.models.production import Production, Revision, StepResult
from ettametta.models.proposal import Proposal
from ettametta.models.schedule import Schedule
from ettametta.models.usage import Usage
from ettametta.models.user import Chat, Pairing, User

__all__ = [
    "Asset",
    "AuditEntry",
    "Candidate",
    "Chat",
    "InboxUpdate",
    "Job",
    "JobEvent",
    "Message",
    "Niche",
    "OutboxMessage",
    "Pairing",
    "Preset",
    "Production",
    "Proposal",
    "Revision",
    "Schedule",
    "StepResult",
    "Usage",
    "User",
    "Video",
]
