"""The tools of a recipe: what a plan works with, and what a manifest says of it."""

from dataclasses import dataclass, field

from corrigenda import plugins
from corrigenda.core.recipe import Recipe
from corrigenda.exports import ExportFormat
from corrigenda.settings import WorkspaceConfig
from corrigenda.store import Database, protected
from corrigenda.workbench.curating.describing import Facts
from corrigenda.workbench.curating.examining import Examiner, Tools
from corrigenda.workbench.curating.guard import PromptGuard
from corrigenda.workbench.curating.lengths import measuring
from corrigenda.workbench.curating.licences import Licences
from corrigenda.workbench.curating.naming import divides
from corrigenda.workbench.curating.secrets import Secrets, looking
from corrigenda.workbench.curating.splitting import GroupSplitter
from corrigenda.workbench.curating.tokens import Tokenizer


@dataclass
class Toolbox(Tools):
    """The tools, and those that only take notes."""

    licences: Licences = field(default_factory=Licences)
    tokenizer: Tokenizer | None = None
    found: Secrets | None = None
    protected: list[dict[str, object]] = field(default_factory=list)

    def examiners(self, *, training: bool) -> list[Examiner]:
        """See `Tools.examiners`; licences are noted of what nobody objects to."""
        return [*super().examiners(training=training), self.licences]

    def commit(self) -> None:
        """Keep what the export decides for those after it, once its files are complete.

        Raises:
            StorageError: Another export has decided otherwise meanwhile.
        """
        if self.splitter is not None:
            self.splitter.commit()

    def facts(self) -> Facts:
        """What a manifest says beside the plan."""
        return Facts(
            tokenizer=None if self.tokenizer is None else self.tokenizer.as_json(),
            protected=self.protected,
            licences=self.licences.of,
        )


def toolbox(
    database: Database,
    recipe: Recipe,
    config: WorkspaceConfig,
    *,
    keep: bool,
    tokenizer: str | None = None,
    fetch: bool = False,
) -> Toolbox:
    """The tools of a recipe.

    Args:
        database: The workspace's.
        recipe: What is asked for.
        config: Names the tokenizer, where `tokenizer` does not.
        keep: Whether the splits of new groups are kept; not for a preview.
        tokenizer: That of the target model.
        fetch: Whether it may be downloaded.

    Raises:
        UnknownFormat: There is no such format.
        InvalidInput: A tool that is asked for cannot be had.
    """
    form: ExportFormat = plugins.named(plugins.EXPORTS, recipe.format)
    lengths, loaded = measuring(
        recipe, form.kind, given=tokenizer, configured=config.tokenizer, fetch=fetch
    )
    found, rewrite = looking(recipe)
    splitter = GroupSplitter(database, recipe, keep=keep) if divides(recipe, form) else None
    with database.reading() as connection:
        sets = protected.listing(connection)
    return Toolbox(
        guard=PromptGuard(database, allow=recipe.allow_protected) if sets else None,
        lengths=lengths,
        secrets=found,
        rewrite=rewrite,
        splitter=splitter,
        tokenizer=loaded,
        found=found,
        # By name, since they may have been added in another order elsewhere.
        protected=sorted(
            ({"name": each.name, "prompts": each.prompts} for each in sets),
            key=lambda each: str(each["name"]),
        ),
    )
