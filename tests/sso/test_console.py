"""The coordinator's pages: links, what publishers ask, and what was shared."""

import pytest

from infra.local.stand_ins import publisher as stand_in
from schoolpoort import dynamodb, settings
from sso import publishers, store
from tests.sso.world import COORDINATOR, PUBLISHER, SCHOOL_ID, SITE, TEACHER, World

PAGE = "/console/publishers"


def test_every_publisher_stands_there_with_what_it_asks_and_why(world: World) -> None:
    """The coordinator reads names, needs, reasons and how the school stands with each."""
    text = world.visitor(COORDINATOR).get(PAGE).text
    for invented in stand_in.PUBLISHERS.values():
        assert invented.name in text
        assert invented.summary["nl"] in text
    assert "De voornaam: om je te begroeten" in text
    assert "Gekoppeld sinds" in text
    assert text.count("Wacht op je bestuur") == 2
    assert text.count("Verklaard door je bestuur") == 1
    assert text.count('value="unlink"') == 1
    assert text.count('value="link"') == 2


def test_our_own_items_are_no_publishers(world: World) -> None:
    """The catalogue and the wrapped key never appear on the page."""
    store.pairwise_key()
    text = world.visitor(COORDINATOR).get(PAGE).text
    assert "catalog" not in text
    assert "pairwise" not in text


def test_a_coordinator_links_and_unlinks(world: World) -> None:
    """The link is stored with its maker and moment, opens the app, and goes again."""
    world.put_coverage(declared=(PUBLISHER, "leeshoek"))
    browser = world.visitor(COORDINATOR)
    answer = browser.post(f"{PAGE}/leeshoek", {"action": "link", "fields": ""})
    assert (answer.status, answer.location) == (303, f"{PAGE}?changed=link")
    assert "De app is gekoppeld" in browser.get(answer.location).text
    link = store.link(SCHOOL_ID, "leeshoek")
    assert link is not None
    assert link["linked_by"] == COORDINATOR
    assert link["publisher_name"] == "Leeshoek"
    assert link["linked_at_epoch_s"] > 1_700_000_000
    assert world.visitor().get("/apps/leeshoek").status == 303
    answer = browser.post(f"{PAGE}/leeshoek", {"action": "unlink"})
    assert answer.location == f"{PAGE}?changed=unlink"
    assert store.link(SCHOOL_ID, "leeshoek") is None
    assert world.visitor().get("/apps/leeshoek").status == 403


def test_pressing_twice_is_pressing_once(world: World) -> None:
    """Linking what is linked and unlinking what is not are no errors."""
    browser = world.visitor(COORDINATOR)
    for action in ("link", "link", "unlink", "unlink"):
        assert browser.post(f"{PAGE}/leeshoek", {"action": action}).status == 303


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("given_name groups", ["given_name", "groups"]),
        ("groups", ["groups"]),
        ("", []),
        (None, []),
        ("groups eckid surname", ["groups"]),
    ],
)
def test_a_link_allows_what_the_page_showed_and_nothing_else(
    world: World, sent: str | None, stored: list[str]
) -> None:
    """Only fields that were shown and that the publisher declares are ever allowed."""
    form = {"action": "link"} if sent is None else {"action": "link", "fields": sent}
    world.visitor(COORDINATOR).post(f"{PAGE}/{PUBLISHER}", form)
    link = store.link(SCHOOL_ID, PUBLISHER)
    assert link is not None
    assert link["fields"] == stored


def test_a_publisher_that_asks_for_more_waits_for_the_school(world: World) -> None:
    """A new need shows on the page and leaves only after the link is renewed."""
    world.put_link(fields=("groups",))
    browser = world.visitor(COORDINATOR)
    text = browser.get(PAGE).text
    assert "vraagt meer dan waarvoor je de app hebt gekoppeld" in text
    assert "Koppeling vernieuwen" in text
    world.code()
    assert "given_name" not in world.ledger()[0]["fields"]
    browser.post(f"{PAGE}/{PUBLISHER}", {"action": "link", "fields": "given_name groups"})
    assert "Koppeling vernieuwen" not in browser.get(PAGE).text


@pytest.mark.parametrize("form", [{}, {"action": ""}, {"action": "remove"}])
def test_another_action_changes_nothing(world: World, form: dict[str, str]) -> None:
    """A form that we do not know is refused and the link stays."""
    answer = world.visitor(COORDINATOR).post(f"{PAGE}/{PUBLISHER}", form)
    assert answer.status == 400
    assert store.link(SCHOOL_ID, PUBLISHER) is not None


@pytest.mark.parametrize("publisher_id", ["onbekend", "catalog", "key%23pairwise"])
def test_only_publishers_can_be_linked(world: World, publisher_id: str) -> None:
    """An unknown id, or one of our own items, is not found."""
    answer = world.visitor(COORDINATOR).post(f"{PAGE}/{publisher_id}", {"action": "link"})
    assert answer.status == 404
    assert len(store.links(SCHOOL_ID)) == 1


@pytest.mark.parametrize("path", [PAGE, "/console/shared"])
def test_a_teacher_has_no_business_here(world: World, path: str) -> None:
    """The pages are the coordinator's; who is not signed in goes to the door."""
    assert world.visitor(TEACHER).get(path).status == 403
    nobody = world.visitor()
    nobody.cookies.clear()
    assert nobody.get(path).location == f"/login?next={path}"


def test_a_teacher_cannot_link(world: World) -> None:
    """A form sent by a teacher changes nothing."""
    answer = world.visitor(TEACHER).post(f"{PAGE}/{PUBLISHER}", {"action": "unlink"})
    assert answer.status == 403
    assert store.link(SCHOOL_ID, PUBLISHER) is not None


@pytest.mark.parametrize(
    "headers", [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}]
)
def test_another_site_cannot_link(world: World, headers: dict[str, str]) -> None:
    """A form that another site sends in the coordinator's name is refused."""
    browser = world.visitor(COORDINATOR)
    assert browser.post(f"{PAGE}/{PUBLISHER}", {"action": "unlink"}, **headers).status == 403
    assert store.link(SCHOOL_ID, PUBLISHER) is not None


def test_without_an_agreement_the_page_says_so(world: World) -> None:
    """Links can be made before; the page tells that apps open later."""
    world.put_coverage(until="2021-01-01")
    assert "De apps zijn nog niet te openen" in world.visitor(COORDINATOR).get(PAGE).text


def test_without_publishers_the_page_says_so(world: World) -> None:
    """An empty catalogue is told in words."""
    key = {"client_id": "catalog"}
    dynamodb.delete(settings.require("PUBLISHERS_TABLE"), key)
    assert "Nog geen uitgeverijen" in world.visitor(COORDINATOR).get(PAGE).text


def test_what_was_shared_stands_there_with_when_and_why(world: World) -> None:
    """After a sign-on the school reads which fields left to whom, when and why."""
    browser = world.visitor(COORDINATOR)
    assert "Er is nog niets gedeeld" in browser.get("/console/shared").text
    world.code()
    text = browser.get("/console/shared").text
    assert "Rekenrijk" in text
    for words in ("de voornaam", "de namen van de groepen", "de rol op school"):
        assert words in text
    assert "Opende de app en werd daar ingelogd" in text
    assert "leerkracht" in text
    assert "1 keer" in text


def test_one_school_never_sees_what_another_shared(world: World) -> None:
    """The ledger is read by the school of the session."""
    world.code()
    world.put_membership("9", ["ict_coordinator"], "school#43")
    text = world.visitor("9", "school#43").get("/console/shared").text
    assert "Er is nog niets gedeeld" in text
    assert "Rekenrijk" not in text.partition("<main")[2]


def test_a_long_ledger_is_cut_off_and_says_so(world: World) -> None:
    """Of very many releases the latest are shown, with a word about the others."""
    world.code()
    (row,) = world.ledger()
    rows = [{**row, "entry_key": f"{row['entry_key'][:13]}#{n}"} for n in range(205)]
    dynamodb.batch_write(settings.require("LEDGER_TABLE"), puts=rows)
    text = world.visitor(COORDINATOR).get("/console/shared").text
    assert "Je ziet wat er het laatst is gedeeld" in text
    assert "200 keer" in text


@pytest.mark.parametrize("path", [PAGE, "/console/shared"])
def test_the_menu_shows_where_one_is(world: World, path: str) -> None:
    """The work place's menu marks the page."""
    text = world.visitor(COORDINATOR).get(path).text
    assert f'<a href="{path}" aria-current="page">' in text


def test_a_name_with_markup_is_shown_as_text(world: World) -> None:
    """What a publisher calls itself is never taken for markup."""
    item = {**stand_in.registration(SITE, PUBLISHER), "name": "<script>alert(1)</script>"}
    publishers.register(item)
    world.remove_link()
    for text in (
        world.visitor(COORDINATOR).get(PAGE).text,
        world.visitor().get(f"/apps/{PUBLISHER}").text,
    ):
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
