"""The two secrets of the check, kept in one entry of Secrets Manager and read at once."""

import functools
import json
from dataclasses import dataclass

from schoolpoort import aws, settings
from schoolpoort.errors import SettingRefused

_SETTING = "CAPTCHA_SECRET_ARN"
_TEST_SECRET = "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"  # noqa: S105 - public: passes everybody


@dataclass(frozen=True, slots=True)
class Keys:
    """What Google knows us by, and what our own challenges are signed with."""

    recaptcha_secret: str
    altcha_key: str


@functools.cache
def read() -> Keys:
    """Return the secrets of this deployment, read once; raises SettingRefused, botocore's errors.

    `read.cache_clear()` has them read again: a renewed secret changes no function.
    """
    arn = settings.require(_SETTING)
    stored = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    try:
        found = json.loads(stored)
        kept = Keys(str(found["recaptcha_secret"]), str(found["altcha_key"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SettingRefused(_SETTING, "it is not the JSON that the template makes") from error
    if not kept.altcha_key:
        raise SettingRefused(_SETTING, "the key of our own check is empty")
    if kept.recaptcha_secret == _TEST_SECRET and not settings.is_local():
        raise SettingRefused(_SETTING, "Google's public test secret passes everybody")
    return kept
