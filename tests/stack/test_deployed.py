"""The deployed stack holds every role to its policy and delivers every event it wires."""

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest
from wire import Controls, Person, wait_for

from infra.local import template
from infra.stack import deployment

_NOTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}],
    }
)
_PLACES = {
    "LoginFunction": ("teacher", "/apps"),
    "PasswordResetFunction": ("ict_coordinator", "/console/people"),
    "RosterFunction": ("ict_coordinator", "/console/roster"),
    "DpaFunction": ("board", "/board/agreements"),
    "OnboardingFunction": ("helpdesk", "/helpdesk"),
    "PapersFunction": ("board", "/board/papers"),
    "SsoFunction": ("ict_coordinator", "/console/publishers"),
}
"""A page of each function that reads a table."""

pytestmark = pytest.mark.stack_walk


@dataclass(frozen=True, slots=True)
class Stack:
    """The emulator's address, the house's address and what each logical id became."""

    emulator: str
    base_url: str
    resources: dict[str, str]
    people: dict[str, Person] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client of the emulator's root user."""
        return deployment.client(service, self.emulator)

    def signed_in(self, role: str) -> Person:
        """Return somebody of the seed who has signed in: once, as a second code takes waiting."""
        if role not in self.people:
            who = Controls(self.base_url).people(role)[0]
            person = Person(self.base_url)
            assert person.sign_in(who["address"], who["password"]).status == 303
            self.people[role] = person
        return self.people[role]


@pytest.fixture(scope="module")
def stack() -> Stack:
    """Return the stack that `make stack` deployed."""
    told = os.environ.get("SCHOOLPOORT_STACK")
    if told is None:
        pytest.skip("no stack is deployed: this runs as part of make stack")
    found = json.loads(told)
    return Stack(found["address"], os.environ["SCHOOLPOORT_BASE_URL"], found["resources"])


@contextmanager
def _denied(stack: Stack, role: str) -> Iterator[None]:
    iam = stack.client("iam")
    iam.put_role_policy(RoleName=role, PolicyName="nothing", PolicyDocument=_NOTHING)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="nothing")


@pytest.mark.parametrize("function", _PLACES)
def test_a_role_is_enforced(stack: Stack, function: str) -> None:
    """A function whose role denies it the tables fails, and works again when it is allowed.

    Such a crash is the gateway's to answer; the emulator has no page of ours for it.
    """
    who, path = _PLACES[function]
    person = stack.signed_in(who)
    assert person.get(path).status == 200
    with _denied(stack, stack.resources[f"{function}Role"]):
        assert person.get(path).status == HTTPStatus.BAD_GATEWAY
    assert person.get(path).status == 200


@pytest.mark.parametrize("function", template.functions())
def test_each_function_has_a_role_of_its_own(stack: Stack, function: str) -> None:
    """No function acts with the role of another."""
    told = stack.client("lambda").get_function_configuration(FunctionName=stack.resources[function])
    assert told["Role"].endswith(f"/{stack.resources[f'{function}Role']}")
    roles = [stack.resources[f"{name}Role"] for name in template.functions()]
    assert len(set(roles)) == len(roles)


@pytest.mark.parametrize(
    "mapping", [name for name, _ in template.resources("AWS::Lambda::EventSourceMapping")]
)
def test_each_queue_reaches_its_function(stack: Stack, mapping: str) -> None:
    """The queue that the template names is polled for the function that it names."""
    wanted = dict(template.resources("AWS::Lambda::EventSourceMapping"))[mapping]["Properties"]
    told = stack.client("lambda").get_event_source_mapping(UUID=stack.resources[mapping])
    queue = stack.resources[wanted["EventSourceArn"]["Fn::GetAtt"][0]].rpartition("/")[2]
    assert told["EventSourceArn"].endswith(f":{queue}")
    assert told["FunctionArn"].endswith(f":{stack.resources[wanted['FunctionName']['Ref']]}")
    assert told["State"] == "Enabled"


def test_the_night_reaches_every_linked_school(stack: Stack) -> None:
    """What the schedule sends to its target makes a school's roster run.

    The time zone is proved from the template; the emulator's CloudFormation forgets it.
    """
    scheduled = stack.client("scheduler").get_schedule(
        Name=stack.resources["NightlySync"].rpartition("/")[2]
    )
    assert scheduled["State"] == "ENABLED"
    target = scheduled["Target"]
    assert target["Arn"].endswith(f":{stack.resources['RosterPlannerFunction']}")
    stack.client("lambda").invoke(FunctionName=target["Arn"], Payload=target["Input"].encode())
    coordinator = stack.signed_in("ict_coordinator")

    def look() -> bool:
        return (
            re.search("[Uu]nchanged|[Nn]othing changed", coordinator.get("/console/roster").text)
            is not None
        )

    wait_for(look, "the run of the night")


def test_the_static_files_are_in_their_bucket(stack: Stack) -> None:
    """The custom resource has published every file that a page asks for."""
    page = Person(stack.base_url).get("/login")
    kept = stack.client("s3").list_objects_v2(Bucket=stack.resources["StaticBucket"])
    names = {found["Key"] for found in kept["Contents"]}
    asked = {part.split('"')[0] for part in page.text.split('"/')[1:] if part.startswith("static/")}
    # What the house itself writes while it runs comes later.
    published = {name for name in asked if not name.startswith("static/now/")}
    assert published
    assert published <= names


def test_a_message_that_keeps_failing_is_kept_aside(stack: Stack) -> None:
    """Each queue gives up a poisonous message to the queue that raises an alarm."""
    sqs = stack.client("sqs")
    for name in ("MailQueue", "RosterQueue", "RegistryQueue"):
        told = sqs.get_queue_attributes(
            QueueUrl=stack.resources[name], AttributeNames=["RedrivePolicy"]
        )
        policy = json.loads(told["Attributes"]["RedrivePolicy"])
        assert int(policy["maxReceiveCount"]) > 1
        assert policy["deadLetterTargetArn"].rpartition(":")[2] in " ".join(
            stack.resources.values()
        )


def test_of_many_simultaneous_uses_of_a_link_one_sets_the_password(stack: Stack) -> None:
    """Twelve requests race with one mailed link, each with a password of its own: one gets in."""
    who = Controls(stack.base_url).people("teacher")[1]["address"]
    somebody = Person(stack.base_url)
    asked = {"email": who, **somebody.controls.captcha()}
    assert somebody.post("/password/forgotten", asked).status == 200
    path = wait_for(partial(_reset_link, stack, who), "the mail with the link")
    forms = [
        {"password": word, "password_again": word, **somebody.controls.captcha()}
        for word in (f"Waterlelie{number}" for number in range(12))
    ]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda form: Person(stack.base_url).post(path, form), forms))
    assert sorted(answer.status for answer in answers)[:2] == [303, 410]
    won = forms[[answer.status for answer in answers].index(303)]["password"]
    assert Person(stack.base_url).sign_in(who, won).status == 303


def _reset_link(stack: Stack, address: str) -> str | None:
    for mail in Controls(stack.base_url).call("mailbox.json"):
        if address in mail["to"] and "/password/" in mail["text"]:
            return "/password/" + str(mail["text"]).split("/password/")[1][:36]
    return None
