"""Which article of the help belongs to which page: where "Help" in the header leads.

A page of a template that is not named here gets the article of its function.
"""

_OF_FUNCTION = {
    "": "outage",
    "dpa": "board-or-school",
    "help": "ask-the-helpdesk",
    "login": "cannot-sign-in",
    "onboarding": "school-changes",
    "papers": "who-signs",
    "password_reset": "links-in-mails",
    "roster_sync": "roster-sync",
    "sso": "link-an-app",
}

_OF_TEMPLATE = {
    "dpa/board.html": "board-pages",
    "dpa/agreement_door.html": "who-signs",
    "dpa/agreement_sheet.html": "who-signs",
    "dpa/case.html": "coverage",
    "dpa/helpdesk.html": "who-signs",
    "dpa/reviews.html": "school-changes",
    "help/article.html": "",
    "help/index.html": "",
    "help/no_article.html": "",
    "help/results.html": "",
    "login/access.html": "second-step",
    "login/account.html": "stay-signed-in",
    "login/apps.html": "link-an-app",
    "login/cards.html": "badges-and-cards",
    "login/change_password.html": "change-password",
    "login/choice.html": "several-schools",
    "login/class_door.html": "class-door",
    "login/code.html": "second-step",
    "login/confirm.html": "stay-signed-in",
    "login/enrolment.html": "second-step",
    "login/events.html": "stay-signed-in",
    "login/group.html": "group-overview",
    "login/groups.html": "group-overview",
    "login/helpdesk_access.html": "second-step",
    "login/home.html": "home-sign-in",
    "login/home_card.html": "home-accounts",
    "login/home_cards.html": "home-accounts",
    "login/networks.html": "school-networks",
    "login/onwards.html": "link-an-app",
    "login/print.html": "badges-and-cards",
    "login/recovery_codes.html": "second-step",
    "login/second_factor.html": "second-step",
    "onboarding/board.html": "board-pages",
    "onboarding/board_at_helpdesk.html": "board-pages",
    "onboarding/console.html": "coverage",
    "onboarding/helpdesk.html": "new-school",
    "onboarding/request_at_helpdesk.html": "new-school",
    "onboarding/request_board.html": "new-school",
    "onboarding/request_form.html": "new-school",
    "onboarding/request_not_needed.html": "appoint-people",
    "onboarding/request_sent.html": "new-school",
    "onboarding/request_status.html": "new-school",
    "onboarding/request_typed.html": "new-school",
    "onboarding/requests.html": "new-school",
    "onboarding/school.html": "new-school",
    "password_reset/appoint.html": "appoint-people",
    "password_reset/choose_role.html": "appoint-people",
    "password_reset/forgotten.html": "change-password",
    "password_reset/people.html": "invite-staff",
    "password_reset/person.html": "appoint-people",
    "password_reset/roles.html": "appoint-people",
    "password_reset/set_password.html": "password-rules",
    "roster_sync/file.html": "edexml-file",
    "roster_sync/file_received.html": "edexml-file",
    "roster_sync/given_up.html": "roster-faults",
    "roster_sync/helpdesk_keys.html": "authorisation-key",
    "roster_sync/key.html": "authorisation-key",
    "roster_sync/run.html": "roster-faults",
    "roster_sync/waiting.html": "held-changes",
    "sso/shared.html": "what-is-shared",
}
"""Empty is the start of the help: its own pages are there already."""


def of(template: str) -> str:
    """Return the slug of a page's article, or nothing for the start of the help."""
    function = template.partition("/")[0] if "/" in template else ""
    return _OF_TEMPLATE.get(template, _OF_FUNCTION[function])
