"""Whom the coordinator sees, whom the button invites, and whom it never does."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import mail_reports
from infra.local.house import House
from infra.local.visitor import Visitor
from password_reset import invitable
from password_reset.invitable import Reason
from schoolpoort import addresses, dynamodb
from schoolpoort.rosters import GroupMembership, Person
from schoolpoort.settings import require
from tests.password_reset.post import SCHOOL, Post, invitation, reset
from tests.signed_in import signed_in

_GROUP = GroupMembership("31", "Groep 3", "3")
_STAFF = st.lists(
    st.builds(
        Person,
        person_id=st.integers(1, 10**9).map(str),
        kind=st.just("staff"),
        given_name=st.sampled_from(["Noor", "Jörgen", "Anne-Fleur"]),
        prefix=st.sampled_from(["", "van der", "’t"]),
        surname=st.just("Hart"),
        year_group=st.none(),
        address=st.sampled_from(
            [
                None,
                "",
                "geen@vlieger.example",
                "noor@vlieger.example",
                "NOOR@Vlieger.example ",
                "jorgen@vlieger.example",
                "anne@vlieger.example",
                "anne vlieger.example",
            ]
        ),
        roles_in_las=st.sampled_from([(), ("OUD",), ("LKR",), ("LKR", "OUD")]),
        groups=st.sampled_from([(), (_GROUP,)]),
        active=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda person: person.person_id,
)


@given(_STAFF)
def test_everybody_active_is_on_one_list(staff: list[Person]) -> None:
    """Nobody who works there is forgotten or on both lists; who left is on neither."""
    candidates, kept = invitable.sort_out(staff)
    listed = [entry.staff.person_id for entry in candidates]
    listed += [entry.staff.person_id for entry in kept]
    assert sorted(listed) == sorted(member.person_id for member in staff if member.active)


@given(_STAFF)
def test_who_is_invited_has_an_address_of_his_own_and_a_group(staff: list[Person]) -> None:
    """No parent, no placeholder, no shared address, nobody without a group is ever invited."""
    candidates, _ = invitable.sort_out(staff)
    invited = [entry.address for entry in candidates]
    assert len(set(invited)) == len(invited)
    active = [addresses.normalise(m.address or "") for m in staff if m.active and _is_address(m)]
    for entry in candidates:
        assert active.count(entry.address) == 1
        assert entry.staff.groups
        assert entry.staff.roles_in_las != ("OUD",)
        assert not addresses.is_placeholder(entry.address)


def _is_address(member: Person) -> bool:
    try:
        addresses.normalise(member.address or "")
    except addresses.InvalidAddress:
        return False
    return True


def _put(person_id: str, given_name: str, address: str | None, **changes: Any) -> None:
    group = {"group_id": "31", "name": "Groep 3", "year_group": "3"}
    item = {
        "school_id": "42",
        "item_key": f"person#{person_id}",
        "kind": "staff",
        "given_name": given_name,
        "prefix": "",
        "surname": "Vlieger",
        "address": address,
        "roles_in_las": ["LKR"],
        "groups": [group],
        "active": True,
        "las_key": person_id,
    }
    dynamodb.put(require("ROSTER_TABLE"), item | changes)


def _coordinator(house: House, *roles: str, scope: str = SCHOOL) -> Visitor:
    return signed_in(
        house,
        "700",
        scope,
        *(roles or ("ict_coordinator",)),
        scope_name="De Vlieger",
        display_name="Ingrid Beheer",
        address="ingrid@vlieger.example",
    )


def test_the_page_says_who_and_why_not(post: Post) -> None:
    """Every reason stands there in words, beside the name."""
    _put("1", "Noor", "noor@vlieger.example")
    _put("2", "Jörgen", None)
    _put("3", "Fenna", "geen@vlieger.example")
    _put("4", "Daan", "duo@vlieger.example")
    _put("5", "Mette", "Duo@vlieger.example")
    _put("6", "Olga", "olga@vlieger.example", roles_in_las=["OUD"])
    _put("7", "Piet", "piet@vlieger.example", groups=[])
    _put("8", "Kees", "kees vlieger")
    page = _coordinator(post.house).get("/console/people")
    assert page.status == 200
    for name, said in (
        ("Jörgen", "Geen e-mailadres"),
        ("Olga", "alleen als ouder"),
        ("Piet", "geen groep"),
        ("Kees", "typefout"),
    ):
        row = page.text.split(f"{name} Vlieger</th>")[1].split("</tr>")[0]
        assert said.casefold() in row.casefold()
    assert page.text.count("Iemand anders op jullie school") == 2
    assert len(Reason) == 6


def test_the_button_asks_for_one_mail_a_person(post: Post) -> None:
    """Pressing twice, before or after the mails went, sends nobody a second one."""
    _put("1", "Noor", "noor@vlieger.example")
    _put("2", "Anne", "anne@vlieger.example")
    _put("3", "Olga", "olga@vlieger.example", roles_in_las=["OUD"])
    coordinator = _coordinator(post.house)
    assert coordinator.post("/console/people/invite").status == 303
    assert coordinator.post("/console/people/invite").status == 303
    assert post.work(*post.queued()) == []
    assert sorted(mail["to"][0] for mail in post.house.mails()) == [
        "anne@vlieger.example",
        "noor@vlieger.example",
    ]
    assert coordinator.post("/console/people/invite").location.endswith("invited=0")
    shown = coordinator.get("/console/people").text
    assert shown.count("link nog niet gebruikt") == 2


@pytest.mark.parametrize(
    ("kind", "said"),
    [("delivery", "Mail bezorgd"), ("bounce", "De mail kwam niet aan")],
)
def test_the_page_says_how_each_mail_went(post: Post, kind: str, said: str) -> None:
    """The coordinator sees a mail that arrived, and one that did not."""
    _put("1", "Noor", "noor@vlieger.example")
    coordinator = _coordinator(post.house)
    coordinator.post("/console/people/invite")
    post.work(*post.queued())
    [mail] = post.items("MAIL_TABLE")
    event = mail_reports.event(kind, mail["message_id"], mail["request_id"], "set")
    post.house.report_mail(event)
    assert said in coordinator.get("/console/people").text


@pytest.mark.parametrize(
    ("scope", "role"),
    [("school#42", "teacher"), ("board#40001", "board"), ("helpdesk", "helpdesk")],
)
def test_only_a_coordinator_invites(post: Post, scope: str, role: str) -> None:
    """Anybody else is refused, and nothing is queued."""
    _put("1", "Noor", "noor@vlieger.example")
    person = _coordinator(post.house, role, scope=scope)
    assert person.get("/console/people").status == 403
    assert person.post("/console/people/invite").status == 403
    assert post.queued() == []


def test_a_coordinator_sees_his_own_school_only(post: Post) -> None:
    """People of another school are neither shown nor invited."""
    _put("1", "Noor", "noor@vlieger.example")
    stranger = _coordinator(post.house, scope="school#43")
    assert "Noor" not in stranger.get("/console/people").text
    stranger.post("/console/people/invite")
    assert post.queued() == []


def test_a_corrected_address_is_invited_anew(post: Post) -> None:
    """After a typing error was mended, pressing the button mails the right address, once."""
    _put("1", "Noor", "noor@vleiger.example")
    coordinator = _coordinator(post.house)
    coordinator.post("/console/people/invite")
    assert post.work(*post.queued()) == []
    _put("1", "Noor", "noor@vlieger.example")
    for _ in range(2):
        assert "to-invite" in coordinator.get("/console/people").text
        coordinator.post("/console/people/invite")
    assert post.work(*post.queued()) == []
    assert [mail["to"][0] for mail in post.house.mails()] == [
        "noor@vlieger.example",
        "noor@vleiger.example",
    ]
    shown = coordinator.get("/console/people")
    assert shown.status == 200
    assert shown.text.count("link nog niet gebruikt") == 2
    assert "to-invite" not in shown.text


def test_a_teacher_of_two_schools_is_one_account(post: Post) -> None:
    """The second school adds a place to the account that the first one made."""
    for school, person_id in (("42", "1"), ("43", "2")):
        _put(person_id, "Noor", "noor@vlieger.example", school_id=school)
        _coordinator(post.house, scope=f"school#{school}").post("/console/people/invite")
        assert post.work(*post.queued()) == []
    places = [
        item
        for item in post.items("ACCOUNTS_TABLE")
        if item["roles" if "roles" in item else "scope"] == ["teacher"]
    ]
    assert {place["scope"]: place["person_id"] for place in places} == {
        "school#42": "1",
        "school#43": "2",
    }
    assert len({place["account_id"] for place in places}) == 1
    assert len(post.house.mails()) == 2


def test_a_coordinator_who_teaches_is_invited_as_a_teacher(post: Post) -> None:
    """Whoever has another role at the school still gets the place of a teacher beside it."""
    address = "ingrid@vlieger.example"
    first = {"kind": "invitation", "request_id": "first", "address": address, "language": "nl"}
    place = {"scope": SCHOOL, "scope_name": "De Vlieger", "person_id": None}
    named = {"display_name": "Ingrid Beheer", "roles": ["ict_coordinator"]}
    assert post.work({**first, **place, **named}) == []
    _put("1", "Ingrid", address)
    _coordinator(post.house, "ict_coordinator").post("/console/people/invite")
    assert post.work(*post.queued()) == []
    credential = post.credential(address)
    assert credential is not None
    [member] = [
        item
        for item in post.items("ACCOUNTS_TABLE")
        if (item["account_id"], item["scope"]) == (credential.account_id, SCHOOL)
    ]
    assert member["roles"] == ["ict_coordinator", "teacher"]
    assert member["person_id"] == "1"


@pytest.mark.parametrize("path", ["/console/people", "/console/people/invite"])
def test_who_is_not_signed_in_invites_nobody(post: Post, path: str) -> None:
    """Without a session there is the way to sign in, and nothing is queued."""
    _put("1", "Noor", "noor@vlieger.example")
    visitor = post.visitor()
    answer = visitor.get(path) if path.endswith("people") else visitor.post(path)
    assert answer.status == 303
    assert answer.location.startswith("/login")
    assert post.queued() == []


def test_a_form_of_another_site_invites_nobody(post: Post) -> None:
    """Another site's page cannot press the button in a coordinator's name."""
    _put("1", "Noor", "noor@vlieger.example")
    coordinator = _coordinator(post.house)
    answer = coordinator.post("/console/people/invite", sec_fetch_site="cross-site")
    assert answer.status == 403
    assert post.queued() == []
    assert coordinator.post("/console/people/invite").status == 303
    assert len(post.queued()) == 1


# --- how mails went, and what a coordinator does about it ----------------------------------


def _invited(post: Post, name: str = "Noor", person_id: str = "1") -> Visitor:
    """Return the coordinator of a school where one person was invited."""
    _put(person_id, name, f"{name.lower()}@vlieger.example")
    coordinator = _coordinator(post.house)
    coordinator.post("/console/people/invite")
    assert post.work(*post.queued()) == []
    return coordinator


def _account(post: Post, address: str) -> str:
    credential = post.credential(address)
    assert credential
    return credential.account_id


def _report(post: Post, kind: str, bounce_type: str = "Permanent") -> None:
    """Let SES report of the newest mail that was sent."""
    newest = post.house.mails()[0]["message_id"]
    request = next(
        item["request_id"] for item in post.items("MAIL_TABLE") if item.get("message_id") == newest
    )
    event = mail_reports.event(kind, newest, request, "set")
    if kind == "bounce":
        event["detail"]["bounce"]["bounceType"] = bounce_type
    post.house.report_mail(event)


def test_a_coordinator_mails_a_colleague_a_link(post: Post) -> None:
    """One mail an hour, to the staff account only; the page shows how far it is."""
    coordinator = _invited(post)
    form = {"action": "link", "account_id": _account(post, "noor@vlieger.example")}
    for _ in range(2):
        assert coordinator.post("/console/people/mail", form).location.endswith("done=link")
    messages = post.queued()
    assert {message["at"] for message in messages} == {"staff"}
    assert post.work(*messages) == []
    assert len(post.links("noor@vlieger.example")) == 2
    assert "link nog niet gebruikt" in coordinator.get("/console/people").text
    assert post.visitor().get(post.links("noor@vlieger.example")[0]).status == 200
    assert "Link geopend, nog geen wachtwoord" in coordinator.get("/console/people").text


def test_one_button_mails_all_without_a_password(post: Post) -> None:
    """Who has a password is left alone; pressing again on the same day mails nobody twice."""
    coordinator = _invited(post)
    _put("2", "Anne", "anne@vlieger.example")
    coordinator.post("/console/people/invite")
    assert post.work(*post.queued()) == []
    assert post.set_password(post.links("noor@vlieger.example")[0]).status == 303
    before = len(post.house.mails())
    for _ in range(2):
        answer = coordinator.post("/console/people/mail", {"action": "remind"})
        assert answer.location.startswith("/console/people?invited=")
        assert post.work(*post.queued()) == []
    sent = post.house.mails()[: len(post.house.mails()) - before]
    assert [mail["to"] for mail in sent] == [["anne@vlieger.example"]]
    assert post.set_password(post.links("anne@vlieger.example")[0]).status == 303
    [place] = [
        item
        for item in post.items("ACCOUNTS_TABLE")
        if item["account_id"] == _account(post, "anne@vlieger.example") and item["scope"] == SCHOOL
    ]
    assert place["roles"] == ["teacher"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "link", "account_id": "12345"}, 404),
        ({"action": "link"}, 404),
        ({"action": "dance"}, 400),
        ({}, 400),
    ],
)
def test_a_link_is_for_colleagues_only(post: Post, form: dict[str, str], status: int) -> None:
    """An account of another school, or none at all, has nothing mailed."""
    coordinator = _invited(post)
    assert coordinator.post("/console/people/mail", form).status == status
    assert post.queued() == []


def test_an_address_that_does_not_exist_gets_nothing_more(post: Post) -> None:
    """After a hard bounce mails stop, the coordinators hear of it once a day, and may insist."""
    coordinator = _invited(post)
    boss = {"kind": "invitation", "request_id": "b", "address": "ingrid@vlieger.example"}
    place = {"scope": SCHOOL, "scope_name": "S", "person_id": None, "language": "nl"}
    named = {"display_name": "Ingrid Beheer", "roles": ["ict_coordinator"]}
    coordinator.post("/console/people/mail", {"action": "remind"})
    assert post.work(boss | place | named, *post.queued()) == []
    post.work(reset("newest", "noor@vlieger.example"))
    _report(post, "bounce")
    told = post.queued()
    assert {message["kind"] for message in told} == {"mail_returned"}
    assert "ingrid@vlieger.example" in {message["address"] for message in told}
    assert post.work(*told) == []
    count = len(post.house.mails())
    form = {"account_id": _account(post, "noor@vlieger.example")}
    coordinator.post("/console/people/mail", form | {"action": "link"})
    assert post.work(*post.queued(), reset("asked", "noor@vlieger.example")) == []
    assert len(post.house.mails()) == count
    shown = coordinator.get("/console/people").text
    assert "De mail kwam niet aan" in shown
    assert "Het adres klopt: probeer opnieuw" in shown
    coordinator.post("/console/people/mail", form | {"action": "try_again"})
    assert post.work(*post.queued(), reset("again", "noor@vlieger.example")) == []
    assert len(post.house.mails()) == count + 2


def test_a_full_mailbox_stops_nothing(post: Post) -> None:
    """A bounce that may pass is shown, and the next mail goes."""
    coordinator = _invited(post)
    _report(post, "bounce", "Transient")
    assert "De mail kwam niet aan" in coordinator.get("/console/people").text
    assert post.queued() == []
    assert post.work(reset("again", "noor@vlieger.example")) == []
    assert len(post.house.mails()) == 2


def test_invitations_wait_for_a_school_day(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked on Friday evening, mailed on Monday morning; the page says when."""
    monkeypatch.setenv("INVITATION_HOURS", "school_hours")
    friday = dt.datetime(2027, 1, 15, 19, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    post.move_clock(int(friday.timestamp()) - post.now_epoch_s)
    _put("1", "Noor", "noor@vlieger.example")
    coordinator = _coordinator(post.house)
    assert "18-01 07:00" in coordinator.get("/console/people").text
    coordinator.post("/console/people/invite")
    messages = post.queued()
    assert post.work(*messages, *messages) == []
    assert post.house.mails() == []
    assert "to-invite" in coordinator.get("/console/people").text
    morning = {"kind": "hand_out_waiting"}
    assert post.work(morning) == []
    assert post.queued() == []
    post.move_clock(int(2.5 * 24 * 3600) + 60)
    for _ in range(2):
        assert post.work(morning) == []
    again = post.queued()
    assert len(again) == 2
    assert post.work(*again) == []
    assert [mail["to"] for mail in post.house.mails()] == [["noor@vlieger.example"]]
    assert post.work(morning) == []
    assert post.queued() == []


def test_the_template_wakes_what_waits(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schedule of the template puts the message on the mail queue that hands mails out."""
    post.house.run_schedules()
    assert {"kind": "hand_out_waiting"} in post.queued()


def test_a_link_that_somebody_asks_for_never_waits(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forgotten password on Sunday is mailed on Sunday."""
    post.work(invitation())
    monkeypatch.setenv("INVITATION_HOURS", "school_hours")
    sunday = dt.datetime(2027, 1, 17, 23, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
    post.move_clock(int(sunday.timestamp()) - post.now_epoch_s)
    assert post.work(reset()) == []
    assert len(post.house.mails()) == 2
