"""Notices of the helpdesk: written, looked at, published, read from the static copy, taken down."""

import datetime as dt
import json
from typing import Any

import pytest

from help import notice_store, notices, status
from infra.local.house import House
from infra.local.visitor import Visitor
from schoolpoort import clock, dynamodb, roster_nights
from schoolpoort.errors import StoreUnavailable
from tests.signed_in import signed_in

PLACE = "/helpdesk/notices"
COPY = "/static/now/notices.json"


@pytest.fixture
def helpdesk(house: House) -> Visitor:
    """Somebody of the helpdesk."""
    return signed_in(house, "905", "helpdesk", "helpdesk")


def local(after_s: int) -> str:
    """Return a moment from now as the field of a browser has it."""
    at = dt.datetime.fromtimestamp(clock.now_epoch_s() + after_s, notices.AMSTERDAM)
    return at.strftime("%Y-%m-%dT%H:%M")


def form(**more: str) -> dict[str, str]:
    """Return a form that is right."""
    return {
        "action": "publish",
        "audience": "all",
        "severity": "warning",
        "text_nl": "Roosters van ParnasSys komen later.",
        "text_en": "Rosters of ParnasSys come later.",
        "starts": "",
        "ends": local(3600),
        **more,
    }


def copy(visitor: Visitor) -> list[dict[str, Any]]:
    """Return what everybody reads, through the static route."""
    answer = visitor.get(COPY)
    assert answer.status == 200
    found: list[dict[str, Any]] = json.loads(answer.text)["notices"]
    return found


def test_a_notice_is_looked_at_before_it_is_there(helpdesk: Visitor) -> None:
    """The preview shows both languages and writes nothing."""
    shown = helpdesk.post(PLACE, form(action="preview"))
    assert "Zo komt het eruit te zien" in shown.text
    assert "Rosters of ParnasSys come later." in shown.text
    assert helpdesk.get(COPY).status == 404
    back = helpdesk.post(PLACE, form(action="change"))
    assert "Roosters van ParnasSys komen later." in back.text


def test_everybody_reads_a_published_notice(house: House, helpdesk: Visitor) -> None:
    """From the static copy, which a browser keeps for less than a minute, and without a name."""
    assert helpdesk.post(PLACE, form()).location == f"{PLACE}?done=published"
    answer = Visitor(house.call).get(COPY)
    assert answer.headers["cache-control"] == "public, max-age=20"
    (one,) = copy(helpdesk)
    assert (one["nl"], one["severity"], one["audience"]) == (form()["text_nl"], "warning", "all")
    assert "905" not in answer.text
    assert form()["text_nl"] in Visitor(house.call).get("/status").text
    assert form()["text_en"] in Visitor(house.call).get("/status?lang=en").text


def test_every_sign_in_page_asks_for_the_copy(house: House) -> None:
    """Staff and home for everything, a school for its own; without a script a way to the status."""
    path = "/login/school/" + house.people[-1]["address"].rpartition("/")[2]
    for page in ("/login", "/login/home", path):
        text = Visitor(house.call).get(page).text
        assert f'data-notices="{COPY}"' in text
        assert '<noscript><p class="small"><a href="/status">' in text
        assert ('data-school=""' in text) is (page != path)


def test_a_planned_notice_waits_and_an_ended_one_goes(house: House, helpdesk: Visitor) -> None:
    """The copy has its begin and end, so that both come by the clock alone."""
    helpdesk.post(PLACE, form(starts=local(3600), ends=local(7200)))
    assert len(copy(helpdesk)) == 1
    words = form()["text_nl"]
    for after_s, is_shown in ((0, False), (3660, True), (7260, False)):
        house.move_clock(after_s)
        assert (words in Visitor(house.call).get("/status").text) is is_shown


def test_a_notice_is_taken_down_once(helpdesk: Visitor) -> None:
    """Gone from the copy at once; a colleague who is later hears it."""
    helpdesk.post(PLACE, form())
    notice_id = copy(helpdesk)[0]["id"]
    down = {"action": "take_down", "notice_id": notice_id}
    assert helpdesk.post(PLACE, down).location == f"{PLACE}?done=taken_down"
    assert copy(helpdesk) == []
    assert helpdesk.post(PLACE, down).location == f"{PLACE}?done=gone"
    assert "Weggehaald" in helpdesk.get(PLACE).text


@pytest.mark.parametrize(
    ("audience", "brin", "kind", "label"),
    [
        ("supplier:parnassys", "", "supplier", "ParnasSys"),
        ("publisher:rekenrijk", "", "publisher", "Rekenrijk"),
        ("school", "99aa", "school", "Openbare basisschool De Regenboog"),
        ("school", "99AA00", "school", "Openbare basisschool De Regenboog"),
    ],
)
def test_a_notice_for_some(
    helpdesk: Visitor, audience: str, brin: str, kind: str, label: str
) -> None:
    """It carries whom it is for, as people call them."""
    assert helpdesk.post(PLACE, form(audience=audience, brin=brin)).status == 303
    (one,) = copy(helpdesk)
    assert one["audience"] == kind
    assert label.casefold() in one["label"].casefold()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"audience": "school", "brin": "00ZZ"}, "We kennen geen school"),
        ({"audience": "school", "brin": "\u0000é"}, "We kennen geen school"),
        ({"audience": "supplier:nobody"}, "We kennen geen school"),
        ({"audience": "publisher:nobody"}, "We kennen geen school"),
        ({"severity": "worst"}, "Maak een keuze"),
        ({"text_nl": " \u0000\n "}, "Schrijf hooguit"),
        ({"text_en": "x" * 401}, "Schrijf hooguit"),
        ({"starts": "gisteren"}, "Dit is geen datum en tijd"),
        ({"ends": "2026-13-45T99:99"}, "Dit is geen datum en tijd"),
        ({"ends": "0001-01-01T00:00"}, "Dit is al voorbij"),
        ({"ends": ""}, "Dit is geen datum en tijd"),
    ],
)
def test_a_form_that_is_wrong_changes_nothing(
    helpdesk: Visitor, wrong: dict[str, str], words: str
) -> None:
    """Each field says what to do, and what was typed stands there still."""
    answer = helpdesk.post(PLACE, form(**wrong))
    assert answer.status == 400
    assert words in answer.text
    assert notice_store.every_notice() == []


def test_an_end_before_the_begin_or_too_late_is_refused(helpdesk: Visitor) -> None:
    """A notice that stands for more than sixty days is furniture."""
    for more in ({"starts": local(7200)}, {"ends": local(61 * 86400)}):
        answer = helpdesk.post(PLACE, form(**more))
        assert answer.status == 400
        assert "Het eind komt na het begin" in answer.text


def test_what_is_typed_is_text_and_no_page(helpdesk: Visitor) -> None:
    """Marks of HTML stand on the status page as they were typed."""
    helpdesk.post(PLACE, form(text_nl="<script>alert(1)</script>"))
    page = helpdesk.get("/status").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


# --- the status page ----------------------------------------------------------------------------


def look(house: House) -> dict[str, str]:
    """Let the house look at its parts."""
    parts: dict[str, str] = house.invoke("StatusFunction", {})
    return parts


def test_before_the_first_look_nothing_is_known(visitor: Visitor) -> None:
    """The page stands, and says so."""
    page = visitor.get("/status")
    assert page.status == 200
    assert "We weten niet hoe het met de onderdelen gaat" in page.text


def test_the_parts_and_the_night_are_shown_in_numbers(house: House, visitor: Visitor) -> None:
    """Schools by supplier, without the name of one."""
    house.run_schedules()
    house.pump_until_idle()
    house.move_clock(3700)
    assert set(look(house)) == {"sign_in", "rosters", "mail", "papers"}
    page = visitor.get("/status").text
    assert "ParnasSys" in page
    assert "De laatste negentig dagen" in page
    assert "Regenboog" not in page


def test_without_the_store_the_page_is_there(
    house: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notices of the copy, and that signing in does not work."""

    def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable

    signed_in(house, "905", "helpdesk", "helpdesk").post(PLACE, form())
    look(house)
    monkeypatch.setattr(dynamodb, "_call", away)
    assert look(house)["sign_in"] == "down"
    page = visitor.get("/status")
    copied = visitor.get(COPY)
    monkeypatch.undo()
    assert page.status == 200
    assert form()["text_nl"] in page.text
    assert "Werkt niet" in page.text
    assert copied.status == 200


def test_a_look_that_is_old_is_no_news(house: House, visitor: Visitor) -> None:
    """After a quarter of an hour without a look nothing is called good."""
    look(house)
    house.move_clock(16 * 60)
    assert "We weten niet hoe het met de onderdelen gaat" in visitor.get("/status").text


def test_mail_that_gave_up_hinders(house: House) -> None:
    """A message in the queue of what failed is seen, and the day keeps it."""
    from infra.local import cloud as local_cloud

    url = house.cloud.references["MailDeadLetters"]
    local_cloud.client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    assert look(house)["mail"] == "hindered"
    local_cloud.client("sqs").purge_queue(QueueUrl=url)
    assert look(house)["mail"] == "good"
    (today,) = notice_store.days()
    assert today["parts"]["mail"] == "hindered"


@pytest.mark.parametrize(
    ("schools", "visited", "good", "state"),
    [
        (10, 0, 0, "unknown"),
        (10, 10, 0, "down"),
        (10, 10, 8, "good"),
        (10, 8, 8, "good"),
        (10, 10, 7, "hindered"),
        (10, 7, 7, "hindered"),
    ],
)
def test_the_state_of_a_night(schools: int, visited: int, good: int, state: str) -> None:
    """Nobody visited is not known; who was forgotten counts as not brought over."""
    night = roster_nights.Night(schools, visited, good)
    assert status.of_rosters({"esis": night})["esis"]["state"] == state
