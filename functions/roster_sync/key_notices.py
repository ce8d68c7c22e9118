"""Mails about keys to the coordinators of a school: refused, withdrawn, or needed soon.

The mail itself names no person and no key; the same request asked twice is sent once.
"""

from typing import Any, Literal

from schoolpoort import mail_requests, memberships, registry

Notice = Literal["key_refused", "key_withdrawn", "key_needed"]
_ROLE = "ict_coordinator"


def tell(school_id: str, notice: Notice, supplier: str, *, about: str, **values: Any) -> int:
    """Ask for a mail to every coordinator of a school and return how many that are.

    `about` tells this occasion apart from others of its kind, in letters, digits and dashes.
    """
    school = registry.school(school_id)
    found = [
        member
        for member in memberships.in_scope(f"school#{school_id}")
        if _ROLE in member.roles and member.activated_at_epoch_s is not None
    ]
    for member in found:
        mail_requests.enqueue(
            "key_notice",
            request_id=f"{notice}-{school_id}-{about}-{member.account_id}",
            notice=notice,
            address=member.address,
            school_name=school.name if school else member.scope_name,
            supplier=supplier,
            **values,
        )
    return len(found)
