"""The coordinator's page of where pupils come in: the school's address, networks, devices."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from login import audit, networks, pupil_access, pupil_entry, pupil_sign_in, pupil_store, store
from login.networks import Unfit
from schoolpoort import authority, clock, ids, settings
from schoolpoort.authority import Actor
from schoolpoort.dynamodb import Operation
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, cookie, page, redirect

_PLACE = "/console/networks"
_LONGEST_NAME = 40
_ENOUGH_OF_REF = 16
_SCHOOLS_ZONE = ZoneInfo("Europe/Amsterdam")


def show(request: Request) -> Response:
    """GET /console/networks."""
    actor = authority.require_school_role(request, "ict_coordinator")
    return _page(request, actor)


def receive(request: Request) -> Response:
    """POST /console/networks: add, confirm or remove a network; enrol or remove a device."""
    actor = authority.require_school_role(request, "ict_coordinator")
    form = request.form()
    action = form.get("action", "")
    school_id = str(actor.school_id)
    cidr = form.get("cidr", "")
    logger.info("pupils' places", extra={"school": school_id, "action": action})
    match action:
        case "add_current":
            return _add(request, actor, request.source_ip)
        case "add":
            return _add(request, actor, form.get("network", ""))
        case "remove":
            if _is_registered(school_id, cidr):
                change = pupil_store.remove_network(school_id, cidr)
                _change(request, actor, "network_removed", _ref(cidr), change)
            return redirect(f"{_PLACE}?done=removed")
        case "confirm":
            if _is_registered(school_id, cidr):
                now = clock.now_epoch_s()
                change = pupil_store.confirm_network(school_id, cidr, now_epoch_s=now)
                _change(request, actor, "network_confirmed", _ref(cidr), change)
            return redirect(f"{_PLACE}?done=confirmed")
        case "enrol":
            return _enrol(request, actor, form.get("name", ""))
        case "remove_device":
            ref = form.get("ref", "")
            change = pupil_store.remove_device(school_id, ref)
            _change(request, actor, "device_removed", ref[:_ENOUGH_OF_REF], change)
            return redirect(f"{_PLACE}?done=device_removed")
        case _:
            raise BadRequest("action_unknown")


def _add(request: Request, actor: Actor, typed: str) -> Response:
    found = networks.read(typed, is_local=settings.is_local())
    if isinstance(found, Unfit):
        return _page(request, actor, typed=typed, unfit=found, status=400)
    change = pupil_store.add_network(
        str(actor.school_id),
        str(found),
        added_by=actor.account_id,
        now_epoch_s=clock.now_epoch_s(),
    )
    _change(request, actor, "network_added", _ref(str(found)), change)
    return redirect(f"{_PLACE}?done=added")


def _is_registered(school_id: str, cidr: str) -> bool:
    return cidr in {one.cidr for one in pupil_store.access_of(school_id).networks}


def _ref(cidr: str) -> str:
    """Return what the record calls a network: the address itself stands on this page only."""
    return ids.sha256_hex(cidr)[:_ENOUGH_OF_REF]


def _change(
    request: Request,
    actor: Actor,
    action: audit.Action,
    subject: str,
    change: Sequence[Operation],
) -> None:
    """Carry a change out together with its event."""
    event = audit.event(
        nonce=ids.new_nonce(),
        action=action,
        outcome="done",
        reason="asked",
        account_id=actor.account_id,
        scope=actor.scope,
        subject=subject,
        at_epoch_s=clock.now_epoch_s(),
        source_ip=request.source_ip,
    )
    store.change(event, *change)


def _enrol(request: Request, actor: Actor, name: str) -> Response:
    secret = ids.new_secret()
    now = clock.now_epoch_s()
    device_hash = ids.sha256_hex(secret)
    change = pupil_store.add_device(
        str(actor.school_id),
        device_hash,
        name=" ".join(name.split())[:_LONGEST_NAME],
        added_at_epoch_s=now,
        added_by=actor.account_id,
        expires_at_epoch_s=now + pupil_access.DEVICE_LIFE_S,
    )
    _change(request, actor, "device_enrolled", device_hash[:_ENOUGH_OF_REF], change)
    kept = cookie(pupil_entry.DEVICE_COOKIE, secret, max_age_s=pupil_access.DEVICE_LIFE_S)
    return redirect(f"{_PLACE}?done=enrolled").with_cookie(kept)


def _page(
    request: Request,
    actor: Actor,
    *,
    typed: str = "",
    unfit: Unfit | None = None,
    status: int = 200,
) -> Response:
    code = pupil_sign_in.code_of(str(actor.school_id))
    access = pupil_store.access_of(str(actor.school_id))
    now = clock.now_epoch_s()
    device_hash = pupil_entry.device_hash(request)
    return page(
        request,
        "login/networks.html",
        status=status,
        session=actor.session,
        address=f"{settings.require_url('PUBLIC_BASE_URL')}/login/school/{code}",
        current=request.source_ip,
        is_current_known=networks.of_address(request.source_ip, access.networks) is not None,
        networks=[(one, one.is_forgotten(now)) for one in access.networks],
        devices=access.devices,
        is_enrolled=any(device.ref == device_hash for device in access.devices),
        typed=typed,
        unfit=unfit.value if unfit else "",
        done=request.query.get("done", ""),
        day=lambda at_s: dt.datetime.fromtimestamp(at_s, _SCHOOLS_ZONE).strftime("%d-%m-%Y"),
    )
