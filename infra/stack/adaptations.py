"""What the stack run changes in the built template, and why: faults of the emulator, nothing else.

Each entry names what is left out. The roles' condition keys below are proved by the suite's own
evaluator (`infra.local.roles`) and by AWS; here they would refuse every call.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

CONDITION_KEYS_NOT_KNOWN = {
    "kms:SigningAlgorithm": "the emulator gives the evaluator no value of this key",
    "kms:EncryptionContext:purpose": "the emulator gives the evaluator no value of this key",
    "dynamodb:LeadingKeys": "the emulator gives the evaluator no value of this key",
    "ses:FromAddress": "the emulator gives the evaluator no value of this key",
}
ACTIONS_ASKED_FOR_EVERYTHING = {
    "ses:SendEmail": "asked for on * instead of on the identity and the set",
    "ses:SendRawEmail": "asked for on * instead of on the identity and the set",
}
ACTIONS_BY_ANOTHER_NAME = {
    "sqs:SendMessage": ("sqs:SendMessageBatch", "an action of its own here, not on AWS"),
}
POLICIES_ON_TRANSPORT = {
    "UploadsBucketPolicy": "refuses plain http, and the emulator has nothing else on loopback",
    "PapersBucketPolicy": "refuses plain http, and the emulator has nothing else on loopback",
    "StaticBucketPolicy": "refuses plain http, and the emulator has nothing else on loopback",
}
PATHS_NOT_SERVED = {
    "/static/{version}/{name}": "no integration of a path with S3; the files are in the bucket",
}
OUTPUTS_NOT_KNOWN = {
    "MailDkimRecord1": "the emulator makes no DKIM names for a mail domain",
    "MailDkimRecord2": "the emulator makes no DKIM names for a mail domain",
    "MailDkimRecord3": "the emulator makes no DKIM names for a mail domain",
}
NUMBERS_FROM_PARAMETERS = {
    "MaximumConcurrency": "a parameter of numbers arrives as text, and no message is ever polled",
}


def adapt(built: dict[str, Any]) -> dict[str, Any]:
    """Return a built template with what the emulator cannot do left out."""
    adapted = deepcopy(built)
    for statement in _statements(adapted):
        _drop_conditions(statement)
        _change_actions(statement)
    for paths in _path_tables(adapted):
        for path in PATHS_NOT_SERVED:
            del paths[path]
    for scaling in _scalings(adapted):
        for number in NUMBERS_FROM_PARAMETERS.keys() & scaling.keys():
            scaling[number] = _number(adapted, scaling[number])
    for policy in POLICIES_ON_TRANSPORT:
        del adapted["Resources"][policy]
    for output in OUTPUTS_NOT_KNOWN:
        del adapted["Outputs"][output]
    return adapted


def _statements(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            for policy in resource["Properties"].get("Policies", []):
                yield from policy["Statement"]


def _drop_conditions(statement: dict[str, Any]) -> None:
    for wanted in statement.get("Condition", {}).values():
        for key in CONDITION_KEYS_NOT_KNOWN:
            wanted.pop(key, None)
    if not any(statement.get("Condition", {}).values()):
        statement.pop("Condition", None)


def _change_actions(statement: dict[str, Any]) -> None:
    actions = statement["Action"]
    if ACTIONS_ASKED_FOR_EVERYTHING.keys() >= set(actions):
        statement["Resource"] = "*"
    others = [other for one, (other, _) in ACTIONS_BY_ANOTHER_NAME.items() if one in actions]
    statement["Action"] = [*actions, *others]


def _path_tables(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Api":
            yield resource["Properties"]["DefinitionBody"]["paths"]


def _scalings(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            yield resource["Properties"].get("ScalingConfig", {})


def _number(template: dict[str, Any], value: Any) -> int:
    """Return a number as it stands, or what the parameter that it refers to begins as."""
    if isinstance(value, dict):
        return int(template["Parameters"][value["Ref"]]["Default"])
    return int(value)
