"""What the tests of the help share: the post room, where mails are sent."""

from tests.password_reset.conftest import post

__all__ = ["post"]
