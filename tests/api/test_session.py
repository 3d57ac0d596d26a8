"""Signing in: by a link, by a bearer token, by a proxy; and inviting."""

import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from corrigenda.api.attempts import MOST
from corrigenda.store import reviewers as rows
from corrigenda.store.schema import reviewers
from corrigenda.workbench.signing_in import hash_of, new_token
from tests.api.desk import Desk, record, refused
from tests.api.team import PROXY, Browser, browser

OPEN = {"required": False, "reviewer": None, "lead": True, "by": "open"}
NOBODY = {"required": True, "reviewer": None, "lead": False, "by": "token"}


def signed_in(desk: Desk, name: str, *, lead: bool = False, address: str = "testclient") -> Browser:
    _, token = desk.workspace.add_reviewer(name, lead=lead)
    found = browser(desk.workspace, address)
    assert found.sign_in(token).status_code == 200
    return found


def test_with_nobody_invited_whoever_comes_may_do_all(desk: Desk) -> None:
    kim = browser(desk.workspace)
    assert kim.session() == OPEN
    assert kim.get("reviewers").json() == {"items": []}
    assert kim.get("exports").status_code == 200
    refused(kim.sign_in("x"), 401, "sign_in_required")


def test_a_link_signs_a_browser_in(desk: Desk) -> None:
    _, token = desk.workspace.add_reviewer("kim", lead=True)
    kim = browser(desk.workspace)
    assert kim.session() == NOBODY
    problem = refused(kim.get("stats"), 401, "sign_in_required")
    assert token not in str(problem)
    answer = kim.sign_in(token)
    assert answer.json() == {"reviewer": "kim", "lead": True}
    cookie = answer.headers["set-cookie"]
    for part in ("corrigenda_session=", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age="):
        assert part in cookie
    assert "Secure" not in cookie
    assert kim.session() == {"required": True, "reviewer": "kim", "lead": True, "by": "token"}
    assert kim.get("stats").status_code == 200
    assert kim.delete("session").json() == {"reviewer": None}
    assert kim.session() == NOBODY
    refused(kim.get("stats"), 401, "sign_in_required")


def test_a_link_opens_as_soon_as_another_process_has_made_it(desk: Desk) -> None:
    desk.workspace.add_reviewer("ana")
    kim = browser(desk.workspace)
    assert kim.session() == NOBODY  # the server knows everybody, for a second
    token = new_token()
    at = "2026-11-23T10:00:00.000000Z"
    desk.workspace.database.write(
        lambda c: rows.add(c, "kim", lead=False, token_hash=hash_of(token), at=at)
    )
    assert kim.sign_in(token).json() == {"reviewer": "kim", "lead": False}
    assert kim.get("stats").status_code == 200


def test_over_https_the_cookie_goes_no_other_way(desk: Desk) -> None:
    _, token = desk.workspace.add_reviewer("kim")
    direct = browser(desk.workspace, https=True)
    assert "Secure" in direct.sign_in(token).headers["set-cookie"]
    forwarded = {"x-forwarded-proto": "https"}
    behind = browser(desk.workspace, PROXY)
    assert "Secure" in behind.sign_in(token, **forwarded).headers["set-cookie"]
    other = browser(desk.workspace, "192.0.2.9")
    assert "Secure" not in other.sign_in(token, **forwarded).headers["set-cookie"]


def test_a_program_sends_its_token(desk: Desk) -> None:
    _, token = desk.workspace.add_reviewer("bot")
    bot = browser(desk.workspace)
    for said in (f"Bearer {token}", f"bearer  {token} "):
        assert bot.get("stats", authorization=said).status_code == 200
    for said in ("Bearer", "Bearer ", f"Basic {token}", token, f"Bearer {token}x", "Bearer é"):
        wrong = refused(
            bot.client.get("/api/sft/stats", headers=[(b"authorization", said.encode())]),
            401,
            "sign_in_required",
        )
        assert token not in str(wrong)
    answer = bot.get("stats")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/", "/join", "/healthz", "/favicon.svg"])
def test_the_page_itself_is_there_for_all(desk: Desk, path: str) -> None:
    desk.workspace.add_reviewer("kim")
    assert browser(desk.workspace).client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/api/openapi.json", "/api", "/api/nothing", "/metrics", "/api/sft/x"],
)
def test_all_else_is_not(desk: Desk, path: str) -> None:
    desk.workspace.add_reviewer("kim")
    refused(browser(desk.workspace).client.get(path), 401, "sign_in_required")


def test_the_database_has_no_token(desk: Desk, tmp_path: Path) -> None:
    _, token = desk.workspace.add_reviewer("kim")
    with desk.workspace.database.reading() as connection:
        row = connection.execute(sa.select(reviewers)).one()
    assert bytes(row.token_hash) == hashlib.sha256(token.encode()).digest()
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or token.encode() not in path.read_bytes()


def test_who_is_revoked_is_out_and_the_others_are_not(desk: Desk) -> None:
    kim, ada = signed_in(desk, "kim", lead=True), signed_in(desk, "ada")
    answer = kim.delete("reviewers/ada").json()
    assert answer["revoked_at"]
    refused(ada.get("stats"), 401, "sign_in_required")
    assert kim.get("stats").status_code == 200
    again = kim.post("reviewers/ada/renew").json()
    link, _, token = again["link"].partition("#")
    assert (link, again["name"], again["lead"]) == ("http://testserver/join", "ada", False)
    refused(ada.get("stats"), 401, "sign_in_required")
    assert ada.sign_in(token).status_code == 200
    assert [each["revoked_at"] for each in kim.get("reviewers").json()["items"]] == [None, None]


def test_a_server_whose_last_reviewer_is_revoked_does_not_fall_open(desk: Desk) -> None:
    kim = signed_in(desk, "kim", lead=True)
    assert kim.delete("reviewers/kim").status_code == 200
    assert kim.session() == NOBODY
    refused(kim.get("stats"), 401, "sign_in_required")
    desk.workspace.forget_reviewer("kim")
    assert kim.session() == OPEN


def test_a_server_on_a_network_is_never_open(desk: Desk) -> None:
    anybody = browser(desk.workspace, required=True)
    assert anybody.session() == NOBODY
    refused(anybody.get("stats"), 401, "sign_in_required")


def test_what_another_process_changes_is_known_within_a_second(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = signed_in(desk, "ada")
    # As the command line does it beside a server: this process' memory is not told.
    monkeypatch.setattr(desk.workspace.registry, "forget", lambda: None)
    desk.workspace.revoke_reviewer("ada")
    monkeypatch.setattr("corrigenda.workbench.signing_in.FRESH_SECONDS", 0.0)
    refused(ada.get("stats"), 401, "sign_in_required")


def test_decisions_are_by_who_signed_in_whatever_they_say(desk: Desk) -> None:
    desk.fill(record("a"), record("b"))
    for name in ("ada", "kim"):
        who = signed_in(desk, name, lead=name == "kim")
        body = {"id": "a" if name == "ada" else "b", "action": "flag", "reviewer": "mallory"}
        assert who.post("submit", body, **{"x-reviewer": "mallory"}).status_code == 200
        assert who.post("put-off", {"id": "b"}, **{"x-reviewer": "mallory"}).status_code == 200
        newest = who.get("decisions").json()["items"][0]
        assert newest["reviewer"] == name
        undo = {"id": body["id"], "reviewer": "mallory"}
        assert who.post("undo", undo).status_code == 200
        assert who.get("decisions").json()["items"][0]["reviewer"] == name


def test_inviting_over_http(desk: Desk) -> None:
    kim = signed_in(desk, "kim", lead=True)
    made = kim.post("reviewers", {"name": " Zoë ", "lead": False}).json()
    assert made["name"] == "Zoë"
    zoe = browser(desk.workspace)
    assert zoe.sign_in(made["link"].partition("#")[2]).json()["reviewer"] == "Zoë"
    refused(kim.post("reviewers", {"name": "Zoë"}), 409, "reviewer_exists")
    refused(zoe.post("reviewers", {"name": "eve"}), 403, "lead_required")
    assert kim.delete("reviewers/Zo%C3%AB").status_code == 200
    refused(kim.delete("reviewers/nobody"), 404, "unknown_reviewer")
    refused(kim.post("reviewers/nobody/renew"), 404, "unknown_reviewer")


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "..", "local", "File", "a\nb", "a\x00b", "\ud800", "x" * 201]
)
def test_names_that_cannot_be_one(desk: Desk, name: str) -> None:
    refused(browser(desk.workspace).post("reviewers", {"name": name}), 422, "invalid_request")


# ---- too many attempts


def test_an_address_that_guesses_has_to_wait(desk: Desk) -> None:
    _, token = desk.workspace.add_reviewer("kim")
    signed = browser(desk.workspace, "198.51.100.1")
    assert signed.sign_in(token).status_code == 200
    guesser = browser(desk.workspace, "198.51.100.1")
    codes = [guesser.sign_in(f"guess {n}").status_code for n in range(MOST + 2)]
    assert codes == [401] * MOST + [429] * 2
    waiting = guesser.sign_in(token)
    refused(waiting, 429, "too_many_attempts")
    assert 0 < int(waiting.headers["retry-after"]) <= 61
    refused(guesser.get("stats", authorization=f"Bearer {token}"), 429, "too_many_attempts")
    # Who is in stays in, and other addresses are not meant.
    assert signed.get("stats").status_code == 200
    assert browser(desk.workspace, "198.51.100.2").sign_in(token).status_code == 200


def test_one_stale_cookie_is_no_guessing(desk: Desk) -> None:
    ada = signed_in(desk, "ada", address="198.51.100.3")
    desk.workspace.revoke_reviewer("ada")
    for _ in range(MOST + 5):
        refused(ada.get("stats"), 401, "sign_in_required")
    _, token = desk.workspace.renew_reviewer("ada")
    assert ada.sign_in(token).status_code == 200


def test_behind_a_proxy_it_is_the_client_that_waits(desk: Desk) -> None:
    _, token = desk.workspace.add_reviewer("kim")
    guesser = browser(desk.workspace, PROXY)
    for n in range(MOST):
        said = f"10.{n}.0.1, 198.51.100.4"  # what stands before the last anybody may write
        guesser.sign_in(f"guess {n}", **{"x-forwarded-for": said})
    there = guesser.sign_in(token, **{"x-forwarded-for": "198.51.100.4"})
    refused(there, 429, "too_many_attempts")
    assert guesser.sign_in(token, **{"x-forwarded-for": "198.51.100.5"}).status_code == 200


# ---- a proxy that signs people in


def test_a_proxy_says_who_it_is(desk: Desk) -> None:
    desk.workspace.add_reviewer("kim", lead=True)
    desk.workspace.add_reviewer("Zoë")
    behind = browser(desk.workspace, PROXY, user_header="X-Forwarded-User")
    known = {"required": True, "reviewer": "kim", "lead": True, "by": "proxy"}
    assert behind.session(**{"x-forwarded-user": "kim"}) == known
    for written in ("Zo\u00eb", " Zoe\u0308 "):
        named = [(b"x-forwarded-user", written.encode())]
        zoe = behind.client.get("/api/sft/session", headers=named)
        assert zoe.json()["reviewer"] == "Zo\u00eb"
    refused(behind.get("stats"), 401, "sign_in_required")
    stranger = behind.get("stats", **{"x-forwarded-user": "eve"})
    refused(stranger, 403, "unknown_reviewer")


def test_nobody_else_can_say_so(desk: Desk) -> None:
    _, token = desk.workspace.add_reviewer("kim")
    for address in ("192.0.2.9", "testclient", "127.0.0.1", ""):
        direct = browser(desk.workspace, address, user_header="X-Forwarded-User")
        assert direct.session(**{"x-forwarded-user": "kim"}) == NOBODY
        refused(direct.get("stats", **{"x-forwarded-user": "kim"}), 401, "sign_in_required")
        # A program's token is as good as ever.
        assert direct.get("stats", authorization=f"Bearer {token}").status_code == 200
    without = browser(desk.workspace, PROXY)
    assert without.session(**{"x-forwarded-user": "kim"}) == NOBODY


def test_with_a_proxy_signing_in_is_always_needed(desk: Desk) -> None:
    behind = browser(desk.workspace, PROXY, user_header="X-Forwarded-User")
    refused(behind.get("stats"), 401, "sign_in_required")


def test_a_header_that_comes_twice_names_nobody(desk: Desk) -> None:
    """A proxy that adds its line to what a client has sent does not remove that."""
    desk.workspace.add_reviewer("kim", lead=True)
    desk.workspace.add_reviewer("ada")
    behind = browser(desk.workspace, PROXY, user_header="X-Forwarded-User")
    for name in (b"x-forwarded-user", b"X-Forwarded-User"):
        headers = [(name, b"kim"), (b"x-forwarded-user", b"ada")]
        refused(behind.client.get("/api/sft/stats", headers=headers), 403, "unknown_reviewer")
    folded = behind.session(**{"x_forwarded_user": "kim"})
    assert folded == NOBODY, "with underscores it is another header"


def test_the_client_is_in_the_line_that_the_proxy_has_added(desk: Desk) -> None:
    _, token = desk.workspace.add_reviewer("kim")
    guesser = browser(desk.workspace, PROXY)

    def sign_in(token: str, sent: str, seen: str) -> int:
        content = f'{{"token": "{token}"}}'
        headers = [
            (b"content-type", b"application/json"),
            (b"x-forwarded-for", sent.encode()),
            (b"x-forwarded-for", seen.encode()),
        ]
        return guesser.client.post("/api/sft/session", content=content, headers=headers).status_code

    for n in range(MOST):
        sign_in(f"guess {n}", f"10.{n}.0.1", "198.51.100.6")
    assert sign_in(token, "10.0.0.2", "198.51.100.6") == 429
    assert sign_in(token, "198.51.100.6", "198.51.100.7") == 200
