"""Roles that a coordinator gives by hand: given, changed, confirmed, taken away, and by whom."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.visitor import Visitor
from password_reset.appointments import RULES
from schoolpoort import clock, dynamodb, memberships
from schoolpoort.settings import require
from tests.amounts import often
from tests.password_reset.post import SCHOOL, Post
from tests.password_reset.staff_room import (
    GROUPS,
    NEW,
    ROLES,
    coordinator,
    days_pass,
    events,
    give,
    in_days,
    member,
    open_school,
)
from tests.signed_in import signed_in

JORGEN = "jorgen.vanthof@vlieger.example"
_TERMS: dict[str, dict[str, str | int]] = {
    "ict_coordinator": {},
    "school_head": {},
    "internal_support": {},
    "teacher": {"group_ids": "31"},
    "support_staff": {"group_ids": "32"},
    "trainee": {"group_ids": "31", "until": 100},
    "substitute": {"group_ids": "33", "until": 42},
}


@pytest.fixture
def noor(post: Post) -> Visitor:
    """Return the one coordinator of a school with three groups."""
    open_school()
    return coordinator(post, "901")


def _terms(role: str) -> dict[str, str]:
    given = _TERMS[role]
    return {
        name: in_days(value) if isinstance(value, int) else value for name, value in given.items()
    }


def test_every_rule_has_a_case_here() -> None:
    """A role added to the rules is tried below."""
    assert set(_TERMS) == set(RULES)


@pytest.mark.parametrize("role", _TERMS)
def test_a_role_is_given_with_a_mail(post: Post, noor: Visitor, role: str) -> None:
    """The person stands in the list at once, gets a mail with a link, and can come in."""
    assert noor.get(f"{NEW}?role={role}").status == 200
    answer = give(noor, role, JORGEN, **_terms(role))
    assert answer.location == f"{ROLES}?done=appointed"
    assert "Jörgen van ’t Hof" in noor.get(ROLES).text
    assert post.work(*post.queued()) == []
    [link] = post.links(JORGEN)
    assert post.set_password(link).status == 303
    stored = member(post, JORGEN)
    assert stored["roles"] == [role]
    assert stored["activated_at_epoch_s"]
    [event] = events(post, action="appointed")
    assert (event["by"], event["about"], event["role"]) == ("901", stored["account_id"], role)


@pytest.mark.parametrize(
    ("role", "fields", "said"),
    [
        ("trainee", {"group_ids": "31"}, "altijd vanzelf"),
        ("trainee", {"group_ids": "31", "until": "400"}, "te ver weg"),
        ("trainee", {"until": "30"}, "minstens één groep"),
        ("trainee", {"group_ids": "39", "until": "30"}, "is er niet meer"),
        ("substitute", {"group_ids": "31"}, "altijd vanzelf"),
        ("substitute", {"group_ids": "31", "until": "43"}, "te ver weg"),
        ("substitute", {"group_ids": "31", "until": "-1"}, "voorbij"),
        ("substitute", {"group_ids": "31", "until": "31-12"}, "geen datum"),
        ("support_staff", {}, "minstens één groep"),
        ("support_staff", {"group_ids": "4242"}, "is er niet meer"),
        ("teacher", {}, "minstens één groep"),
        ("internal_support", {"until": "-1"}, "voorbij"),
        ("internal_support", {"address": "geen apenstaart"}, "geen e-mailadres"),
        ("internal_support", {"address": "geen@vlieger.example"}, "verzonnen"),
        ("internal_support", {"display_name": " "}, "80 tekens"),
        ("internal_support", {"display_name": "x" * 81}, "80 tekens"),
    ],
)
def test_what_is_not_right_is_said_and_kept(
    post: Post, noor: Visitor, role: str, fields: dict[str, str], said: str
) -> None:
    """The form comes back with what was typed and what to do; nothing is written or mailed."""
    until = fields.get("until", "")
    if until.lstrip("-").isdigit():
        fields = {**fields, "until": in_days(int(until))}
    before = len(post.items("ACCOUNTS_TABLE"))
    form = {"address": JORGEN, **fields}
    answer = give(noor, role, form.pop("address"), **form)
    assert answer.status == 400
    assert said in answer.text
    assert 'name="display_name"' in answer.text
    assert len(post.items("ACCOUNTS_TABLE")) == before
    assert post.items("PEOPLE_EVENTS_TABLE") == []
    assert post.queued() == []


class TwoGroups(dict[str, str]):
    """A form that a person changed by hand: it names two groups."""

    def items(self) -> Any:
        """Return the fields, one of them twice."""
        return [*super().items(), ("group_ids", "32")]


def test_a_trainee_gets_one_group(post: Post, noor: Visitor) -> None:
    """Two groups for a trainee are refused, also when a form sends them anyway."""
    answer = noor.post(NEW, TwoGroups({**_terms("trainee"), "role": "trainee"}))
    assert answer.status == 400
    assert "één groep" in answer.text


def test_an_unknown_role_is_no_role(post: Post, noor: Visitor) -> None:
    """Roles of boards, of the helpdesk or of nobody cannot be given at a school."""
    for role in ("board", "helpdesk", "publisher", "king", ""):
        assert give(noor, role, JORGEN).status == 404
        assert NEW + "?role=trainee" in noor.get(f"{NEW}?role={role}").text
    assert post.queued() == []


def test_several_roles_are_a_union(post: Post, noor: Visitor) -> None:
    """A second role comes beside the first, with groups and a last day of its own."""
    give(noor, "trainee", JORGEN, **_terms("trainee"))
    give(noor, "substitute", JORGEN, **_terms("substitute"))
    found = memberships.from_item(member(post, JORGEN))
    assert found.roles == {"trainee", "substitute"}
    assert found.grants["trainee"].group_ids == {"31"}
    assert found.grants["substitute"].group_ids == {"33"}


def test_who_has_an_account_elsewhere_keeps_it(post: Post, noor: Visitor) -> None:
    """A substitute of two schools is one account with two places, and signs in as before."""
    give(noor, "substitute", JORGEN, **_terms("substitute"))
    post.work(*post.queued())
    post.set_password(post.links(JORGEN)[0])
    open_school("43")
    other = coordinator(post, "903", scope="school#43")
    assert give(other, "substitute", JORGEN, **_terms("substitute")).status == 303
    first, second = member(post, JORGEN), member(post, JORGEN, "school#43")
    assert first["account_id"] == second["account_id"]
    assert second["activated_at_epoch_s"]
    post.work(*post.queued())
    assert len(post.links(JORGEN)) == 1
    assert "/login" in post.house.mails()[0]["text"]


def test_a_role_ends_with_its_last_day_in_open_sessions(post: Post, noor: Visitor) -> None:
    """On the last day everything works; the day after, the same browser opens nothing."""
    grant = {"until": in_days(2), "group_ids": ["31"], "confirmed_on": in_days(0), "given_by": "9"}
    who = signed_in(post.house, "905", SCHOOL, "substitute", grants={"substitute": grant})
    assert noor.get(ROLES).text.count("Invaller") == 1
    assert "/groups" in who.get("/groups").text
    now = clock.now_epoch_s()
    session = next(one for one in post.items("SESSIONS_TABLE") if one["account_id"] == "905")
    later = now + 10 * 24 * 3600
    dynamodb.put(
        require("SESSIONS_TABLE"),
        session | {"expires_at_epoch_s": later, "idle_ends_at_epoch_s": later},
    )
    days_pass(post, 2)
    assert who.get("/groups").status == 200
    days_pass(post, 1)
    assert who.get("/groups").status == 403
    assert who.get("/apps").status == 403
    assert memberships.of_account("905") == []


def test_terms_are_changed_and_renewed(post: Post, noor: Visitor) -> None:
    """A substitute goes on for six weeks from today, with other groups; it is recorded."""
    give(noor, "substitute", JORGEN, **_terms("substitute"))
    account_id = member(post, JORGEN)["account_id"]
    post.move_clock(1)
    path = f"/console/people/{account_id}"
    form = {"role": "substitute", "action": "change", "group_ids": "31", "until": in_days(40)}
    assert noor.post(path, form).location.startswith(f"{path}?done=change")
    grant = memberships.from_item(member(post, JORGEN)).grants["substitute"]
    assert grant.group_ids == {"31"}
    assert str(grant.until) == in_days(40)
    wrong = noor.post(path, {**form, "until": in_days(50)})
    assert (wrong.status, "te ver weg" in wrong.text) == (400, True)
    assert [one["action"] for one in events(post, about=account_id)] == ["appointed", "changed"]
    assert "gewijzigd" in noor.get(path).text


def test_a_role_taken_away_is_gone_at_once_and_can_be_given_back(post: Post, noor: Visitor) -> None:
    """The open browser is refused at its next page; the page offers the way back."""
    grant = {"until": "", "group_ids": ["31"], "confirmed_on": in_days(0), "given_by": "9"}
    who = signed_in(post.house, "905", SCHOOL, "support_staff", grants={"support_staff": grant})
    assert who.get("/groups").status == 200
    path = "/console/people/905"
    answer = noor.post(path, {"role": "support_staff", "action": "remove"})
    assert who.get("/groups").status == 403
    page = noor.get(answer.location)
    assert f"{NEW}?role=support_staff&amp;person=905" in page.text
    assert 'value="hanna@example.nl"' in noor.get(f"{NEW}?role=support_staff&person=905").text
    assert noor.post(path, {"role": "support_staff", "action": "remove"}).location == (
        f"{path}?done=changed"
    )


def test_the_mail_can_be_sent_again(post: Post, noor: Visitor) -> None:
    """Who lost the invitation gets another; a second press in the same minute sends none."""
    give(noor, "school_head", JORGEN)
    post.work(*post.queued())
    post.move_clock(120)
    path = f"/console/people/{member(post, JORGEN)['account_id']}"
    for _ in range(2):
        noor.post(path, {"role": "school_head", "action": "mail"})
    assert post.work(*post.queued()) == []
    assert len(post.links(JORGEN)) == 2


def test_no_mail_about_a_role_that_was_taken_away(post: Post, noor: Visitor) -> None:
    """A mail that still waits when the role goes is never sent."""
    give(noor, "trainee", JORGEN, **_terms("trainee"))
    path = f"/console/people/{member(post, JORGEN)['account_id']}"
    noor.post(path, {"role": "trainee", "action": "remove"})
    assert post.work(*post.queued()) == []
    assert post.house.mails() == []


def test_the_last_coordinator_stays(post: Post, noor: Visitor) -> None:
    """Neither taken away nor given a last day, while the only other has no password yet."""
    coordinator(post, "902", activated_at_epoch_s=None)
    path = "/console/people/901"
    form = {"role": "ict_coordinator"}
    for action in ({"action": "remove"}, {"action": "change", "until": in_days(3)}):
        answer = noor.post(path, {**form, **action})
        assert answer.location == f"{path}?done=last_coordinator"
        assert "niet zonder ICT-coördinator" in noor.get(answer.location).text
    coordinator(post, "903")
    assert noor.post(path, {**form, "action": "remove"}).location.startswith(f"{path}?done=remove")
    assert noor.get(ROLES).status == 403


def test_a_coordinator_with_a_last_day_is_no_successor(post: Post, noor: Visitor) -> None:
    """Who leaves by himself in a week does not count as the one who stays."""
    grant = {"until": in_days(7), "group_ids": [], "confirmed_on": in_days(0), "given_by": "9"}
    coordinator(post, "902", grants={"ict_coordinator": grant})
    answer = noor.post("/console/people/901", {"role": "ict_coordinator", "action": "remove"})
    assert answer.location.endswith("done=last_coordinator")


def _stay(post: Post) -> int:
    return sum(
        "ict_coordinator" in item["roles"]
        for item in post.items("ACCOUNTS_TABLE")
        if item["scope"] == SCHOOL
    )


@pytest.mark.soak
@pytest.mark.parametrize("count", [2, 3, 5])
def test_coordinators_who_remove_each_other_leave_one(post: Post, count: int) -> None:
    """Everybody removes the next at the same moment: at least one always stays."""
    open_school()
    form = {"role": "ict_coordinator", "action": "remove"}
    for _ in range(often(3)):
        names = [str(700 + number) for number in range(count)]
        people = [coordinator(post, name) for name in names]
        pairs = list(zip(people, names[1:] + names[:1], strict=True))
        with ThreadPoolExecutor(count) as pool:
            answers = list(
                pool.map(lambda pair: pair[0].post(f"/console/people/{pair[1]}", form), pairs)
            )
        assert {answer.status for answer in answers} <= {303, 403}
        assert _stay(post) >= 1


@pytest.mark.parametrize("account_id", ["1", "x", "9" * 300, "%00", "901%20"])
def test_nobody_of_another_school_is_found(post: Post, noor: Visitor, account_id: str) -> None:
    """An account of another school, or of nobody, is nothing here, by page and by form."""
    coordinator(post, "1", scope="school#43")
    path = f"/console/people/{account_id}"
    assert noor.get(path).status == 404
    form = {"role": "ict_coordinator", "action": "remove"}
    assert noor.post(path, form).status == 404
    assert member(post, "1@vlieger.example", "school#43")["roles"] == ["ict_coordinator"]


def test_a_teacher_of_the_roster_is_changed_there(post: Post, noor: Visitor) -> None:
    """Neither given a second time nor taken away by hand."""
    place = {"person_id": "7", "address": "els@vlieger.example"}
    signed_in(post.house, "906", SCHOOL, "teacher", **place)
    dynamodb.put(
        require("CREDENTIALS_TABLE"),
        {
            "address_key": "staff#els@vlieger.example",
            "account_id": "906",
            "password_version": 0,
            "language": "nl",
        },
    )
    answer = give(noor, "teacher", "els@vlieger.example", group_ids="31")
    assert (answer.status, "al een leerkracht" in answer.text) == (409, True)
    answer = noor.post("/console/people/906", {"role": "teacher", "action": "remove"})
    assert answer.status == 400
    assert give(noor, "internal_support", "els@vlieger.example").status == 303
    assert member(post, "els@vlieger.example")["roles"] == ["internal_support", "teacher"]


def test_two_changes_of_one_person_do_not_mix(post: Post, noor: Visitor) -> None:
    """Of two different forms at the same moment both count, or one hears that it did not."""
    give(noor, "support_staff", JORGEN, group_ids="31")
    account_id = member(post, JORGEN)["account_id"]
    forms = [
        {"role": "support_staff", "action": "change", "group_ids": group, "until": ""}
        for group in GROUPS
    ]
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda form: noor.post(f"/console/people/{account_id}", form), forms)
        )
    assert all(answer.status == 303 for answer in answers)
    written = sum("done=changed" not in answer.location for answer in answers)
    assert member(post, JORGEN)["revision"] == 1 + written
    assert len(events(post, action="changed")) == written


@pytest.mark.parametrize("path", [NEW, ROLES, "/console/people/901"])
def test_who_one_is_is_asked_again_after_a_quarter(post: Post, noor: Visitor, path: str) -> None:
    """Giving, confirming and taking away ask for the password again; looking does not."""
    post.move_clock(900)
    form = {"role": "trainee", "action": "remove"}
    assert noor.post(path, form).location.startswith("/account/confirm")
    assert noor.get(ROLES).status == 200
    asked = noor.get(f"{NEW}?role=trainee")
    assert asked.location.startswith("/account/confirm")


def test_a_form_of_another_site_gives_nothing(post: Post, noor: Visitor) -> None:
    """Another site's page cannot give a role in a coordinator's name."""
    form = {"role": "school_head", "address": JORGEN, "display_name": "Jo"}
    assert noor.post(NEW, form, sec_fetch_site="cross-site").status == 403
    assert post.items("PEOPLE_EVENTS_TABLE") == []
