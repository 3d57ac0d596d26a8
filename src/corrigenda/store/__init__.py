"""The store: one schema and one set of rules on SQLite and PostgreSQL.

Every write is one transaction that does three things or none: compare-and-set the candidate,
append the decision, move the counts.
"""

from corrigenda.store.arrivals import Arrived
from corrigenda.store.candidates import Stored
from corrigenda.store.database import Database
from corrigenda.store.deciding import Asked, Outcome
from corrigenda.store.decisions import Entry
from corrigenda.store.jobs import Job, JobState
from corrigenda.store.waking import Bell

__all__ = ["Arrived", "Asked", "Bell", "Database", "Entry", "Job", "JobState", "Outcome", "Stored"]
