"""Search: what finds what, whatever is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from help import library
from help.search import Entry, question_words, search, within_one_edit, words

PRIVACY_ANSWERS = {
    "authorisation-key",
    "central-agreement-service",
    "new-school",
    "privacy-policy",
    "eck-id",
    "agreements-with-others",
    "board-or-school",
    "who-signs",
    "password-rules",
    "links-in-mails",
}

KEYWORDS = [
    ("nl", "wachtwoord vergeten", "cannot-sign-in"),
    ("nl", "gebruikersnaam", "cannot-sign-in"),
    ("nl", "hoe lang moet mijn wachtwoord zijn", "password-rules"),
    ("nl", "verloopt mijn wachtwoord", "password-rules"),
    ("nl", "spambox", "links-in-mails"),
    ("nl", "ongewenste mail", "links-in-mails"),
    ("nl", "is de link nog geldig", "links-in-mails"),
    ("nl", "activatiemail", "links-in-mails"),
    ("nl", "robot", "captcha"),
    ("nl", "recaptcha", "captcha"),
    ("nl", "account aanvragen", "new-school"),
    ("nl", "eerste beheerder", "new-school"),
    ("nl", "bestuursnummer", "new-school"),
    ("nl", "collega uitnodigen", "invite-staff"),
    ("nl", "leerkrachten", "invite-staff"),
    ("nl", "tegel ontbreekt", "link-an-app"),
    ("nl", "uitgeverij koppelen", "link-an-app"),
    ("nl", "autorisatiesleutel", "authorisation-key"),
    ("nl", "ParnasSys sleutel", "authorisation-key"),
    ("nl", "synchronisatie", "roster-sync"),
    ("nl", "nieuwe leerling", "roster-sync"),
    ("nl", "leerlingen verdwenen", "roster-brake"),
    ("nl", "80%", "roster-brake"),
    ("nl", "Edex XML", "edexml-file"),
    ("nl", "XML Maker", "edexml-file"),
    ("nl", "AVG", "privacy-policy"),
    ("nl", "dataminimalisatie", "privacy-policy"),
    ("nl", "ECK iD", "eck-id"),
    ("nl", "keten-iD", "eck-id"),
    ("nl", "pseudoniem", "eck-id"),
    ("nl", "wat is er gedeeld", "what-is-shared"),
    ("nl", "overeenkomst", "board-or-school"),
    ("nl", "verwerkersovereenkomst bestuursniveau", "board-or-school"),
    ("nl", "tekenblad", "board-or-school"),
    ("nl", "wie mag tekenen", "who-signs"),
    ("nl", "volmacht", "who-signs"),
    ("nl", "eHerkenning", "central-agreement-service"),
    ("nl", "Dienst Verwerkersovereenkomsten", "central-agreement-service"),
    ("nl", "netwerkomgeving", "agreements-with-others"),
    ("nl", "datalek", "report-a-vulnerability"),
    ("en", "forgotten password", "cannot-sign-in"),
    ("en", "how long must a password be", "password-rules"),
    ("en", "spam", "links-in-mails"),
    ("en", "robot", "captcha"),
    ("en", "first administrator", "new-school"),
    ("en", "invite teachers", "invite-staff"),
    ("en", "tile missing", "link-an-app"),
    ("en", "authorization key", "authorisation-key"),
    ("en", "nightly sync", "roster-sync"),
    ("en", "held back", "roster-brake"),
    ("en", "edexml", "edexml-file"),
    ("en", "GDPR", "privacy-policy"),
    ("en", "pseudonym", "eck-id"),
    ("en", "what was shared", "what-is-shared"),
    ("en", "list of schools", "board-or-school"),
    ("en", "power of attorney", "who-signs"),
    ("en", "kennisnet", "central-agreement-service"),
    ("en", "network environment", "agreements-with-others"),
    ("en", "vulnerability", "report-a-vulnerability"),
]


@pytest.fixture(autouse=True)
def _mail_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_DOMAIN", "schoolpoort.example")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_privacy_finds_the_ten_answers_first(language: str) -> None:
    """The ten answers about privacy are the first ten that the word finds, in either language."""
    assert set(search(library.index(language), "privacy")[:10]) == PRIVACY_ANSWERS


@pytest.mark.parametrize(("language", "question", "slug"), KEYWORDS)
def test_the_words_that_people_use_find_the_answer(language: str, question: str, slug: str) -> None:
    """Each of these questions has its answer among the first three."""
    assert slug in search(library.index(language), question)[:3]


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("wachtwoodr", "password-rules"),
        ("wachtwoorde", "password-rules"),
        ("autorisatiesleutl", "authorisation-key"),
        ("verwerkersovereenkmost", "board-or-school"),
        ("privcay", "privacy-policy"),
        ("EHERKENNING", "central-agreement-service"),
        ("coordinator", "new-school"),
        ("coördinator", "new-school"),
    ],
)
def test_a_typing_error_capitals_and_accents_do_no_harm(question: str, slug: str) -> None:
    """One wrong, missing or swapped letter, capitals or a missing accent still find the answer."""
    assert slug in search(library.index("nl"), question)[:5]


@pytest.mark.parametrize("question", ["", " ", "?", "hoe", "zzzzzzzz", "e", "\0", "<script>", "%"])
def test_a_question_without_telling_words_is_no_error(question: str) -> None:
    """Search answers something or nothing, never with a failure."""
    assert isinstance(search(library.index("nl"), question), list)


@given(question=st.text(max_size=400), language=st.sampled_from(["nl", "en"]))
def test_search_never_fails_and_never_wavers(question: str, language: str) -> None:
    """Any text gives the same list of known articles each time, without doubles."""
    index = library.index(language)
    found = search(index, question)
    assert found == search(index, question)
    assert len(found) == len(set(found))
    assert set(found) <= {entry.slug for entry in index}


@given(words_=st.permutations(["board", "agreement", "sign"]))
def test_the_order_of_the_words_does_not_matter(words_: list[str]) -> None:
    """The same words in another order find the same."""
    index = library.index("en")
    assert set(search(index, " ".join(words_))) == set(search(index, "board agreement sign"))


def test_addresses_behind_links_are_no_words() -> None:
    """An article is found by what a reader sees, not by where its links lead."""
    assert "console" not in {word for entry in library.index("nl") for word in entry.body}


def _entry(slug: str, **parts: str) -> Entry:
    texts = {"title": "", "keywords": "", "summary": "", "body": "", **parts}
    read = {name: frozenset(words(text)) for name, text in texts.items()}
    return Entry(slug, read["title"], read["keywords"], read["summary"], read["body"])


def test_a_title_weighs_more_than_a_text() -> None:
    """An article about a thing comes before one that mentions it."""
    entries = (_entry("mentions", body="the key"), _entry("about", title="The key"))
    assert search(entries, "key") == ["about", "mentions"]


def test_equal_articles_keep_the_order_of_the_shelf() -> None:
    """Between equals the index page's order decides."""
    entries = (_entry("first", title="Keys"), _entry("second", title="Keys"))
    assert search(entries, "keys") == ["first", "second"]
    assert search(entries[::-1], "keys") == ["second", "first"]


def test_more_of_the_words_come_before_better_places() -> None:
    """Who knows both words comes before who has one of them as its title."""
    entries = (_entry("one", title="school"), _entry("both", body="a board of a school"))
    assert search(entries, "school board") == ["both"]


def test_small_words_are_left_out_unless_there_are_no_others() -> None:
    """Words like "how" say nothing about what; asked alone they are all there is."""
    assert question_words("Hoe kan ik een wachtwoord kiezen?") == ["wachtwoord", "kiezen"]
    assert question_words("Hoe?") == ["hoe"]


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("sleutel", "sleutel", True),
        ("sleutel", "sluetel", True),
        ("sleutel", "sleutl", True),
        ("sleutl", "sleutel", True),
        ("sleutel", "sleitel", True),
        ("sleutel", "sleutels", True),
        ("sleutel", "slietel", False),
        ("sleutel", "sleu", False),
        ("sleutel", "tsleulet", False),
        ("ab", "ba", True),
        ("", "a", True),
    ],
)
def test_one_edit_is_one_letter_or_two_neighbours(one: str, other: str, *, near: bool) -> None:
    """One letter more, less or other, or two neighbours swapped: near; two errors: not."""
    assert within_one_edit(one, other) is near
    assert within_one_edit(other, one) is near


@given(st.text("abc", min_size=1, max_size=6), st.data())
def test_every_single_edit_is_within_one_edit(word: str, data: st.DataObject) -> None:
    """Leaving out, adding or changing any letter, or swapping any neighbours, stays near."""
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcd"))
    edits = {
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }
    assert all(within_one_edit(word, edit) for edit in edits)
