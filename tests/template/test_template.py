"""The template and the code say the same: routes, environments, handlers, sizes."""

import importlib
from collections import Counter

import pytest

from infra.local import template
from infra.local.house import House


def _handlers() -> dict[str, str]:
    return {name: properties["Handler"] for name, properties in template.functions().items()}


@pytest.mark.parametrize("function", template.functions())
def test_every_handler_exists(function: str) -> None:
    """The handler that the template names can be imported and called."""
    module, _, name = _handlers()[function].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_every_route_has_a_view_and_every_view_a_route() -> None:
    """A function's ROUTES are exactly the routes that the template sends to it."""
    declared: dict[str, set[tuple[str, str]]] = {}
    for route in template.routes():
        declared.setdefault(route.function, set()).add((route.method, route.path))
    for function, routes in declared.items():
        module = importlib.import_module(_handlers()[function].rpartition(".")[0])
        assert set(module.ROUTES) == routes, function


def test_a_route_stands_once() -> None:
    """No method of a path has two functions."""
    counted = Counter((route.method, route.path) for route in template.routes())
    assert [route for route, count in counted.items() if count > 1] == []


def test_every_function_with_routes_may_be_called_by_the_api() -> None:
    """API Gateway has one permission for each function that answers a route."""
    permitted = {
        resource["Properties"]["FunctionName"]["Ref"]
        for _, resource in template.resources("AWS::Lambda::Permission")
        if resource["Properties"]["Principal"] == "apigateway.amazonaws.com"
    }
    assert permitted == {route.function for route in template.routes()}


def test_no_variable_means_two_things(aws: House) -> None:
    """Functions share one process here, so a variable has one value in all of them."""
    values: dict[str, set[str]] = {}
    for function in template.functions():
        for name, value in aws.cloud.environment(function).items():
            values.setdefault(name, set()).add(value)
    assert {name: found for name, found in values.items() if len(found) > 1} == {}


def test_every_stateful_resource_exists(aws: House) -> None:
    """Each table, queue, bucket, key, secret and mail identity of the template was made."""
    kinds = {*template.STATEFUL_TYPES, "AWS::SecretsManager::Secret", "AWS::SES::EmailIdentity"}
    wanted = {name for name, _ in template.resources(*kinds)}
    assert wanted <= set(aws.cloud.references)


def test_stateful_resources_outlive_a_mistake() -> None:
    """Deleting the stack, or replacing a resource in it, keeps tables, buckets and keys."""
    kinds = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"}
    for name, resource in template.resources(*kinds):
        assert resource["DeletionPolicy"] == "Retain", name
        assert resource["UpdateReplacePolicy"] == "Retain", name


def test_the_template_stays_well_under_cloudformations_limit() -> None:
    """Far fewer than 500 resources, with those that SAM adds counted generously."""
    functions = len(template.functions())
    assert len(template.load()["Resources"]) + 2 * functions < 400


def test_a_queue_is_hidden_six_times_as_long_as_its_function_runs() -> None:
    """AWS advises six timeouts, so that a slow batch is not handed out twice."""
    queues = dict(template.resources("AWS::SQS::Queue"))
    for name, mapping in template.resources("AWS::Lambda::EventSourceMapping"):
        properties = mapping["Properties"]
        queue = queues[properties["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        function = template.functions()[properties["FunctionName"]["Ref"]]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"], name
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_the_night_runs_on_dutch_time() -> None:
    """Every schedule names Europe/Amsterdam."""
    for name, schedule in template.resources("AWS::Scheduler::Schedule"):
        assert schedule["Properties"]["ScheduleExpressionTimezone"] == "Europe/Amsterdam", name


def test_the_access_log_names_no_path_and_no_address() -> None:
    """Paths hold tokens and addresses belong to people; the log has the route instead."""
    written = template.load()["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"]
    assert "$context.resourcePath" in written
    for forbidden in ("$context.path", "sourceIp", "userAgent"):
        assert forbidden not in written


def test_each_schedule_leaves_what_fails_with_its_own_context() -> None:
    """Who looks at the dead letters of rosters must not find those of agreements there."""
    resources = template.load()["Resources"]
    clock = [
        one["Properties"]["Target"]
        for one in resources.values()
        if one["Type"] == "AWS::Scheduler::Schedule"
        and one["Properties"]["Target"]["Arn"] == {"Fn::GetAtt": ["DpaClockFunction", "Arn"]}
    ]
    letters = [one["DeadLetterConfig"]["Arn"] for one in clock]
    assert letters == [{"Fn::GetAtt": ["AgreementsDeadLetters", "Arn"]}] * 2
    alarm = resources["AgreementsDeadLettersAlarm"]["Properties"]
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
