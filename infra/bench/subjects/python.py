"""The floor of floors: an interpreter that starts and ends."""


def run() -> None:
    """Do nothing."""
