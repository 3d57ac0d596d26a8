"""Comparisons that are kept in memory for a while, for those who leaf through them.

A comparison of many samples takes seconds, and its page asks for it again and again. The two
that were asked for last are kept: some 40 bytes for each prompt, and 4 more for each filter that
was chosen. One is made anew when a sample of its runs, or a decision on one, is another.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from corrigenda.core.comparison import Comparison
from corrigenda.store import Database, compared
from corrigenda.store.compared import Stamp
from corrigenda.workbench import comparing_runs
from corrigenda.workbench.compared_prompts import ComparedPrompts
from corrigenda.workbench.curating.manifest import Exported

KEPT = 2
"""How many are kept."""


class Question(NamedTuple):
    """Which comparison: two runs, and the name of the export that was trained on."""

    a: str
    b: str
    trained: str | None = None


@dataclass
class Kept:
    """A comparison, its prompts to be leafed through, and the state of what it was made from."""

    comparison: Comparison
    prompts: ComparedPrompts
    quick: Stamp = field(repr=False)
    exact: Stamp = field(repr=False)


class KeptComparisons:
    """See the module. Safe to share between threads; what two ask for at once is made once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def get(self, question: Question, trained: Exported | None) -> Kept:
        """A comparison as the workspace now is.

        Args:
            question: Which one.
            trained: The export that the question names.

        Raises:
            InvalidInput, UnknownRun: See `comparing_runs.compare`.
        """
        found = self._fresh(question)
        if found is not None:
            return found
        with self._making:  # one at a time: each takes a core, and memory
            found = self._fresh(question)  # somebody may have asked for the same meanwhile
            if found is None:
                found = self._make(question, trained)
                self._keep(question, found)
        return found

    def _fresh(self, question: Question) -> Kept | None:
        with self._lock:
            found = self._kept.get(question)
            if found is None:
                return None
            self._kept.move_to_end(question)
        with self._database.reading() as connection:
            quick = compared.quick_stamp(connection, question[:2])
            if quick != found.quick:
                if compared.exact_stamp(connection, question[:2]) != found.exact:
                    return None
                found.quick = quick  # what was decided is none of these runs' samples
        return found

    def _make(self, question: Question, trained: Exported | None) -> Kept:
        with self._database.reading() as connection:
            # Before it is made: what changes meanwhile makes the next question make it anew.
            quick = compared.quick_stamp(connection, question[:2])
            exact = compared.exact_stamp(connection, question[:2])
        made = comparing_runs.compare(self._database, question.a, question.b, trained=trained)
        return Kept(made, ComparedPrompts(self._database, made.prompts), quick, exact)

    def _keep(self, question: Question, found: Kept) -> None:
        with self._lock:
            self._kept[question] = found
            self._kept.move_to_end(question)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
