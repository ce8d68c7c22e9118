"""The invented board, schools and people that the local house opens with."""

from infra.local.house import House


def fill(house: House) -> list[dict[str, str]]:
    """Fill an empty house and return the people: role, school and how each signs in."""
    return []
