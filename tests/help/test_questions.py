"""Whoever finds no answer asks the helpdesk, which answers by mail."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from help import question
from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from password_reset import accounts_store
from schoolpoort import captcha, credentials, dynamodb
from tests.password_reset.post import Post, broken
from tests.signed_in import signed_in

ASK = "/help/ask"
DESK = "/helpdesk/questions"
TEXT = "De tegel van Rekenrijk gaat niet open sinds maandag."
ADDRESS = "els.vandenberg@vlieger.example"


@pytest.fixture
def desk(post: Post) -> Visitor:
    """Return somebody of the helpdesk."""
    return signed_in(post.house, "800", "helpdesk", "helpdesk", scope_name="Schoolpoort")


def _ask(visitor: Visitor, **fields: str) -> Answer:
    form = {"text": TEXT, "address": ADDRESS, captcha.FIELD: google.issue_token(), **fields}
    return visitor.post(ASK, form)


def test_a_question_reaches_the_desk_with_its_context(post: Post, desk: Visitor) -> None:
    """The page and the search words go along, and the form says so before it is sent."""
    form = post.visitor().get(f"{ASK}?q=tegel%20ontbreekt&from=/console/publishers")
    assert form.status == 200
    assert "/console/publishers" in form.text
    assert "tegel ontbreekt" in form.text
    assert "/help/link-an-app" in form.text
    answer = _ask(post.visitor(), words="tegel ontbreekt", path="/console/publishers")
    assert answer.status == 200
    assert ADDRESS in answer.text
    shown = desk.get(DESK).text
    for said in (TEXT, ADDRESS, "tegel ontbreekt", "/console/publishers"):
        assert said in shown


def _helpdesk(number: int) -> str:
    """Let somebody of the helpdesk have an account; return the address."""
    address = f"helpdesk{number}@schoolpoort.example"
    key = credentials.staff_key(address)
    place = {
        "scope": "helpdesk",
        "scope_name": "Schoolpoort",
        "roles": ["helpdesk"],
        "person_id": None,
        "address": address,
        "display_name": "Bas",
        "invited_at_epoch_s": 1,
        "activated_at_epoch_s": 1,
    }
    _, operations = accounts_store.new_account(key, address, "nl", place)
    dynamodb.transact(operations)
    return address


def test_the_helpdesk_hears_that_a_question_waits_and_not_what(post: Post) -> None:
    """Each is told once of the oldest that waits, also when twenty come; again the next day."""
    people = {_helpdesk(1), _helpdesk(2)}
    for number in range(3):
        _ask(post.visitor(), address=f"els{number}@vlieger.example")
        post.move_clock(1)
    assert post.work(*post.queued()) == []
    mails = post.house.mails()
    assert sorted(to for mail in mails for to in mail["to"]) == sorted(people)
    for mail in mails:
        said = mail["subject"] + mail["text"] + mail["html"]
        assert "/helpdesk/questions" in said
        assert not any(secret in said for secret in (TEXT, "els0", "Rekenrijk"))
    post.move_clock(24 * 3600)
    _ask(post.visitor())
    assert post.work(*post.queued()) == []
    assert len(post.house.mails()) == 4


def test_a_question_is_kept_when_nobody_can_be_told(post: Post) -> None:
    """A queue that fails loses no question, and nobody has to ask twice."""
    _helpdesk(1)
    error = EndpointConnectionError(endpoint_url="https://sqs.example")
    with broken("sqs", 0, error=error):
        assert _ask(post.visitor()).status == 200
    assert len([one for one in post.items("QUESTIONS_TABLE") if one.get("state") == "open"]) == 1


def test_the_answer_goes_by_mail_once(post: Post, desk: Visitor) -> None:
    """Both the question and the answer stand in the mail, nothing of them in its subject."""
    _ask(post.visitor())
    [asked] = [item for item in post.items("QUESTIONS_TABLE") if item.get("state") == "open"]
    path = f"{DESK}/{asked['question_id']}"
    form = {"action": "answer", "answer": "Je bestuur moet\nnog verklaren."}
    assert desk.post(path, form).location == f"{DESK}?done=answered"
    assert desk.post(path, form).location == f"{DESK}?done=gone"
    assert post.work(*post.queued()) == []
    [mail] = post.house.mails()
    assert mail["to"] == [ADDRESS]
    assert TEXT in mail["text"]
    assert "nog verklaren." in mail["text"]
    assert "Rekenrijk" not in mail["subject"]
    assert "Niemand wacht" in desk.get(DESK).text


def test_a_question_is_closed_without_a_mail(post: Post, desk: Visitor) -> None:
    """What needs no answer gets none; an empty answer is none either."""
    _ask(post.visitor())
    [asked] = [item for item in post.items("QUESTIONS_TABLE") if item.get("state") == "open"]
    path = f"{DESK}/{asked['question_id']}"
    assert desk.post(path, {"action": "answer", "answer": " "}).location.endswith("empty")
    assert desk.post(path, {"action": "answer", "answer": "x" * 5001}).location.endswith("empty")
    assert desk.post(path, {"action": "dance"}).status == 400
    assert desk.post(path, {"action": "close"}).location.endswith("closed")
    assert post.queued() == []
    assert desk.post(f"{DESK}/4242", {"action": "close"}).status == 404


def test_two_people_answer_one_question_once(post: Post) -> None:
    """Of two who answer at the same moment one mail goes out."""
    people = [
        signed_in(post.house, str(number), "helpdesk", "helpdesk") for number in range(801, 805)
    ]
    _ask(post.visitor())
    [asked] = [item for item in post.items("QUESTIONS_TABLE") if item.get("state") == "open"]
    path = f"{DESK}/{asked['question_id']}"
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda who: who.post(path, {"action": "answer", "answer": "Zo."}), people)
        )
    assert sum(answer.location.endswith("answered") for answer in answers) == 1
    post.work(*post.queued())
    assert len(post.house.mails()) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "Schrijf hier je vraag"),
        ({"text": "x" * 2001}, "langer dan 2000"),
        ({"address": "els"}, "geen e-mailadres"),
    ],
)
def test_what_is_not_right_is_said(post: Post, fields: dict[str, str], said: str) -> None:
    """The form comes back with what was typed; nothing is kept."""
    answer = _ask(post.visitor(), **fields)
    assert (answer.status, said in answer.text) == (400, True)
    assert post.items("QUESTIONS_TABLE") == []


@pytest.mark.parametrize(("mode", "status"), [("fail", 403), ("down", 503)])
def test_a_robot_asks_nothing(post: Post, mode: str, status: int) -> None:
    """Without a person behind it a question is not kept, and the own check is offered."""
    google.set_mode(mode)
    answer = _ask(post.visitor())
    assert answer.status == status
    assert TEXT in answer.text
    assert "altcha" in answer.text
    assert post.items("QUESTIONS_TABLE") == []


def test_a_token_counts_once(post: Post) -> None:
    """The same tick sends no second question."""
    token = google.issue_token()
    assert _ask(post.visitor(), **{captcha.FIELD: token}).status == 200
    assert _ask(post.visitor(), **{captcha.FIELD: token}).status == 403


def test_a_flood_is_stopped(post: Post) -> None:
    """Five questions an hour of one address; another one may still ask, and so may it later."""
    for _ in range(5):
        assert _ask(post.visitor()).status == 200
    answer = _ask(post.visitor())
    assert (answer.status, "Wacht een uur" in answer.text) == (429, True)
    assert _ask(post.visitor(), address="ander@vlieger.example").status == 200
    post.move_clock(3600)
    assert _ask(post.visitor()).status == 200


def test_who_is_signed_in_is_known_by_internal_ids(post: Post, desk: Visitor) -> None:
    """The desk sees at which school somebody was signed in, and no more of him."""
    teacher = signed_in(post.house, "77", "school#42", "teacher")
    assert _ask(teacher).status == 200
    assert "school#42" in desk.get(DESK).text


@pytest.mark.parametrize("role", ["teacher", "ict_coordinator"])
def test_only_the_helpdesk_reads_questions(post: Post, role: str) -> None:
    """Nobody of a school sees what others asked."""
    who = signed_in(post.house, "78", "school#42", role)
    assert who.get(DESK).status == 403
    assert who.post(f"{DESK}/1", {"action": "close"}).status == 403


@pytest.mark.parametrize(
    ("came_from", "kept"),
    [
        ("/console/roster", "/console/roster"),
        ("/console/roster?key=x", "/console/roster"),
        ("/activate/00000000-0000-4000-8000-000000000000", "/activate"),
        ("/password/00000000-0000-4000-8000-000000000000", "/password"),
        ("/password/forgotten", "/password/forgotten"),
        ("/request/board/00000000-0000-4000-8000-000000000000", "/request/board"),
        ("/", "/"),
        ("https://elsewhere.example/", ""),
        ("<script>", ""),
        ("/" + "a/" * 200, ""),
        ("/" + "a" * 80, "/"),
    ],
)
def test_nothing_secret_of_an_address_is_kept(came_from: str, kept: str) -> None:
    """Of the page somebody came from no token and no query is remembered."""
    assert question.safe_path(came_from) == kept


@given(st.dictionaries(st.sampled_from(["text", "address", "words", "path"]), st.text()))
def test_any_form_is_read(fields: dict[str, str]) -> None:
    """Whatever is typed gives words to show again or a question to keep."""
    asked = question.read(fields)
    assert asked.path == "" or asked.path.startswith("/")
    assert bool(asked.errors) or (asked.address and asked.text)


def test_the_question_stands_in_no_log(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the text nor the address is logged, in no field."""
    _ask(post.visitor())
    written = "".join(str(record.__dict__) for record in caplog.records)
    assert "question asked" in written
    assert TEXT not in written
    assert ADDRESS not in written
