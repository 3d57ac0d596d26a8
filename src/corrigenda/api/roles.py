"""Who may do what, once reviewers have been invited: one table of all routes.

What is not in the table is for leads; a test holds it to the routes that there are.
"""

from enum import IntEnum
from typing import NamedTuple

from starlette.routing import compile_path


class Role(IntEnum):
    """What a route asks of a caller; each includes those below."""

    ANYBODY = 0
    REVIEWER = 1
    LEAD = 2


# Anybody: signing in and out, and asking whether one has to.
_ANYBODY = """
GET    /api/sft/session
POST   /api/sft/session
DELETE /api/sft/session
"""

# Reviewers: the queue and the decisions, and all that is looked at for them.
_REVIEWER = """
GET    /api/openapi.json
GET    /metrics
GET    /api/sft/queue
POST   /api/sft/queue/claim
POST   /api/sft/queue/renew
POST   /api/sft/queue/release
POST   /api/sft/submit
POST   /api/sft/undo
POST   /api/sft/put-off
POST   /api/sft/preview
POST   /api/sft/check
GET    /api/sft/references
POST   /api/sft/references
GET    /api/sft/candidates
GET    /api/sft/candidate
GET    /api/sft/candidate/history
GET    /api/sft/candidate/siblings
GET    /api/sft/candidate/obstacles
GET    /api/sft/candidates/{candidate_id}
GET    /api/sft/candidates/{candidate_id}/history
GET    /api/sft/candidates/{candidate_id}/siblings
GET    /api/sft/candidates/{candidate_id}/obstacles
GET    /api/sft/facets
GET    /api/sft/dashboard
GET    /api/sft/decisions
GET    /api/sft/progress
GET    /api/sft/stats
GET    /api/sft/events
GET    /api/sft/lots
POST   /api/sft/lots
POST   /api/sft/lots/preview
POST   /api/sft/lots/{lot_id}/undo
GET    /api/sft/batches
GET    /api/sft/guidelines
GET    /api/sft/taxonomy
GET    /api/sft/config
GET    /api/sft/workspace
GET    /api/sft/runs
GET    /api/sft/compare
GET    /api/sft/compare/runs
GET    /api/sft/compare/prompts
GET    /api/sft/compare/prompt
GET    /api/sft/compare/report
GET    /api/sft/sources
GET    /api/sft/mappings
GET    /api/sft/protected
GET    /api/sft/reports/scoring-artifacts
GET    /api/sft/exports/formats
GET    /api/sft/jobs
GET    /api/sft/jobs/{job_id}
"""

# Leads: what comes in and goes out, how the workspace is set up, and who may review.
_LEAD = """
POST   /api/sft/import
POST   /api/sft/upload
POST   /api/sft/upload/{upload_id}/preview
POST   /api/sft/candidates
POST   /api/sft/jobs
POST   /api/sft/jobs/{job_id}/cancel
GET    /api/sft/export
GET    /api/sft/exports
POST   /api/sft/exports
POST   /api/sft/exports/preview
GET    /api/sft/exports/diff
GET    /api/sft/exports/{name}
GET    /api/sft/exports/{name}/changes
GET    /api/sft/exports/{name}/files/{file}
POST   /api/sft/compare/queue
GET    /api/sft/models
GET    /api/sft/trainings
POST   /api/sft/trainings
GET    /api/sft/trainings/{name}
GET    /api/sft/trainings/{name}/curve
GET    /api/sft/trainings/{name}/log
GET    /api/sft/trainings/{name}/card
POST   /api/sft/trainings/{name}/resume
POST   /api/sft/evaluations
POST   /api/sft/batches
POST   /api/sft/batches/{batch_id}/delete
POST   /api/sft/guidelines
POST   /api/sft/taxonomy
POST   /api/sft/config
GET    /api/sft/reviewers
POST   /api/sft/reviewers
POST   /api/sft/reviewers/{name}/renew
DELETE /api/sft/reviewers/{name}
"""


class Route(NamedTuple):
    """A method and the template of an address."""

    method: str
    path: str


def _rows(table: str) -> list[Route]:
    return [Route(*line.split()) for line in table.split("\n") if line]


ROLES: dict[Route, Role] = {
    route: role
    for role, table in ((Role.ANYBODY, _ANYBODY), (Role.REVIEWER, _REVIEWER), (Role.LEAD, _LEAD))
    for route in _rows(table)
}
"""Each route and the least that its caller must be."""

_TEMPLATES = [
    (route.method, compile_path(route.path)[0], role)
    for route, role in ROLES.items()
    if "{" in route.path
]


def role_of(method: str, path: str) -> Role:
    """What a request asks of its caller.

    Example:
        >>> role_of("POST", "/api/sft/submit").name, role_of("GET", "/api/sft/exports/may").name
        ('REVIEWER', 'LEAD')
    """
    exact = ROLES.get(Route(method, path))
    if exact is not None:
        return exact
    for of_method, pattern, role in _TEMPLATES:
        if of_method == method and pattern.match(path):
            return role
    return Role.LEAD


def is_guarded(path: str) -> bool:
    """Whether an address is of the API; all others are the page's files and the server's health.

    Example:
        >>> is_guarded("/api/sft/queue"), is_guarded("/join"), is_guarded("//api/sft/queue")
        (True, False, True)
    """
    return path.lstrip("/").partition("/")[0] in ("api", "metrics")
