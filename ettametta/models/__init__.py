"""The tables, one file each; portable between SQLite and PostgreSQL. Importing this package knows them all."""

from ettametta.models.asset import Asset, Video
from ettametta.models.audit import AuditEntry
from ettametta.models.candidate import (
    Candidate,
    CandidateAlias,
    CandidateWords,
    Feedback,
    MetricSnapshot,
    NicheMatch,
    Sighting,
)
from ettametta.models.conversation import InboxUpdate, Message, OutboxMessage
from ettametta.models.fetching import CachedAnswer, FetchHost, SourceState
from ettametta.models.job import Job, JobEvent
from ettametta.models.memory import ChatSummary, Fact
from ettametta.models.niche import Niche, SourceSubscription
from ettametta.models.preset import Preset
from ettametta.models.production import Production, Revision, StepResult
from ettametta.models.proposal import Proposal
from ettametta.models.schedule import Schedule
from ettametta.models.usage import Usage
from ettametta.models.user import Chat, Pairing, User

__all__ = [
    "Asset",
    "AuditEntry",
    "CachedAnswer",
    "Candidate",
    "CandidateAlias",
    "CandidateWords",
    "Chat",
    "ChatSummary",
    "Fact",
    "Feedback",
    "FetchHost",
    "InboxUpdate",
    "Job",
    "JobEvent",
    "Message",
    "MetricSnapshot",
    "Niche",
    "NicheMatch",
    "OutboxMessage",
    "Pairing",
    "Preset",
    "Production",
    "Proposal",
    "Revision",
    "Schedule",
    "Sighting",
    "SourceState",
    "SourceSubscription",
    "StepResult",
    "Usage",
    "User",
    "Video",
]
