"""What the tests of password_reset share."""

from collections.abc import Iterator

import pytest

from infra.local.house import House
from infra.local.stand_ins import google
from schoolpoort import captcha
from tests.login.door import ask_stand_in
from tests.password_reset.post import Post


@pytest.fixture
def post(aws: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """Open the post room; the roles of the template are enforced."""
    captcha.forget()
    monkeypatch.setattr(captcha.recaptcha, "_ask", ask_stand_in)
    google.reset()
    opened = Post(aws)
    opened.move_clock(0)
    yield opened
    google.reset()
    aws.move_clock(0)
    assert aws.failures == []
