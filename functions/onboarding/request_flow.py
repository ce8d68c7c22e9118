"""What happens to a request: it comes in, its paper comes in, two people decide, the board answers.

Each step writes the request first and mails after; a step that dies between the two is finished by
the next look at the request or by the daily run (`finish`), and no mail goes out twice.
"""

from dataclasses import replace

from onboarding import (
    account_request,
    pdf_facts,
    request_checks,
    request_facts,
    request_forms,
    request_mails,
    request_store,
)
from onboarding.account_request import AccountRequest, Claim, MoveRefused, Paper, Refusal, Way
from onboarding.request_states import GRANTED, State
from schoolpoort import clock, ids, memberships, registry
from schoolpoort.log import logger

_PAPER = "paper"


def submit(
    claim: Claim, *, channel: str, language: str, typed_by: str = "", mail_verdicts: str = ""
) -> AccountRequest:
    """Keep a new request, and mail the requester the link to its page."""
    now_epoch_s = clock.now_epoch_s()
    fresh = AccountRequest(
        request_id=ids.new_id(),
        claim=claim,
        state=State.RECEIVED,
        channel=channel,
        language=language,
        received_at_epoch_s=now_epoch_s,
        typed_by=typed_by,
        mail_verdicts=mail_verdicts,
    )
    lacking = " ".join([*request_forms.missing(claim), _PAPER])
    request = account_request.moved(fresh, "R01", now_epoch_s, missing=lacking)
    request_store.add(request)
    request_mails.to_requester(request, "received")
    logger.info("request received", extra={"request": request.request_id, "channel": channel})
    return request


def take_paper(request: AccountRequest, content: bytes) -> AccountRequest:
    """Keep a signed paper, run the checks, and put a complete request in front of people."""
    facts = pdf_facts.read(content)
    key = f"{request.request_id}/{facts.sha256}"
    request_store.keep_paper(key, content)
    return recheck(replace(request, paper=Paper(key, facts)))


def correct(request: AccountRequest, claim: Claim) -> AccountRequest:
    """Take what the helpdesk completed in a request that came by mail, and check it again."""
    return recheck(replace(request, claim=claim))


def recheck(request: AccountRequest) -> AccountRequest:
    """Run the checks over what is known now, and write the request if nobody else did."""
    now_epoch_s = clock.now_epoch_s()
    facts = request.paper.facts if request.paper else None
    checks = request_checks.run(request_facts.gather(request, facts, now_epoch_s))
    lacking = request_forms.missing(request.claim)
    if request.paper is None:
        lacking.append(_PAPER)
    done = replace(request, checks=checks, missing=" ".join(lacking), version=request.version + 1)
    if not lacking and request.state in {State.RECEIVED, State.INCOMPLETE, State.TO_REVIEW}:
        complete_at = request.complete_at_epoch_s or now_epoch_s
        done = account_request.moved(
            replace(done, version=request.version),
            "R02",
            now_epoch_s,
            complete_at_epoch_s=complete_at,
        )
    request_store.save(done, known_version=request.version)
    logger.info("request checked", extra={"request": request.request_id, "state": done.state})
    return done


def ask_more(request: AccountRequest, account_id: str, note: str) -> AccountRequest:
    """Send a request back to who made it, with what is missing in words."""
    now_epoch_s = clock.now_epoch_s()
    done = account_request.moved(
        request, "R03", now_epoch_s, account_id=account_id, note=note, missing=_PAPER, reminders=0
    )
    request_store.save(done, known_version=request.version)
    request_mails.to_requester(done, "incomplete", details=(note,))
    return done


def propose(request: AccountRequest, account_id: str, decision: str, note: str) -> AccountRequest:
    """Note that the first person says "approve" or "reject"; raises MoveRefused."""
    done = account_request.moved(
        request,
        "R04",
        clock.now_epoch_s(),
        account_id=account_id,
        note=note,
        proposal=decision,
        proposed_by=account_id,
    )
    request_store.save(done, known_version=request.version)
    return done


def send_back(request: AccountRequest, account_id: str, note: str) -> AccountRequest:
    """Let the first look begin again: the second person disagrees."""
    done = account_request.moved(
        request, "R05", clock.now_epoch_s(), account_id=account_id, note=note, proposal="",
        proposed_by="",
    )  # fmt: skip
    request_store.save(done, known_version=request.version)
    return done


def agree(request: AccountRequest, account_id: str, note: str) -> AccountRequest:
    """Do as proposed: a second person agrees.

    Raises MoveRefused, AlreadyApproved or ChangedMeanwhile.
    """
    now_epoch_s = clock.now_epoch_s()
    if request.proposal == "reject":
        done = account_request.moved(request, "R10", now_epoch_s, account_id=account_id, note=note)
        request_store.save(done, known_version=request.version)
        request_mails.to_requester(done, "rejected", details=(note,))
        return done
    heard = hearing(request)
    move = "R07" if heard is Way.ASK else "R06"
    done = account_request.moved(request, move, now_epoch_s, account_id=account_id, note=note)
    if heard is Way.CALL_FIRST:
        raise MoveRefused(Refusal.CALL_FIRST)
    if registry.location(request.claim.brin6 or "-") is None:
        raise MoveRefused(Refusal.SCHOOL_MISSING)
    address = _board_address(request)
    request_store.save(done, known_version=request.version, claims_school=move == "R06")
    if heard is Way.ASK:
        request_mails.to_board(done, "ask_board", address)
        return done
    return finish(done)


def hearing(request: AccountRequest) -> Way:
    """Return how the board is heard in this request, as things are now."""
    claim = request.claim
    seen = request_store.authority(
        claim.board_number, claim.director_name, now_epoch_s=clock.now_epoch_s()
    )
    return account_request.way(request, is_verified=seen is not None)


def _board_address(request: AccountRequest) -> str:
    contact = request_store.contact(request.claim.board_number)
    if contact is None:
        raise MoveRefused(Refusal.CONTACT_MISSING)
    return str(contact["address"])


def answer(request: AccountRequest, *, is_right: bool) -> AccountRequest:
    """Take the board's word: the request is right, or "dit klopt niet"."""
    now_epoch_s = clock.now_epoch_s()
    if is_right:
        if request.state is not State.AWAITING_BOARD:
            return request
        done = account_request.moved(request, "R08", now_epoch_s)
        request_store.save(done, known_version=request.version, claims_school=True)
        return finish(done)
    if request.state is State.FROZEN:
        return enforce_freeze(request)
    move = "R09" if request.state is State.AWAITING_BOARD else "R15"
    done = account_request.moved(request, move, now_epoch_s)
    request_store.save(done, known_version=request.version)
    logger.warning("request frozen", extra={"request": request.request_id})
    return enforce_freeze(done)


def enforce_freeze(request: AccountRequest) -> AccountRequest:
    """Take away what a frozen request gave, at once: its coordinator and its director."""
    claim = request.claim
    was_granted = any(event.state in {one.value for one in GRANTED} for event in request.events)
    location = registry.location(claim.brin6) if claim.brin6 else None
    if was_granted and location is not None:
        memberships.suspend(f"school#{location.school_id}", claim.address)
        memberships.suspend(f"board#{claim.board_number}", claim.director_address)
        request_store.release_school(request)
    return request


def finish(request: AccountRequest) -> AccountRequest:
    """Send all that follows from an approval, and call the request "invited"."""
    if request.state is not State.APPROVED:
        return request
    claim = request.claim
    location = registry.location(claim.brin6)
    board = registry.board(claim.board_number)
    if location is None or board is None:
        return request
    request_mails.to_board(request, "told_board", _board_address(request))
    _invite_coordinator(request)
    request_mails.invite(
        request,
        scope=f"board#{board.number}",
        scope_name=board.name,
        role="board",
        address=claim.director_address,
        name=claim.director_name,
    )
    request_mails.to_director(request, "approved")
    for member in memberships.in_scope(f"board#{board.number}"):
        if member.address != claim.director_address and member.activated_at_epoch_s:
            request_mails.to_administrator(request, member.address)
    return _moved(request, "R11")


def _invite_coordinator(request: AccountRequest) -> None:
    claim = request.claim
    location = registry.location(claim.brin6)
    if location is not None:
        request_mails.invite(
            request,
            scope=f"school#{location.school_id}",
            scope_name=location.name,
            role="ict_coordinator",
            address=claim.address,
            name=claim.display_name,
        )


def invite_again(request: AccountRequest, account_id: str) -> AccountRequest:
    """Send a new activation link after the first was not used."""
    done = _moved(request, "R14", account_id)
    _invite_coordinator(done)
    return done


def withdraw(request: AccountRequest) -> AccountRequest:
    """Take a request back, as who made it wishes."""
    return _moved(request, "R16")


def reject_frozen(request: AccountRequest, account_id: str, note: str) -> AccountRequest:
    """End a frozen request after it was looked into."""
    return _moved(request, "R18", account_id, note)


def _moved(
    request: AccountRequest, move: str, account_id: str = "", note: str = ""
) -> AccountRequest:
    done = account_request.moved(
        request, move, clock.now_epoch_s(), account_id=account_id, note=note
    )
    request_store.save(done, known_version=request.version)
    return done
