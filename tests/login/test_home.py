"""Children at home: the parent's address and password, the child, its PIN, and a trusted device."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from infra.local import mail_reports, seed
from infra.local.house import House
from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import home_pages, home_sign_in, home_store, pupil_store
from schoolpoort import captcha, clock, credentials, dynamodb, rosters
from schoolpoort.settings import require
from tests.signed_in import signed_in

HOME = "/login/home"
CHILDREN = "/login/home/children"
_FACE = re.compile(r'action="(/login/home/children/(\d+)/(\d+))"')
_DAY_S = 24 * 60 * 60


@pytest.fixture
def parent(house: House) -> Visitor:
    """Return a browser somewhere at home."""
    return Visitor(house.call, source_ip="203.0.113.7")


@pytest.fixture
def school_id(house: House) -> str:
    """Return the seeded school."""
    found = pupil_store.school_of_code(house.people[-1]["address"].rpartition("/")[2])
    assert found
    return found


@pytest.fixture
def teacher(house: House, school_id: str) -> Visitor:
    """Return somebody who may do everything at the seeded school."""
    return signed_in(house, "700", f"school#{school_id}", "ict_coordinator", scope_name="S")


def open_door(
    parent: Visitor, password: str = seed.PASSWORD, email: str = seed.PARENT, **fields: str
) -> Answer:
    """Send the parent's form with a fresh captcha token."""
    form = {"email": email, "password": password, captcha.FIELD: google.issue_token()}
    return parent.post(HOME, {**form, **fields})


def faces(parent: Visitor) -> list[str]:
    """Return where the form of each child leads."""
    return [found[0] for found in _FACE.findall(parent.get(CHILDREN).text)]


def group_of(school_id: str, person_id: str) -> str:
    """Return the base group of a pupil."""
    person = rosters.person(school_id, person_id)
    assert person
    own = {group.group_id for group in person.groups}
    return next(
        group.group_id
        for group in rosters.groups(school_id)
        if group.kind == "base" and group.group_id in own
    )


def without_home(school_id: str) -> rosters.Person:
    """Return a pupil whom the seed gave no home address."""
    access = pupil_store.access_of(school_id)
    return next(
        pupil for pupil in rosters.pupils(school_id) if not access.pupil(pupil.person_id).homes
    )


def give_pin(teacher: Visitor, face: str) -> str:
    """Give a child a PIN and return it."""
    _, school_id, person_id = face.rsplit("/", 2)
    form = {"action": "new_pin", "person_id": person_id}
    made = teacher.post(f"/groups/{group_of(school_id, person_id)}", form)
    found = re.search(r'<p class="figure">(\d{4})</p>', made.text)
    assert found, made.text
    return found[1]


def fill_in(parent: Visitor, face: str, pin: str) -> Answer:
    """Press the four digits, each a form of its own, as without script."""
    answer = parent.post(face)
    for digit in pin:
        answer = parent.post(face, {**answer.hidden_fields(), "digit": digit})
    return answer


def wrong(pin: str) -> str:
    """Return another PIN."""
    return f"{(int(pin) + 1) % 10_000:04d}"


# --- the door ------------------------------------------------------------------------------


def test_a_child_comes_in_at_home(parent: Visitor) -> None:
    """Address, password, picture: in; and "Klaar" leads back to the brothers and sisters."""
    assert open_door(parent).location == CHILDREN
    assert len(faces(parent)) == 2
    assert parent.post(faces(parent)[0]).location == "/apps"
    apps = parent.get("/apps")
    assert (apps.status, 'class="animal"' in apps.text) == (200, True)
    assert parent.post("/logout").location == CHILDREN
    assert len(faces(parent)) == 2


def test_a_wrong_password_and_an_unknown_address_look_alike(parent: Visitor) -> None:
    """Neither page says which of the two it was."""
    one = open_door(parent, "helemaal fout 1")
    other = open_door(parent, email="niemand@thuis.example")
    assert (one.status, other.status) == (401, 401)
    plain = [
        re.sub(r'nonce="[^"]+"|nonce-[^\']+|value="[^"]*"|data-captcha="[^"]*"', "", answer.text)
        for answer in (one, other)
    ]
    assert plain[0] == plain[1]
    assert home_pages.COOKIE_NAME not in parent.cookies


def test_a_staff_account_is_another_account(house: House, parent: Visitor) -> None:
    """Who works at the school has no children behind that password."""
    teacher = next(one for one in house.people if one["role"] == "teacher")
    assert open_door(parent, teacher["password"], teacher["address"]).status == 401


def test_a_machine_does_not_get_to_the_password(parent: Visitor) -> None:
    """The check comes first, and a used token counts no second time."""
    token = google.issue_token()
    assert open_door(parent, **{captcha.FIELD: token}).status == 303
    assert open_door(parent, **{captcha.FIELD: token}).status == 403
    assert open_door(parent, **{captcha.FIELD: "no token"}).status == 403


def test_guessing_costs_time_and_never_the_account(house: House, parent: Visitor) -> None:
    """After ten wrong passwords there is a wait; then the right one gets in."""
    for _ in range(10):
        assert open_door(parent, "helemaal fout 1").status == 401
    waits = open_door(parent)
    assert (waits.status, waits.headers["retry-after"]) == (429, "20")
    house.move_clock(21)
    assert open_door(parent).status == 303


def test_an_empty_form_is_explained(parent: Visitor) -> None:
    """Each field says what it needs."""
    answer = parent.post(HOME, {"email": "", "password": ""})
    assert answer.status == 400
    assert "Vul je e-mailadres in" in answer.text


# --- child and PIN -------------------------------------------------------------------------


def test_of_several_children_each_fills_in_its_own_pin(parent: Visitor, teacher: Visitor) -> None:
    """The PIN of the brother opens nothing of the sister."""
    open_door(parent)
    first, second = faces(parent)
    mine, yours = give_pin(teacher, first), give_pin(teacher, second)
    if mine != yours:
        assert fill_in(parent, first, yours).status == 401
    assert fill_in(parent, first, mine).location == "/apps"


def test_an_only_child_needs_no_second_secret(parent: Visitor, teacher: Visitor) -> None:
    """The parent has just given the password; one child alone is in with its picture."""
    open_door(parent)
    first, second = faces(parent)
    give_pin(teacher, second)
    _, school_id, person_id = first.rsplit("/", 2)
    home_store.remove_address(school_id, person_id, seed.PARENT)
    assert faces(parent) == [second]
    assert parent.post(second).location == "/apps"


def test_the_pad_is_nothing_that_a_browser_keeps(parent: Visitor, teacher: Visitor) -> None:
    """No field to type in, and no name that a password manager knows."""
    open_door(parent)
    face = faces(parent)[0]
    give_pin(teacher, face)
    for shown in (parent.get(CHILDREN), parent.get(face), parent.post(face)):
        kinds = set(re.findall(r'<input[^>]*type="([^"]+)"', shown.text))
        names = set(re.findall(r'name="([^"]+)"', shown.text)) - {"viewport", "color-scheme"}
        assert kinds <= {"hidden"}
        assert names <= {"so_far", "digit"}
        assert "google" not in shown.headers["content-security-policy"]


def test_a_blocked_pin_is_released_by_the_parents_password(
    house: House, parent: Visitor, teacher: Visitor
) -> None:
    """Five wrong PINs: ask your father or mother, whose password gives all tries back."""
    open_door(parent, trust="yes")
    face = faces(parent)[0]
    pin = give_pin(teacher, face)
    for _ in range(5):
        assert fill_in(parent, face, wrong(pin)).status == 401
    blocked = fill_in(parent, face, pin)
    assert blocked.status == 429
    assert "Vraag het je vader of moeder" in blocked.text
    again = re.search(r'href="(/login/home\?again=1)"', blocked.text)
    assert again
    assert parent.get(again[1]).status == 200
    assert open_door(parent).status == 303
    assert fill_in(parent, face, pin).location == "/apps"


def test_a_wrong_pin_at_home_blocks_nobody_at_school(
    house: House, parent: Visitor, teacher: Visitor, school_id: str
) -> None:
    """The budgets of home and school are two."""
    open_door(parent)
    face = faces(parent)[0]
    pin = give_pin(teacher, face)
    for _ in range(6):
        fill_in(parent, face, wrong(pin))
    person_id = face.rpartition("/")[2]
    group_id = group_of(school_id, person_id)
    teacher.post(f"/groups/{group_id}", {"action": "use_pins"})
    address = house.people[-1]["address"].removeprefix(house.base_url)
    child = Visitor(house.call)
    assert fill_in(child, f"{address}/{group_id}/{person_id}", pin).location == "/apps"


@pytest.mark.parametrize("path", [f"{CHILDREN}/1/2", f"{CHILDREN}/x/y"])
def test_a_child_of_another_family_is_not_found(parent: Visitor, path: str) -> None:
    """An address that was made up opens nothing, by looking or by pressing."""
    open_door(parent)
    assert parent.get(path).status == 404
    assert parent.post(path).status == 404


def test_without_the_password_there_are_no_children(parent: Visitor) -> None:
    """Every page of the family leads to the form."""
    for answer in (
        parent.get(CHILDREN),
        parent.get(f"{CHILDREN}/1/2"),
        parent.post(f"{CHILDREN}/1/2"),
    ):
        assert answer.location == HOME


def test_the_choice_waits_a_quarter_of_an_hour(house: House, parent: Visitor) -> None:
    """On a device that is not trusted the open door closes by itself."""
    open_door(parent)
    face = faces(parent)[0]
    house.move_clock(home_sign_in.OPEN_LIFE_S)
    assert parent.get(CHILDREN).location == HOME
    assert parent.post(face).location == HOME


# --- a device of one's own -----------------------------------------------------------------


def test_a_trusted_device_asks_the_child_only(
    house: House, parent: Visitor, teacher: Visitor
) -> None:
    """For ninety days there is no form; the PIN stays, and then the form is back."""
    open_door(parent, trust="yes")
    face = faces(parent)[0]
    pin = give_pin(teacher, face)
    house.move_clock(90 * _DAY_S - 60)
    assert parent.get(HOME).location == CHILDREN
    assert parent.post(face).status == 200
    assert fill_in(parent, face, pin).location == "/apps"
    house.move_clock(90 * _DAY_S)
    assert parent.get(HOME).status == 200
    assert parent.get(CHILDREN).location == HOME


def test_trust_can_be_taken_back(parent: Visitor) -> None:
    """One press, and the device asks for the password again; a kept cookie opens nothing."""
    open_door(parent, trust="yes")
    kept = dict(parent.cookies)
    assert parent.post(f"{HOME}/leave").location == HOME
    assert parent.get(HOME).status == 200
    parent.cookies = kept
    assert parent.get(CHILDREN).location == HOME


def test_another_password_ends_every_trust(parent: Visitor) -> None:
    """The device of a former partner is out with the password."""
    open_door(parent, trust="yes")
    credential = credentials.find(credentials.home_key(seed.PARENT))
    assert credential
    dynamodb.transact([credentials.set_password(credential, "another")])
    assert parent.get(CHILDREN).location == HOME


def test_the_familys_cookie_opens_no_page_of_staff(parent: Visitor) -> None:
    """What stands for a family is no session of a person."""
    open_door(parent)
    parent.cookies["__Host-sid"] = parent.cookies[home_pages.COOKIE_NAME]
    assert parent.get("/apps").location.startswith("/login")
    assert parent.get("/account").location.startswith("/login")


# --- the teacher ---------------------------------------------------------------------------


NEW = "opa.van-dijk@thuis.example"


@dataclass(slots=True)
class Family:
    """A parent whose address a teacher has just given, with a password and no child yet."""

    teacher: Visitor
    parent: Visitor
    group: str
    person_id: str
    given_name: str

    def act(self, action: str, address: str = NEW) -> Answer:
        """Press one of the teacher's buttons for this child."""
        form = {"person_id": self.person_id, "action": action, "address": address}
        return self.teacher.post(self.group, form)

    def card(self) -> str:
        """Make a card for this address and return its code."""
        [code] = seed._CARD.findall(self.act("home_card").text)
        return str(code)

    def fill_in(self, code: str) -> Answer:
        """Fill in a code as the parent."""
        return self.parent.post("/login/home/card", {"code": code})


@pytest.fixture
def family(house: House, teacher: Visitor, parent: Visitor, school_id: str) -> Family:
    """Return the family of a pupil, after its address was given and its parent signed in."""
    pupil = without_home(school_id)
    group = f"/groups/{group_of(school_id, pupil.person_id)}"
    found = Family(teacher, parent, group, pupil.person_id, pupil.given_name)
    assert found.act("add_home", f" {NEW.upper()} ").status == 303
    house.pump_until_idle()
    seed.activate(house, NEW)
    assert open_door(parent, email=NEW).status == 303
    return found


def test_a_teacher_lets_a_parent_in(house: House, family: Family) -> None:
    """A mail without a name, a password, the code of the card, the child; the teacher sees it."""
    [mail] = [mail for mail in house.mails() if NEW in mail["to"]]
    for told in (mail["text"], mail["html"], mail["subject"]):
        assert family.given_name not in told
    shown = family.parent.get(CHILDREN)
    assert family.given_name not in shown.text
    assert faces(family.parent) == []
    code = family.card()
    assert "vult de code van het kaartje in" in family.teacher.get(family.group).text
    assert family.fill_in(f" {code.lower().replace('-', ' ')} ").location == f"{CHILDREN}?new=1"
    [face] = faces(family.parent)
    assert family.parent.post(face).location == "/apps"
    seen = family.teacher.get(family.group).text
    assert "Laatst ingelogd thuis" in seen
    assert "Bevestigd met het kaartje" in seen


def test_a_code_works_once_and_for_its_own_address(house: House, family: Family) -> None:
    """Filled in again, or by another parent, it opens nothing."""
    code = family.card()
    other = seed.open_home(house, seed.PARENT)
    known = len(faces(other))
    assert other.post("/login/home/card", {"code": code}).status == 400
    assert len(faces(other)) == known
    assert family.fill_in(code).status == 303
    assert family.fill_in(code).status == 400
    assert len(faces(family.parent)) == 1
    assert seed._CARD.findall(family.act("home_card").text) == [], "nobody waits any more"


@pytest.mark.parametrize("how", ["void", "newer", "old", "removed"])
def test_a_card_can_be_made_void(house: House, family: Family, how: str) -> None:
    """By the teacher, by a newer card, by thirty days, and with the address itself."""
    code = family.card()
    match how:
        case "void":
            assert family.act("void_card").location.startswith(f"{family.group}?home=void")
        case "newer":
            assert family.card() != code
        case "old":
            house.move_clock(30 * _DAY_S)
            assert open_door(family.parent, email=NEW).status == 303
        case _:
            assert family.act("remove_home").status == 303
    assert family.fill_in(code).status == 400
    assert faces(family.parent) == []


@pytest.mark.parametrize("typed", ["", "kort", "AAAAA-AAAAAA", "<script>", "é" * 10, "0" * 5000])
def test_what_is_no_code_is_told(family: Family, typed: str) -> None:
    """The page says what a code looks like, and costs no try."""
    for _ in range(6):
        refused = family.fill_in(typed)
        assert (refused.status, "tien letters en cijfers" in refused.text) == (400, True)
    assert family.fill_in(family.card()).status == 303


def test_codes_cannot_be_guessed(house: House, family: Family) -> None:
    """Five wrong ones and there is a wait, in every browser; after it the right one fits."""
    code = family.card()
    for number in range(5):
        assert family.fill_in(f"00000-0000{number}").status == 400
    assert family.fill_in(code).status == 429
    elsewhere = seed.open_home(house, NEW)
    assert elsewhere.post("/login/home/card", {"code": code}).status == 429
    house.move_clock(5 * 60)
    assert family.fill_in(code).status == 303


def test_mailing_again_takes_no_proof_back(house: House, family: Family) -> None:
    """A second mail to a parent who is in already leaves the child where it is."""
    assert family.fill_in(family.card()).status == 303
    house.move_clock(3600)
    assert open_door(family.parent, email=NEW).status == 303
    assert family.act("add_home").status == 303
    assert len(faces(family.parent)) == 1


def test_of_two_at_once_one_uses_the_card(family: Family, school_id: str) -> None:
    """A card is used in one conditional transaction."""
    family.card()
    key = credentials.home_key(NEW)
    [waiting] = home_store.waiting_of(key, now_epoch_s=clock.now_epoch_s())
    with ThreadPoolExecutor(8) as pool:

        def prove(_: int) -> bool:
            return home_store.prove(key, waiting, now_epoch_s=clock.now_epoch_s())

        assert sum(pool.map(prove, range(8))) == 1


def test_a_card_is_for_who_gave_the_password(house: House) -> None:
    """Without the parent's door there is no field to guess in."""
    nobody = Visitor(house.call)
    assert nobody.get("/login/home/card").location == HOME
    assert nobody.post("/login/home/card", {"code": "00000-00000"}).location == HOME


def test_cards_of_a_group_name_first_name_and_group_only(
    teacher: Visitor, school_id: str, family: Family
) -> None:
    """Each waiting address has a card; two parents of one child tell theirs apart by a letter."""
    assert family.act("add_home", "mama@thuis.example").status == 303
    made = family.teacher.post(family.group, {"action": "home_cards"})
    assert len(set(seed._CARD.findall(made.text))) == 2
    assert "begint met o" in made.text
    assert "begint met m" in made.text
    person = rosters.person(school_id, family.person_id)
    assert person
    cards = made.text.partition('<ul class="home-cards">')[2]
    assert person.surname not in cards
    assert cards.count(person.given_name) == 2


def test_the_teacher_sees_that_a_mail_came_back(house: House, family: Family) -> None:
    """A parent's mailbox that does not exist: the page says so, and offers to insist."""
    [mail] = [mail for mail in house.mails() if NEW in mail["to"]]
    request = house.mail_request(mail["message_id"])
    assert request
    event = mail_reports.event("bounce", mail["message_id"], request, house.configuration_set)
    house.report_mail(event)
    assert "De mail kwam niet aan" in family.teacher.get(family.group).text
    house.move_clock(3600 - (clock.now_epoch_s() + 1) % 3600)
    assert family.act("add_home").status == 303
    house.pump_until_idle()
    count = sum(NEW in one["to"] for one in house.mails())
    assert count == 1
    assert "add_home_again" in family.teacher.get(family.group).text
    assert family.act("add_home_again").status == 303
    house.pump_until_idle()
    assert sum(NEW in one["to"] for one in house.mails()) == 2


def test_taking_an_address_away_closes_the_door_at_once(
    teacher: Visitor, parent: Visitor, school_id: str
) -> None:
    """Also on a device that was trusted; the other child stays."""
    open_door(parent, trust="yes")
    first, second = faces(parent)
    person_id = first.rpartition("/")[2]
    form = {"person_id": person_id, "action": "remove_home", "address": seed.PARENT}
    assert teacher.post(f"/groups/{group_of(school_id, person_id)}", form).status == 303
    assert faces(parent) == [second]
    assert parent.post(first).status == 404


def test_a_parent_without_children_is_told(
    teacher: Visitor, parent: Visitor, school_id: str
) -> None:
    """The password is right; the teacher can help."""
    open_door(parent)
    for face in faces(parent):
        home_store.remove_address(school_id, face.rpartition("/")[2], seed.PARENT)
    refused = open_door(parent)
    assert refused.status == 403
    assert "hoort geen kind meer" in refused.text


def test_two_parents_and_no_third(teacher: Visitor, school_id: str) -> None:
    """A child may live with two; a third address waits until one is taken away."""
    pupil = without_home(school_id)
    group = f"/groups/{group_of(school_id, pupil.person_id)}"
    form = {"person_id": pupil.person_id, "action": "add_home"}
    for address in ("een@thuis.example", "twee@thuis.example", "een@thuis.example"):
        assert teacher.post(group, {**form, "address": address}).status == 303
    refused = teacher.post(group, {**form, "address": "drie@thuis.example"})
    assert (refused.status, "hoogstens twee" in refused.text) == (400, True)
    wrong_one = teacher.post(group, {**form, "address": "geen adres"})
    assert (wrong_one.status, "geen e-mailadres" in wrong_one.text) == (400, True)
    homes = pupil_store.access_of(school_id).pupil(pupil.person_id).homes
    assert homes == ("een@thuis.example", "twee@thuis.example")


def test_asking_twice_mails_once(house: House, school_id: str) -> None:
    """Within the hour a second press sends nothing, after it a new mail."""
    pupil = without_home(school_id)
    group = f"/groups/{group_of(school_id, pupil.person_id)}"
    form = {"person_id": pupil.person_id, "action": "add_home", "address": "een@thuis.example"}
    counts = []
    for offset_s in (0, 1, 3601):
        house.move_clock(offset_s)
        teacher = signed_in(house, "700", f"school#{school_id}", "ict_coordinator")
        assert teacher.post(group, form).location.startswith(f"{group}?home=invited")
        house.pump_until_idle()
        counts.append(sum("een@thuis.example" in mail["to"] for mail in house.mails()))
    assert counts[0] == 1
    assert counts[2] == counts[1] + 1


def test_who_left_the_school_is_gone_at_home(parent: Visitor, school_id: str) -> None:
    """The roster decides who is a pupil, at home as at school."""
    open_door(parent)
    first, second = faces(parent)
    key = {"school_id": school_id, "item_key": f"person#{first.rpartition('/')[2]}"}
    dynamodb.update(
        require("ROSTER_TABLE"), key, "SET active = :no", values={":no": False}, condition=None
    )
    assert faces(parent) == [second]


# --- passwords -----------------------------------------------------------------------------


def test_a_parent_sets_another_password_by_mail(house: House, parent: Visitor) -> None:
    """The link of the parent's form belongs to the parent's account and leads back there."""
    asked = parent.get("/password/forgotten?at=home")
    form = {**asked.hidden_fields(), "email": seed.PARENT, captcha.FIELD: google.issue_token()}
    assert "leerkracht van je kind" in parent.post("/password/forgotten", form).text
    house.pump_until_idle()
    link = seed.link_for(house, seed.PARENT).removeprefix(house.base_url)
    both = {"password": "Regen op zinken 3", "password_again": "Regen op zinken 3"}
    done = parent.post(link, {**both, captcha.FIELD: google.issue_token()})
    assert done.location == "/login/home?welcome=1"
    assert open_door(parent).status == 401
    assert open_door(parent, "Regen op zinken 3").status == 303
    assert 'href="/password/forgotten?at=home"' in parent.get(link).text


def test_one_address_is_two_accounts(house: House, parent: Visitor, teacher: Visitor) -> None:
    """A teacher who is a parent too has a password for each, and neither opens the other."""
    works = next(one["address"] for one in house.people if one["role"] == "teacher")
    pupil = without_home(_school(house))
    group = f"/groups/{group_of(_school(house), pupil.person_id)}"
    form = {"person_id": pupil.person_id, "action": "add_home", "address": works}
    assert teacher.post(group, form).status == 303
    house.pump_until_idle()
    assert credentials.find(credentials.home_key(works)) != credentials.find(
        credentials.staff_key(works)
    )
    assert open_door(parent, email=works).status == 401


def _code(house: House) -> str:
    return str(house.people[-1]["address"].rpartition("/")[2])


def _school(house: House) -> str:
    return pupil_store.school_of_code(_code(house)) or ""
