"""The application of the old face: the same routes, on the workspace that `app.sft` names."""

from app import sft
from corrigenda.api import create_app
from corrigenda.api.security import HostPolicy

app = create_app(sft.workspace, HostPolicy(frozenset({"testserver"})))
