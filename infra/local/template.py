"""template.yaml as data: routes, environments, statements and stateful resources.

Everything that the local house creates or allows comes from here, so that it cannot drift from
what `sam deploy` takes.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
STATEFUL_TYPES = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::S3::Bucket",
        "AWS::KMS::Key",
    }
)
_INTEGRATION = "x-amazon-apigateway-integration"
_FUNCTION_OF_URI = re.compile(r"functions/\$\{(\w+)\.Arn\}/invocations")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags turned into their long form."""


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise TypeError(suffix)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)


@functools.cache
def load() -> Mapping[str, Any]:
    """Return the whole template with intrinsic functions in their long form."""
    text = (ROOT / "template.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    return loaded


def resources(*types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (logical id, resource) of every resource of the given types."""
    for logical_id, resource in load()["Resources"].items():
        if resource["Type"] in types:
            yield logical_id, resource


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path of the API, and the function (logical id) that answers it."""

    method: str
    path: str
    function: str


def definition() -> Mapping[str, Any]:
    """Return the OpenAPI definition of the API."""
    body: Mapping[str, Any] = load()["Resources"]["Api"]["Properties"]["DefinitionBody"]
    return body


def routes() -> list[Route]:
    """Return every route that a function answers; raises ValueError for a broken one."""
    found = []
    for path, methods in definition()["paths"].items():
        for method, operation in methods.items():
            integration = operation[_INTEGRATION]
            if integration["type"] != "aws_proxy":
                continue
            match = _FUNCTION_OF_URI.search(integration["uri"]["Fn::Sub"])
            if match is None or match[1] not in load()["Resources"]:
                message = f"{method} {path} names no function"
                raise ValueError(message)
            found.append(Route(method.upper(), path, match[1]))
    return found


def static_route() -> tuple[str, Mapping[str, Any]]:
    """Return the path and integration of the one route that S3 answers."""
    for path, methods in definition()["paths"].items():
        for operation in methods.values():
            if operation[_INTEGRATION]["type"] == "aws":
                return path, operation[_INTEGRATION]
    message = "the template has no S3 integration"
    raise ValueError(message)


def gateway_responses() -> Mapping[str, Any]:
    """Return the answers that API Gateway gives by itself."""
    found: Mapping[str, Any] = definition()["x-amazon-apigateway-gateway-responses"]
    return found


def functions() -> dict[str, Mapping[str, Any]]:
    """Return the properties of every function, by logical id, with the globals merged in."""
    shared = load()["Globals"]["Function"]
    found: dict[str, Mapping[str, Any]] = {}
    for logical_id, resource in resources("AWS::Serverless::Function"):
        own = resource["Properties"]
        variables = {
            **shared["Environment"]["Variables"],
            **own.get("Environment", {}).get("Variables", {}),
        }
        found[logical_id] = {**shared, **own, "Environment": {"Variables": variables}}
    return found


def statements(function: str) -> list[Mapping[str, Any]]:
    """Return the statements that the template gives one function, intrinsics unresolved."""
    found = []
    for policy in functions()[function].get("Policies", []):
        found.extend(policy["Statement"])
    return found


def resolve(value: Any, references: Mapping[str, Any], attributes: Mapping[str, str]) -> Any:
    """Return a value with Ref, GetAtt and Sub filled in.

    `references` maps a logical id, parameter or pseudo-parameter to its Ref; `attributes` maps
    "LogicalId.Attribute". Raises KeyError for what neither knows.
    """
    if isinstance(value, list):
        return [resolve(entry, references, attributes) for entry in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return references[value["Ref"]]
    if "Fn::GetAtt" in value:
        return attributes[".".join(value["Fn::GetAtt"])]
    if "Fn::Sub" in value:
        return re.sub(
            r"\$\{([\w.:]+)\}",
            lambda match: str(
                attributes[match[1]] if match[1] in attributes else references[match[1]]
            ),
            value["Fn::Sub"],
        )
    return {name: resolve(entry, references, attributes) for name, entry in value.items()}
