"""Why a sync or an import did not go through, and who must do something about it.

The codes are stored in run records and said in words by `roster_sync/causes.html`; a test holds
the two together.
"""

import enum


class Owner(enum.StrEnum):
    """Who can take the next step."""

    SCHOOL = "school"
    BOARD = "board"
    LAS = "las"
    US = "us"


class Cause(enum.StrEnum):
    """One reason, each with one owner and one next step."""

    NO_AGREEMENT = "no_agreement"
    NO_LINK = "no_link"

    KEY_MALFORMED = "key_malformed"
    KEY_REFUSED = "key_refused"
    KEY_WITHDRAWN = "key_withdrawn"
    KEY_NEEDED = "key_needed"
    CUSTOMER_MALFORMED = "customer_malformed"
    CLIENT_UNKNOWN = "client_unknown"
    MESSAGE_REFUSED = "message_refused"
    VERSION_REFUSED = "version_refused"
    NO_DATA = "no_data"
    LAS_INTERNAL = "las_internal"
    LAS_UNAVAILABLE = "las_unavailable"
    LAS_FAULT = "las_fault"
    LAS_UNREACHABLE = "las_unreachable"
    LAS_SLOW = "las_slow"
    LAS_REDIRECTS = "las_redirects"
    LAS_TOO_LARGE = "las_too_large"
    LAS_GARBLED = "las_garbled"
    LAS_OLD_VERSION = "las_old_version"
    LAS_WEB_PAGE = "las_web_page"
    LAS_UNTRUSTED = "las_untrusted"
    LAS_FORBIDDEN_ADDRESS = "las_forbidden_address"
    CERTIFICATE_REFUSED = "certificate_refused"

    LETTERS_BROKEN = "letters_broken"
    WRONG_SCHOOL = "wrong_school"
    WRONG_YEAR = "wrong_year"
    FEED_OLDER = "feed_older"
    EMPTY = "empty"
    NO_GROUPS = "no_groups"
    TOO_FEW_PEOPLE = "too_few_people"
    NUMBERS_CHANGED = "numbers_changed"
    MANY_LEAVERS = "many_leavers"
    MANY_NEW = "many_new"
    MANY_MOVED = "many_moved"
    KEPT_APART = "kept_apart"

    FILE_TOO_LARGE = "file_too_large"
    FILE_MALFORMED = "file_malformed"
    FILE_FORBIDDEN = "file_forbidden"
    FILE_OTHER_KIND = "file_other_kind"


OWNERS: dict[Cause, Owner] = {
    Cause.NO_AGREEMENT: Owner.BOARD,
    Cause.NO_LINK: Owner.SCHOOL,
    Cause.KEY_MALFORMED: Owner.SCHOOL,
    Cause.KEY_REFUSED: Owner.SCHOOL,
    Cause.KEY_WITHDRAWN: Owner.SCHOOL,
    Cause.KEY_NEEDED: Owner.SCHOOL,
    Cause.CUSTOMER_MALFORMED: Owner.SCHOOL,
    Cause.CLIENT_UNKNOWN: Owner.US,
    Cause.MESSAGE_REFUSED: Owner.US,
    Cause.VERSION_REFUSED: Owner.US,
    Cause.NO_DATA: Owner.SCHOOL,
    Cause.LAS_INTERNAL: Owner.LAS,
    Cause.LAS_UNAVAILABLE: Owner.LAS,
    Cause.LAS_FAULT: Owner.US,
    Cause.LAS_UNREACHABLE: Owner.LAS,
    Cause.LAS_SLOW: Owner.LAS,
    Cause.LAS_REDIRECTS: Owner.US,
    Cause.LAS_TOO_LARGE: Owner.US,
    Cause.LAS_GARBLED: Owner.LAS,
    Cause.LAS_OLD_VERSION: Owner.LAS,
    Cause.LAS_WEB_PAGE: Owner.LAS,
    Cause.LAS_UNTRUSTED: Owner.LAS,
    Cause.LAS_FORBIDDEN_ADDRESS: Owner.US,
    Cause.CERTIFICATE_REFUSED: Owner.US,
    Cause.LETTERS_BROKEN: Owner.LAS,
    Cause.WRONG_SCHOOL: Owner.SCHOOL,
    Cause.WRONG_YEAR: Owner.SCHOOL,
    Cause.FEED_OLDER: Owner.SCHOOL,
    Cause.EMPTY: Owner.SCHOOL,
    Cause.NO_GROUPS: Owner.SCHOOL,
    Cause.TOO_FEW_PEOPLE: Owner.SCHOOL,
    Cause.NUMBERS_CHANGED: Owner.SCHOOL,
    Cause.MANY_LEAVERS: Owner.SCHOOL,
    Cause.MANY_NEW: Owner.SCHOOL,
    Cause.MANY_MOVED: Owner.SCHOOL,
    Cause.KEPT_APART: Owner.SCHOOL,
    Cause.FILE_TOO_LARGE: Owner.SCHOOL,
    Cause.FILE_MALFORMED: Owner.SCHOOL,
    Cause.FILE_FORBIDDEN: Owner.SCHOOL,
    Cause.FILE_OTHER_KIND: Owner.SCHOOL,
}


class FeedRefused(Exception):
    """A feed cannot be used; nothing was changed. `cause` says why."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause
