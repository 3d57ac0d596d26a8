"""The first pass: of each candidate the items that an export may have, each examined.

A format for answers to learn takes one item of a candidate, its correction; one for pairs one as
well, if there is an answer to reject; one for single answers two, the correction and the model's
own answer, which is not wanted.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corrigenda.core.decisions import ARTIFACT, Status
from corrigenda.core.example import Example, of_correction, of_pass
from corrigenda.core.recipe import Recipe
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.exports import ExportFormat, Kind
from corrigenda.store.curation import Picked
from corrigenda.workbench.curating import keys, pairs
from corrigenda.workbench.curating.examining import Objection, Tools
from corrigenda.workbench.curating.items import Findings, Item, LeftOut, Origin, Reason

HELD_OUT = "It is held out of training."
HELD_BACK = "What becomes of its reasoning is not decided yet."
BLANK = "The correction is blank."
NO_REJECTED = "There is no answer of the model that could be the worse one."


_NO_CATEGORY = {
    Origin.CORRECTION: UNCATEGORISED,
    Origin.NEGATIVE: UNCATEGORISED,
    Origin.PASS: Origin.PASS.value,
}


@dataclass(slots=True)
class Made:
    """An example as it goes out and as it was read, and the hashes of its prompt.

    `prompt` is that of the record, which rewriting does not change, so that groups hold together;
    `own` is that of what goes out.
    """

    picked: Picked
    original: Example
    example: Example
    prompt: bytes
    own: bytes
    _answer: bytes = b""

    @property
    def answer(self) -> bytes:
        """The hash of the prompt with the correction, or with the pass's answer."""
        if not self._answer:
            self._answer = keys.of_answer(self.own, self.example.answer)
        return self._answer

    def as_negative(self) -> "Made":
        """The same of the model's own answer."""
        return replace(self, example=self.example.as_negative(), _answer=b"")

    @property
    def related(self) -> tuple[bytes, ...]:
        """Other prompts that it must be in one split with.

        Two prompts may be the same once they are rewritten, and a correction within a
        conversation has the beginning of the whole.
        """
        whole = self.picked.prompt_key if self.picked.turn is not None else None
        found = (self.own, *([bytes.fromhex(whole)] if whole else ()))
        return tuple(each for each in found if each != self.prompt)


class Maker:
    """Makes items and examples, in both passes in the same way.

    Attributes:
        form: The export format.
        recipe: What is asked for.
        selection: Which candidates are read.
        training: Whether the format is for training.
        replays: Whether passes are mixed in; a pair cannot be made of one.
        rejects: Whether there are answers that are not wanted.
        allowed: How many candidates were neither held out nor held back.
        prompts: The prompts of all candidates read, where passes are to be mixed in.
        wanted: The hashes of all answers that are known to be right, each with its prompt, where
            others are trained against.
        marked: The whole prompts' keys of corrections that replace a turn within, there too.
    """

    def __init__(
        self, form: ExportFormat, recipe: Recipe, tools: Tools, findings: Findings
    ) -> None:
        self.form = form
        self.recipe = recipe
        self.training = form.kind is not Kind.RECORDS
        self.replays = recipe.replay > 0 and form.kind in (Kind.SFT, Kind.UNPAIRED)
        self.rejects = form.kind in (Kind.PREFERENCE, Kind.UNPAIRED)
        self.selection = recipe.selection
        if self.training:
            self.selection = replace(recipe.selection, statuses=(Status.APPROVED,))
        self.allowed = 0
        self.prompts: set[bytes] = set()
        self.wanted: set[bytes] = set()
        self.marked: set[str] = set()
        self._findings = findings
        self._examiners = tools.examiners(training=self.training)
        self._guard = tools.guard if self.training else None
        self._splitter = tools.splitter if self.training else None
        self._rewrite = tools.rewrite
        self._dated = "latest" in (recipe.keep, recipe.conflicts)

    def of_candidate(self, picked: Picked) -> Iterator[Item]:
        """The items of a candidate that nothing speaks against; the others are noted."""
        refused = self._refused(picked)
        if self.replays and picked.prompt_key is not None:
            self.prompts.add(bytes.fromhex(picked.prompt_key))
        self.allowed += not (self.training and (picked.held_out or picked.held_back))
        if refused is not None:
            self._leave(picked.id, refused)
            return
        made = self._made(picked, of_correction(picked.record))
        if self.replays:
            self.prompts.add(made.prompt)
        if self.rejects:
            self.wanted |= _right(made)
            if picked.turn is not None and picked.prompt_key is not None:
                self.marked.add(picked.prompt_key)
        match self.form.kind:
            case Kind.PREFERENCE:
                yield from self._pair(made)
            case Kind.UNPAIRED:
                yield from self._both(made)
            case _:
                yield from self._checked(made, Origin.CORRECTION)

    def of_pass(self, picked: Picked) -> Item | None:
        """The item of a pass, `None` where something speaks against it."""
        made = self._made(picked, of_pass(picked.record))
        item = self._item(made, Origin.PASS)
        if self._objection(item, made) is not None:
            return None
        # What is let through by leave of the recipe is not mixed in besides.
        protected = self._guard is not None and self._guard.contaminated([item])
        return None if protected else item

    def example(self, item: Item, picked: Picked) -> Example | None:
        """The example of an item, made again; `None` where it is another by now."""
        if item.origin is Origin.PASS:
            original = of_pass(picked.record)
        elif item.revision != picked.revision or self._refused(picked):
            return None
        else:
            original = of_correction(picked.record)
        made = self._made(picked, original)
        if item.origin is Origin.NEGATIVE:
            if made.example.rejected is None:
                return None
            made = made.as_negative()
        now = self._item(made, item.origin)
        return made.example if (now.prompt, now.key) == (item.prompt, item.key) else None

    def right(self, picked: Picked) -> set[bytes]:
        """What of a candidate belongs to `wanted`, without making an item."""
        return _right(self._made(picked, of_correction(picked.record)))

    def _refused(self, picked: Picked) -> Objection | None:
        if not self.training:
            return None
        if picked.held_out:
            return Reason.HELD_OUT, HELD_OUT
        if picked.held_back:
            return Reason.HELD_BACK, HELD_BACK
        if not picked.exportable:
            return Reason.INVALID, BLANK
        return None

    def _made(self, picked: Picked, original: Example) -> Made:
        known = picked.prompt_key if picked.turn is None else None
        prompt = keys.of_prompt(original, known)
        if self._rewrite is None:
            return Made(picked, original, original, prompt, prompt)
        example = self._rewrite(original)
        same = example is original or example.prompt == original.prompt
        own = prompt if same else keys.of_prompt(example)
        return Made(picked, original, example, prompt, own)

    def _pair(self, made: Made) -> Iterator[Item]:
        if made.example.rejected is None:
            self._leave(made.picked.id, (Reason.INVALID, NO_REJECTED))
        elif (found := self._teaches_nothing(made)) is not None:
            self._leave(made.picked.id, found)
        else:
            yield from self._checked(made, Origin.CORRECTION)

    def _both(self, made: Made) -> Iterator[Item]:
        yield from self._checked(made, Origin.CORRECTION)
        if made.example.rejected is None:
            return
        if (found := self._teaches_nothing(made)) is not None:
            self._leave(made.picked.id, found)
        else:
            yield from self._checked(made.as_negative(), Origin.NEGATIVE)

    def _teaches_nothing(self, made: Made) -> Objection | None:
        return pairs.objection(
            made.picked.category or UNCATEGORISED,
            made.example.answer,
            made.example.rejected or {},
            format_pairs=self.recipe.format_pairs,
        )

    def _checked(self, made: Made, origin: Origin) -> Iterator[Item]:
        item = self._item(made, origin)
        found = self._objection(item, made)
        if found is None:
            yield item
        else:
            self._leave(item.id, found)

    def _objection(self, item: Item, made: Made) -> Objection | None:
        row = self.form.row(made.example)
        if self.training and (problem := self.form.problem(row)) is not None:
            return Reason.INVALID, problem
        for examiner in self._examiners:
            # A protected prompt is one also where a part of it was made unreadable.
            seen = made.original if examiner is self._guard else made.example
            if (found := examiner.examine(item, seen, row)) is not None:
                return found
        if self._splitter is not None:
            item.groups = (*self._splitter.groups(item, made.original), *made.related)
        return None

    def _item(self, made: Made, origin: Origin) -> Item:
        picked, example = made.picked, made.example
        answer = key = made.answer
        unwanted = answer if origin is Origin.NEGATIVE else b""
        if self.form.kind is Kind.PREFERENCE and example.rejected is not None:
            unwanted = keys.of_answer(made.own, example.rejected)
            key = keys.of_pair(answer, unwanted)
        return Item(
            seq=picked.seq,
            id=picked.id,
            revision=picked.revision,
            origin=origin,
            prompt=made.prompt,
            answer=answer,
            key=key,
            decided_at=(picked.decided_at or "") if self._dated else "",
            category=sys.intern(picked.category or _NO_CATEGORY[origin]),
            task=sys.intern(picked.task or ""),
            model=sys.intern(picked.model or ""),
            run_id=sys.intern(picked.run_id or ""),
            unwanted=unwanted,
        )

    def _leave(self, candidate_id: str, found: Objection) -> None:
        self._findings.left_out.append(LeftOut(candidate_id, *found))


def _right(made: Made) -> set[bytes]:
    """The hashes of the right answers: where only the scorer was wrong, also the model's own."""
    found = {made.answer}
    if made.picked.category == ARTIFACT and made.example.rejected is not None:
        found.add(keys.of_answer(made.own, made.example.rejected))
    return found
