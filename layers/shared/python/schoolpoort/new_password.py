"""A new password as a form brings it: by the rules, twice alike, and not the first guess.

Who chooses a guessable one is warned and asked once more; helpdesk and boards, on whose accounts
many children depend, have to choose another (docs/decisions: guessable passwords).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schoolpoort import guessable, memberships, passwords, registry

_SCHOOL = "school#"
_HAVE_TO_CHOOSE_ANOTHER = frozenset({"helpdesk", "board"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose password it becomes: what others know of him, and whether he may insist."""

    own_words: tuple[str, ...]
    may_insist: bool


def problems(form: Mapping[str, str], owner: Callable[[], Owner]) -> dict[str, str]:
    """Return the code of what is wrong, per field; empty when the password can be kept.

    The form has `password`, `password_again` and, after a warning, `insist`. The owner is asked
    for only when everything else is in order.
    """
    password = form.get("password", "")
    if not password:
        return {"password": "missing"}
    broken = passwords.violations(password)
    if broken:
        return {"password": broken[0].value}
    if passwords.normalised(password) != passwords.normalised(form.get("password_again", "")):
        return {"password_again": "differs"}
    found = owner()
    if not guessable.is_guessable(password, found.own_words):
        return {}
    if not found.may_insist:
        return {"password": "guessable_refused"}
    return {} if form.get("insist") == "yes" else {"password": "guessable"}


def owner_of(account_id: str) -> Owner:
    """Return what is known of an account; a Query, and one more for each of its schools."""
    words: list[str] = []
    roles: set[str] = set()
    for member in memberships.of_account(account_id):
        roles |= member.roles
        words += [member.display_name, member.scope_name, member.address.partition("@")[0]]
        if member.scope.startswith(_SCHOOL):
            place = registry.school(member.scope.removeprefix(_SCHOOL))
            words += [place.name, place.place, place.brin] if place else []
    return Owner(tuple(words), may_insist=roles.isdisjoint(_HAVE_TO_CHOOSE_ANOTHER))
