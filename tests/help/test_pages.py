"""The help pages, through the template's gateway and nothing else."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from help import library
from help.app import handler
from help.search import MOST_CHARACTERS
from infra.local import messages
from infra.local.gateway import Gateway, HttpRequest, HttpResponse
from infra.local.visitor import Visitor

_ARTICLE_LINK = re.compile(r'href="/help/([a-z-]+)"')
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _gateway() -> Gateway:
    """Return the template's gateway with only the help function behind it."""

    def invoke(function: str, event: Mapping[str, Any]) -> Any:
        assert function == "HelpFunction"
        return handler(dict(event), None)

    def no_static(_path: str) -> HttpResponse:
        raise NotImplementedError

    return Gateway(invoke, no_static)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Answer as API Gateway does, with no cloud behind it: the help has no store."""
    messages.compile_all()
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://localhost:8080")
    monkeypatch.setenv("MAIL_DOMAIN", "schoolpoort.example")
    return _gateway()


@pytest.fixture
def reader(gateway: Gateway) -> Visitor:
    """Somebody who reads the help and has not signed in."""
    return Visitor(gateway.answer)


def test_the_index_names_every_article(reader: Visitor) -> None:
    """All articles can be found without searching."""
    answer = reader.get("/help")
    assert answer.status == 200
    assert "Vragen en antwoorden" in answer.text
    slugs = {path.stem for path in (library.FOLDER / "nl").glob("*.md")}
    assert set(_ARTICLE_LINK.findall(answer.text)) == slugs


def test_a_question_gets_its_answers(reader: Visitor) -> None:
    """The answers to `q` stand on the page, best first, with the question still in the field."""
    answer = reader.get("/help?q=autorisatiesleutel")
    assert answer.status == 200
    assert _ARTICLE_LINK.findall(answer.text)[0] == "authorisation-key"
    assert 'value="autorisatiesleutel"' in answer.text


def test_privacy_shows_at_least_ten_answers(reader: Visitor) -> None:
    """The word in every footer leads to the ten answers."""
    assert len(_ARTICLE_LINK.findall(reader.get("/help?q=privacy").text)) >= 10


def test_a_question_without_answer_says_what_to_do(reader: Visitor) -> None:
    """Nothing found is a page with another way, not an empty list."""
    answer = reader.get("/help?q=zeppelin")
    assert answer.status == 200
    assert 'href="/help/ask?q=zeppelin"' in answer.text


def test_answers_come_while_somebody_types(reader: Visitor) -> None:
    """The page's script gets the same list as the page, and nothing around it."""
    part = reader.get("/help?part=list&q=autorisatiesleutel")
    assert part.status == 200
    assert "<html" not in part.text
    whole = reader.get("/help?q=autorisatiesleutel").text
    assert (
        _ARTICLE_LINK.findall(part.text)
        == _ARTICLE_LINK.findall(whole)[: len(_ARTICLE_LINK.findall(part.text))]
    )
    for page in ("/help", "/help?q=x", "/help/password-rules"):
        text = reader.get(page).text
        assert 'id="answers"' in text
        assert "help.js" in text


@pytest.mark.parametrize("question", ["%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E%3Cb%3E", "%25s"])
def test_a_question_is_only_ever_text(reader: Visitor, question: str) -> None:
    """Markup in a question is shown, never obeyed."""
    answer = reader.get(f"/help?q={question}")
    assert answer.status == 200
    assert "<script>alert" not in answer.text
    assert '"><b>' not in answer.text


def test_an_endless_question_is_cut(reader: Visitor) -> None:
    """A page holds no more of a question than anybody reads."""
    answer = reader.get(f"/help?q={'a' * 5000}")
    assert answer.status == 200
    assert "a" * (MOST_CHARACTERS + 1) not in answer.text


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "minstens 1 cijfer"), ("en", "at least 1 digit")]
)
def test_an_article_comes_in_the_language_asked(reader: Visitor, language: str, words: str) -> None:
    """The same address serves both languages, and the choice sticks."""
    first = reader.get(f"/help/password-rules?lang={language}")
    assert first.status == 200
    assert f'<html lang="{language}">' in first.text
    assert words in first.text
    assert words in reader.get("/help/password-rules").text


@pytest.mark.parametrize("slug", sorted(path.stem for path in (library.FOLDER / "nl").glob("*.md")))
def test_every_article_has_a_page_in_both_languages(reader: Visitor, slug: str) -> None:
    """No article fails to render."""
    for language in ("nl", "en"):
        answer = reader.get(f"/help/{slug}?lang={language}")
        assert answer.status == 200
        assert answer.text.count("<h1") == 1


def test_an_unknown_article_suggests_others(reader: Visitor) -> None:
    """A wrong name answers 404, with the likely articles and the reference of the log line."""
    answer = reader.get("/help/wachtwoord")
    assert answer.status == 404
    assert "password-rules" in _ARTICLE_LINK.findall(answer.text)
    assert 'class="reference"' in answer.text


@pytest.mark.parametrize("slug", ["..%2fapp", "%00", "a" * 300, "%F0%9F%98%80"])
def test_a_strange_article_name_is_just_unknown(reader: Visitor, slug: str) -> None:
    """A name is only ever looked up, never opened as a file."""
    assert reader.get(f"/help/{slug}").status == 404


@pytest.mark.parametrize("method", _METHODS)
def test_any_method_at_an_unknown_address_answers_404(gateway: Gateway, method: str) -> None:
    """Each method at an address that nobody answers shows the page with a reference."""
    request = HttpRequest(method, "/no/such/place", (), b"", "127.0.0.1")
    answer = gateway.answer(request)
    assert answer.status == 404
    assert 'class="reference"' in answer.body.decode()


def test_security_txt_names_contact_and_date(reader: Visitor) -> None:
    """A finder of a leak learns where to report it, by RFC 9116."""
    answer = reader.get("/.well-known/security.txt")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@schoolpoort.example"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fields["Expires"])
    assert fields["Policy"].endswith("/help/report-a-vulnerability")
