"""One digest of a whole roster: the same tonight means that nothing has to be read or written.

It is over what is usable, after parsing: the date of making and the order of children differ from
answer to answer without meaning anything.
"""

import hashlib
import json

from roster_sync.model import Roster


def feed_hash(roster: Roster) -> str:
    """Return the SHA-256 of a roster's canonical form as 64 hexadecimal digits."""
    canonical = [
        roster.school_year,
        roster.staff_known,
        [[group.kind, group.key, group.name, group.year_group] for group in roster.groups],
        [
            [
                person.kind,
                person.key,
                person.given_name,
                person.prefix,
                person.surname,
                person.year_group,
                person.address,
                person.roles,
                person.groups,
                person.eck_id,
            ]
            for person in roster.people
        ],
    ]
    return hashlib.sha256(json.dumps(canonical, ensure_ascii=False).encode()).hexdigest()
