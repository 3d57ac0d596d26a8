"""The queue, the statistics and search, asked for over HTTP by one client.

Beside each time stands that of a route that does nothing, on the same server at the same time.
"""

import json
import re
from collections.abc import Sequence

from benchmarks.scale.clients import Asked, Client, Figures, timed
from benchmarks.scale.places import Place
from benchmarks.serving import server
from benchmarks.vocabulary import vocabulary

_ROUNDS = 300
_QUEUE = "/api/sft/queue?per_page=20"
_FAR = 50_000
_PER_PAGE = 200
_NEXT = re.compile(r"<([^>]+)>; rel=\"next\"")

ONE_FILTER = (
    "model=base-3b",
    "model=moe-8x",
    "task_type=safety",
    "run_id=run-13",
    "task_type=code",
)
TWO_FILTERS = (
    "model=base-3b&task_type=math",
    "model=moe-8x&task_type=safety",
    "run_id=run-03&task_type=code",
    "model=tiny-360m&score_max=0.2",
)
# Of the words in the order of how common they are: in almost every candidate, in one of a
# hundred, in one of ten thousand.
COMMON, MEDIUM, RARE = (0, 10), (1_500, 1_540), (120_000, 120_040)


def pages(place: Place) -> dict[str, Figures]:
    """The queue, its filters, a place far down, and the statistics."""
    with server(place.workspace, place.settings()) as address, Client(address) as client:
        far = _far_down(client, place.size)
        rows = {
            "page": [_QUEUE],
            "one_filter": [f"{_QUEUE}&{each}" for each in ONE_FILTER],
            "two_filters": [f"{_QUEUE}&{each}" for each in TWO_FILTERS],
            "far": [far],
            "stats": ["/api/sft/stats"],
            "dashboard": ["/api/sft/dashboard"],
        }
        return {name: _beside_nothing(client, paths) for name, paths in rows.items()}


def search(place: Place) -> dict[str, Figures]:
    """Rare, medium and very common words, in the queue."""
    words = vocabulary()
    rows = {"common": COMMON, "medium": MEDIUM, "rare": RARE}
    with server(place.workspace, place.settings()) as address, Client(address) as client:
        found = {}
        for name, (begin, end) in rows.items():
            paths = [f"{_QUEUE}&q={word}%20" for word in words[begin:end]]
            found[f"search_{name}"] = _beside_nothing(client, paths)
            page = json.loads(client.get(paths[0]))
            found[f"search_{name}"]["found"] = page["total"]
        return found


def _beside_nothing(client: Client, paths: Sequence[str]) -> Figures:
    asked = [Asked(paths[number % len(paths)]) for number in range(_ROUNDS)]
    figures = timed(client, asked, warm_up=len(paths))
    return {**figures, "limit": timed(client, [Asked("/empty")] * _ROUNDS)["p50"]}


def _far_down(client: Client, size: int) -> str:
    """The page that begins at the 50,000th, or in the middle of a smaller queue, by its cursor."""
    path = f"/api/sft/queue?per_page={_PER_PAGE}"
    for _ in range(min(_FAR, size // 4) // _PER_PAGE):
        client.get(path)
        found = _NEXT.search(client.head)
        if found is None:
            raise RuntimeError("the queue has ended too soon")
        path = re.sub(r"^https?://[^/]+", "", found[1])
    return path.replace(f"per_page={_PER_PAGE}", "per_page=20")
