"""The coordinator's page of where pupils come in: the school's address, networks, devices."""

import datetime as dt
from zoneinfo import ZoneInfo

from login import networks, pupil_access, pupil_pages, pupil_sign_in, pupil_store
from login.networks import Unfit
from schoolpoort import authority, clock, ids, settings
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, cookie, page, redirect

_PLACE = "/console/networks"
_LONGEST_NAME = 40
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
    logger.info("pupils' places", extra={"school": school_id, "action": action})
    match action:
        case "add_current":
            return _add(request, actor, request.source_ip)
        case "add":
            return _add(request, actor, form.get("network", ""))
        case "remove":
            pupil_store.remove(school_id, f"network#{form.get('cidr', '')}")
            return redirect(f"{_PLACE}?done=removed")
        case "confirm":
            cidr = form.get("cidr", "")
            pupil_store.see_network(school_id, cidr, now_epoch_s=clock.now_epoch_s())
            return redirect(f"{_PLACE}?done=confirmed")
        case "enrol":
            return _enrol(actor, form.get("name", ""))
        case "remove_device":
            pupil_store.remove(school_id, f"device#{form.get('ref', '')}")
            return redirect(f"{_PLACE}?done=device_removed")
        case _:
            raise BadRequest("action_unknown")


def _add(request: Request, actor: Actor, typed: str) -> Response:
    found = networks.read(typed, is_local=settings.is_local())
    if isinstance(found, Unfit):
        return _page(request, actor, typed=typed, unfit=found, status=400)
    now = clock.now_epoch_s()
    pupil_store.put(
        str(actor.school_id),
        f"network#{found}",
        added_at_epoch_s=now,
        seen_at_epoch_s=now,
        added_by=actor.account_id,
    )
    return redirect(f"{_PLACE}?done=added")


def _enrol(actor: Actor, name: str) -> Response:
    secret = ids.new_secret()
    now = clock.now_epoch_s()
    pupil_store.put(
        str(actor.school_id),
        f"device#{ids.sha256_hex(secret)}",
        name=" ".join(name.split())[:_LONGEST_NAME],
        added_at_epoch_s=now,
        added_by=actor.account_id,
        expires_at_epoch_s=now + pupil_access.DEVICE_LIFE_S,
    )
    kept = cookie(pupil_pages.DEVICE_COOKIE, secret, max_age_s=pupil_access.DEVICE_LIFE_S)
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
    device_hash = pupil_pages.device_hash(request)
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
