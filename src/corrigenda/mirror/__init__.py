"""The two JSONL files of a workspace on a directory stay true.

    sft_candidates.jsonl   every candidate as it stands: read whenever it changes, rewritten
                           when the workspace closes and by `corrigenda sync`
    sft_approved.jsonl     one line for each approved candidate: appended before an approval is
                           answered, blanked in place by an undo

The database is the truth. One process at a time owns the files (a lock); what others decide
meanwhile is carried over by the owner within a second. Each step is noted in the database before
the disk is touched, so that a crash in between is repaired at the next opening, and our own
output is never taken for somebody's edit.
"""

from corrigenda.core.problem import Problem
from corrigenda.mirror.mirror import Mirror

__all__ = ["Mirror", "Problem"]
