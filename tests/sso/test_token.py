"""The publisher's server's side, through the gateway: once, in time, and only by who asked."""

import datetime as dt
import io
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import jwt
import pytest

from infra.local.stand_ins import publisher as stand_in
from infra.local.visitor import Answer
from schoolpoort import aws as product_aws
from schoolpoort import clock, coverage, dynamodb, log, settings
from schoolpoort.dynamodb import Item
from sso import client_assertion, publishers, store
from tests.amounts import often
from tests.sso.world import (
    CALLBACK,
    COORDINATOR,
    PUBLISHER,
    SITE,
    TEACHER,
    VERIFIER,
    World,
    unsafe_claims,
)


def _error(answer: Answer) -> tuple[str, str]:
    """Return OAuth's error and our reason, from an answer that is JSON and carries a reference."""
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"
    body = json.loads(answer.text)
    assert len(body["reference"]) == 8
    assert "id_token" not in body
    return body["error"], body["error_description"]


def test_a_code_buys_tokens(world: World) -> None:
    """The answer is what OAuth prescribes, never cached, with a signed ID token."""
    answer = world.exchange(world.code())
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    body = json.loads(answer.text)
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert set(body) == {"access_token", "token_type", "expires_in", "scope", "id_token"}


def test_the_id_token_verifies_with_the_published_key(world: World) -> None:
    """PyJWT accepts it with issuer, audience and the key of the JWKS, and nothing else."""
    token = json.loads(world.exchange(world.code()).text)["id_token"]
    (key,) = json.loads(world.machine("GET", "/oauth2/jwks").text)["keys"]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    claims = jwt.decode(
        token, jwt.PyJWK(key).key, algorithms=["ES256"], audience=PUBLISHER, issuer=world.issuer
    )
    assert claims["nonce"] == "nonce-of-the-browser"
    assert claims["role"] == "teacher"
    assert "given_name" not in claims


def test_a_code_works_once_and_its_second_use_takes_the_token_back(world: World) -> None:
    """Used twice, a code has leaked: the second use is refused and the access token dies."""
    code = world.code()
    token = json.loads(world.exchange(code).text)["access_token"]
    assert world.userinfo(token).status == 200
    assert _error(world.exchange(code)) == ("invalid_grant", "code_used_before")
    assert world.userinfo(token).status == 401
    assert _error(world.exchange(code)) == ("invalid_grant", "code_used_before")


def test_a_leaked_code_is_noticed_after_its_minute_too(world: World) -> None:
    """While the token lives, a late second use still takes it back."""
    code = world.code()
    token = json.loads(world.exchange(code).text)["access_token"]
    world.house.move_clock(300)
    assert _error(world.exchange(code)) == ("invalid_grant", "code_used_before")
    assert world.userinfo(token).status == 401


@pytest.mark.soak
@pytest.mark.parametrize("_race", range(often(1)))
def test_of_many_simultaneous_uses_one_wins_at_most(
    world: World, monkeypatch: pytest.MonkeyPatch, _race: int
) -> None:
    """Servers that all saw the code unused get one token at most, and the losers take it back."""
    code = world.code()
    proofs = [world.assertion() for _ in range(6)]
    all_have_read = threading.Barrier(len(proofs), timeout=20)
    per_thread = threading.local()
    read = store.code

    def read_together(code_key: str) -> Item | None:
        found = read(code_key)
        if not getattr(per_thread, "has_read", False):
            per_thread.has_read = True
            all_have_read.wait()
        return found

    monkeypatch.setattr(store, "code", read_together)
    with ThreadPoolExecutor(len(proofs)) as pool:
        answers = list(pool.map(lambda proof: world.exchange(code, client_assertion=proof), proofs))
    won = [json.loads(answer.text) for answer in answers if answer.status == 200]
    assert len(won) == 1
    assert {_error(answer) for answer in answers if answer.status != 200} == {
        ("invalid_grant", "code_used_before")
    }
    assert world.userinfo(won[0]["access_token"]).status == 401


def test_a_code_ends_after_a_minute(world: World) -> None:
    """On the moved clock: the last second still works, the next does not."""
    code = world.code()
    world.house.move_clock(61)
    assert _error(world.exchange(code)) == ("invalid_grant", "code_expired")


def test_a_code_is_young_enough_for_half_a_minute(world: World) -> None:
    """A slow publisher still gets his tokens."""
    code = world.code()
    world.house.move_clock(50)
    assert world.exchange(code).status == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code_verifier": VERIFIER[:-1] + "x"}, "code_verifier_wrong"),
        ({"code_verifier": None}, "code_verifier_wrong"),
        ({"redirect_uri": CALLBACK + "/"}, "redirect_uri_differs"),
        ({"redirect_uri": None}, "redirect_uri_differs"),
    ],
)
def test_a_code_presented_wrongly_is_spoilt(
    world: World, changes: dict[str, str | None], reason: str
) -> None:
    """A wrong verifier or address is refused, and the right ones come too late."""
    code = world.code()
    assert _error(world.exchange(code, **changes)) == ("invalid_grant", reason)
    assert _error(world.exchange(code)) == ("invalid_grant", "code_used_before")


@pytest.mark.parametrize("code", ["", "x" * 43, "code#", "é"])
def test_a_code_that_was_never_given_buys_nothing(world: World, code: str) -> None:
    """Guessed codes are invalid_grant."""
    assert _error(world.exchange(code)) == ("invalid_grant", "code_unknown")


def test_an_access_token_is_no_code(world: World) -> None:
    """What userinfo takes cannot be redeemed, and the other way round."""
    code = world.code()
    assert world.userinfo(code).status == 401
    token = json.loads(world.exchange(code).text)["access_token"]
    assert _error(world.exchange(token)) == ("invalid_grant", "code_unknown")


def test_a_proof_works_once(world: World) -> None:
    """The same signed proof is refused for another code: its jti was seen."""
    proof = world.assertion()
    assert world.exchange(world.code(), client_assertion=proof).status == 200
    code = world.code()
    replayed = world.exchange(code, client_assertion=proof)
    assert _error(replayed) == ("invalid_client", "assertion_seen_before")
    assert world.exchange(code).status == 200


def test_a_jti_is_seen_whatever_else_changes(world: World) -> None:
    """A fresh signature over the same jti is still a replay, until the first proof's end."""
    assert world.exchange(world.code(), client_assertion=world.assertion(jti="j")).status == 200
    fresh = world.assertion(jti="j")
    assert (
        _error(world.exchange(world.code(), client_assertion=fresh))[1] == "assertion_seen_before"
    )


def test_an_expired_proof_is_refused_on_the_moved_clock(world: World) -> None:
    """A proof that was kept back ends with the house's clock."""
    proof = world.assertion()
    world.house.move_clock(61)
    answer = world.exchange("any", client_assertion=proof)
    assert _error(answer) == ("invalid_client", "assertion_expired")


def test_a_refused_proof_costs_the_code_nothing(world: World) -> None:
    """Who cannot prove to be the publisher cannot spoil its codes either."""
    code = world.code()
    forged = world.assertion(aud="https://elders.example")
    assert _error(world.exchange(code, client_assertion=forged))[0] == "invalid_client"
    assert world.exchange(code).status == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_assertion_type": None}, "assertion_type"),
        ({"client_assertion_type": "urn:other"}, "assertion_type"),
        ({"client_assertion": None}, "assertion_malformed"),
        ({"client_assertion": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZWtlbnJpamsifQ."}, "assertion"),
        ({"client_assertion": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYXRhbG9nIn0."}, "client_unknown"),
        ({"client_id": "leeshoek"}, "client_id_differs"),
        ({"client_secret": "geheim"}, "only_private_key_jwt"),
    ],
)
def test_only_a_signed_proof_of_a_known_client_counts(
    world: World, changes: dict[str, str | None], reason: str
) -> None:
    """Secrets, unsigned proofs (alg none), and proofs of unknown clients are invalid_client."""
    error, told = _error(world.exchange(world.code(), **changes))
    assert error == "invalid_client"
    assert told.startswith(reason)


def test_a_secret_in_the_header_is_refused(world: World) -> None:
    """client_secret_basic does not exist here, also beside a right proof."""
    form = {"client_assertion_type": client_assertion.TYPE, "client_assertion": world.assertion()}
    answer = world.post_token(urlencode(form), authorization="Basic cmVrZW5yaWprOng=")
    assert _error(answer) == ("invalid_client", "only_private_key_jwt")


def test_another_publisher_gets_nothing_for_a_stolen_code(world: World) -> None:
    """A code in the hands of another client is refused and spoilt for everybody."""
    from infra.local.stand_ins.publisher_registry import client_key

    code = world.code()
    thief = World(world.house, client_key("leeshoek"))
    changes = {"iss": "leeshoek", "sub": "leeshoek"}
    proof = thief.assertion(header={"kid": "leeshoek-1"}, **changes)
    stolen = world.exchange(code, client_assertion=proof)
    assert _error(stolen) == ("invalid_grant", "code_of_another_client")
    assert _error(world.exchange(code)) == ("invalid_grant", "code_used_before")


@pytest.mark.parametrize(
    "grant_type", ["password", "client_credentials", "refresh_token", "implicit", "", None]
)
def test_there_is_one_way_to_a_token(world: World, grant_type: str | None) -> None:
    """No password, no implicit, no refresh: only the authorization code."""
    answer = world.exchange(world.code(), grant_type=grant_type)
    assert _error(answer) == ("unsupported_grant_type", "grant_type")


@pytest.mark.parametrize("name", ["code", "redirect_uri", "code_verifier", "grant_type"])
def test_a_field_stands_once(world: World, name: str) -> None:
    """A repeated field is refused before anything is looked at (RFC 6749, 3.2)."""
    answer = world.post_token(urlencode([(name, "a"), (name, "b")]))
    assert _error(answer) == ("invalid_request", f"{name}_repeated")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("{}", "application/json"),
        ("code=%ff", "application/x-www-form-urlencoded"),
        ("é", "application/x-www-form-urlencoded"),
        ("&".join(f"a{n}=b" for n in range(600)), "application/x-www-form-urlencoded"),
    ],
)
def test_bad_bodies_get_an_oauth_error(world: World, body: str, content_type: str) -> None:
    """Malformed input is invalid_request in JSON, never a page or a trace."""
    answer = world.post_token(body, **{"content-type": content_type})
    assert answer.status == 400
    assert _error(answer)[0] == "invalid_request"


def test_a_busy_store_is_told_as_json(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine hears that it may try later, in its own language."""
    from schoolpoort.errors import StoreUnavailable

    def busy(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(store, "reserve", busy)
    answer = world.exchange(world.code())
    assert answer.status == 503
    assert _error(answer) == ("temporarily_unavailable", "try_again")


def test_a_kms_that_is_busy_is_told_as_json(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Throttling by KMS is no crash either."""
    from botocore.exceptions import ClientError

    class Busy:
        """A KMS that has had enough."""

        def sign(self, **_: object) -> None:
            """Throttle."""
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Sign")

    code = world.code()
    store.public_key_der()
    store.pairwise_key()
    monkeypatch.setattr(store, "client", lambda _service: Busy())
    answer = world.exchange(code)
    assert (answer.status, _error(answer)[0]) == (503, "temporarily_unavailable")


def test_userinfo_tells_what_was_granted(world: World) -> None:
    """By GET and POST: the same subject as the ID token, and the fields of the link."""
    body = json.loads(world.exchange(world.code()).text)
    subject = unsafe_claims(body["id_token"])["sub"]
    expected = {
        "sub": subject,
        "role": "teacher",
        "school_ref": "42",
        "given_name": "Noor",
        "groups": ["5 Rood"],
    }
    for method in ("GET", "POST"):
        answer = world.userinfo(body["access_token"], method)
        assert answer.status == 200
        assert json.loads(answer.text) == expected
        assert answer.headers["cache-control"] == "no-store"


def _put_group(group_id: str, name: str) -> None:
    group = {"item_key": f"group#{group_id}", "kind": "base", "name": name, "year_group": "6"}
    more = {"school_id": "42", "school_year": "2026-2027", "active": True}
    dynamodb.put(settings.require("ROSTER_TABLE"), {**group, **more})


def _grant_by_hand(world: World, role: str, group_id: str, until: str) -> None:
    """Give the teacher's account a role by hand beside the one of the roster."""
    world.put_membership(TEACHER, ["teacher", role])
    grant = {"until": until, "group_ids": [group_id], "confirmed_on": "2026-11-01", "given_by": "8"}
    dynamodb.update(
        settings.require("ACCOUNTS_TABLE"),
        {"account_id": TEACHER, "scope": "school#42"},
        "SET grants = :grants",
        values={":grants": {role: grant}},
    )


@pytest.mark.parametrize("role", ["substitute", "trainee"])
def test_groups_that_were_given_by_hand_are_told_as_long_as_they_hold(
    world: World, role: str
) -> None:
    """Beside those of the roster, once each; not after the last day, nor when not linked for."""
    _put_group("601", "6 Blauw")
    today = coverage.amsterdam_day(clock.now_epoch_s())
    _grant_by_hand(world, role, "601", today.isoformat())
    token = json.loads(world.exchange(world.code()).text)["access_token"]
    assert json.loads(world.userinfo(token).text)["groups"] == ["5 Rood", "6 Blauw"]
    world.put_person(active=False)
    assert json.loads(world.userinfo(token).text)["groups"] == ["6 Blauw"]
    _grant_by_hand(world, role, "601", (today - dt.timedelta(days=1)).isoformat())
    assert "groups" not in json.loads(world.userinfo(token).text)
    _grant_by_hand(world, role, "601", today.isoformat())
    world.put_link(fields=("given_name",))
    token = json.loads(world.exchange(world.code()).text)["access_token"]
    assert "groups" not in json.loads(world.userinfo(token).text)


def test_what_the_school_did_not_link_for_is_not_told(world: World) -> None:
    """A link without optional fields releases the base fields, and the ledger says so."""
    world.put_link(fields=())
    token = json.loads(world.exchange(world.code()).text)["access_token"]
    assert set(json.loads(world.userinfo(token).text)) == {"sub", "role", "school_ref"}
    assert world.ledger()[0]["fields"] == ["sub", "role", "school_ref"]


def test_userinfo_tells_the_roster_of_now(world: World) -> None:
    """Names are read when they leave; who left the roster since is told of without a name."""
    token = json.loads(world.exchange(world.code()).text)["access_token"]
    world.put_person(given_name="Nora")
    assert json.loads(world.userinfo(token).text)["given_name"] == "Nora"
    world.put_person(active=False)
    assert "given_name" not in json.loads(world.userinfo(token).text)


def test_an_access_token_ends_after_ten_minutes(world: World) -> None:
    """On the moved clock, whether or not the store has removed it already."""
    token = json.loads(world.exchange(world.code()).text)["access_token"]
    world.house.move_clock(590)
    assert world.userinfo(token).status == 200
    world.house.move_clock(601)
    answer = world.userinfo(token)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "bearer\tx"])
def test_userinfo_wants_a_bearer_token(world: World, header: str) -> None:
    """Without one the answer says how to show one, and names no error (RFC 6750, 3.1)."""
    answer = world.machine("GET", "/oauth2/userinfo", authorization=header)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_cookie_is_no_access_token(world: World) -> None:
    """Who is signed in here cannot ask userinfo by that alone."""
    assert world.visitor().get("/oauth2/userinfo").status == 401


def test_a_publisher_is_told_about_two_people_apart(world: World) -> None:
    """Two accounts have two subjects, and one account the same each time."""
    subjects = []
    for account in ("7", COORDINATOR, "7"):
        code = world.code(world.visitor(account))
        subjects.append(unsafe_claims(json.loads(world.exchange(code).text)["id_token"])["sub"])
    assert subjects[0] == subjects[2]
    assert subjects[0] != subjects[1]
    assert "7" not in subjects


def test_the_pairwise_key_is_made_once_and_survives_the_process(world: World) -> None:
    """A new process unwraps the same key; the table holds it wrapped only."""
    store.pairwise_key.cache_clear()
    first = store.pairwise_key()
    store.pairwise_key.cache_clear()
    assert store.pairwise_key() == first
    assert len(first) == 32
    item = store.publisher(store.PAIRWISE_KEY_ID)
    assert item is not None
    assert first not in item["wrapped_key"]


def test_of_two_first_processes_both_take_the_same_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who loses the race to make the key uses the winner's."""
    store.pairwise_key.cache_clear()
    winner = store.pairwise_key()
    store.pairwise_key.cache_clear()
    real = dynamodb.get
    monkeypatch.setattr(dynamodb, "get", lambda *_, **__: None)
    loser = store.pairwise_key()
    monkeypatch.setattr(dynamodb, "get", real)
    assert loser == winner


def test_nothing_secret_stands_in_the_table_or_the_log(world: World) -> None:
    """Neither code, token, proof nor name of a person is logged or stored as it is."""
    lines = io.StringIO()
    listener = logging.StreamHandler(lines)
    listener.setFormatter(log.logger.registered_formatter)
    log.logger.addHandler(listener)
    try:
        code = world.code()
        proof = world.assertion()
        body = json.loads(world.exchange(code, client_assertion=proof).text)
        world.userinfo(body["access_token"])
        world.exchange(code)
    finally:
        log.logger._logger.removeHandler(listener)
    logged = lines.getvalue()
    assert "code_used_before" in logged
    client = product_aws.client("dynamodb")
    stored = "".join(
        repr(client.scan(TableName=settings.require(table)))
        for table in ("CODES_TABLE", "LEDGER_TABLE", "PUBLISHERS_TABLE")
    )
    assert "code#" in stored
    secrets_told = [code, body["access_token"], body["id_token"], proof, VERIFIER, "Noor"]
    assert [text for text in secrets_told if text in logged or text in stored] == []


def test_a_replaced_key_signs_from_then_on(world: World) -> None:
    """A publisher that registers a new key is recognised by it, and no longer by the old one."""
    from infra.local.stand_ins.publisher_registry import client_key

    old = world.assertion()
    new_key = client_key("leeshoek")
    item = stand_in.registration(SITE, PUBLISHER)
    item["jwks"] = {"keys": [new_key.as_dict(private=False)]}
    publishers.register(item)
    refused = world.exchange(world.code(), client_assertion=old)
    assert _error(refused) == ("invalid_client", "assertion_key_unknown")
    renewed = World(world.house, new_key).assertion(header={"kid": "leeshoek-1"})
    assert world.exchange(world.code(), client_assertion=renewed).status == 200


def test_a_browser_of_another_site_may_carry_no_cookie_here(world: World) -> None:
    """The token endpoint answers servers whatever Origin they name, by their proof alone."""
    answer = world.post_token("grant_type=authorization_code", origin="https://elders.example")
    assert _error(answer)[0] == "invalid_client"
