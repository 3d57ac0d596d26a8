"""The methods of a workspace that keep benchmarks out of training; see `workspace`."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corrigenda.store import Database
from corrigenda.workbench import obstacles, prompt_files, protecting
from corrigenda.workbench.reviewing import reviewer_of


class ProtectingMethods:
    """What `Workspace` knows of benchmarks that nothing may be trained on."""

    config_dir: Path
    database: Database

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    def protect(
        self,
        name: str,
        files: Iterable[str | Path] = (),
        *,
        texts: Iterable[str | Sequence[Mapping[str, Any]]] = (),
        ngram: int = protecting.NGRAM,
        field: str | None = None,
        reviewer: str | None = None,
    ) -> dict[str, Any]:
        """Protect the prompts of a benchmark's test set: no export for training has them.

        Args:
            name: What the set is called.
            files: Tables, eval logs or texts (see `prompt_files`), also directories and URLs.
            texts: Prompts themselves, each a text or a list of messages.
            ngram: How many words an n-gram has.
            field: The column of the files that is the prompt, where it is not to be guessed.
            reviewer: Who wants it.

        Returns:
            `{"name": "gsm8k", "prompts": 1319, "short": 4}`; see `protecting.protect`.

        Raises:
            Conflict: There is a set of this name.
            InvalidInput: There is no prompt, or something cannot be read; nothing was kept.
        """

        def found() -> Iterable[str | Sequence[Mapping[str, Any]]]:
            yield from texts
            for named in files:
                yield from prompt_files.prompts_in(named, field, ngram=ngram)

        author = reviewer_of(reviewer)
        return protecting.protect(self.database, name, found(), ngram=ngram, author=author)

    def protected(self) -> list[dict[str, Any]]:
        """The protected sets: `name`, `prompts`, `ngram`, `created_at`, `created_by`."""
        return protecting.listing(self.database)

    def unprotect(self, name: str) -> None:
        """Remove a protected set.

        Raises:
            NotFound: There is none of this name.
        """
        protecting.unprotect(self.database, name)

    def obstacles(self, candidate_id: str) -> list[dict[str, str]]:
        """Why a correction of this candidate would not be exported (see `obstacles`).

        Raises:
            UnknownCandidate: There is none of this id.
        """
        self.refresh()
        return obstacles.of(self.database, self.config_dir, candidate_id)
