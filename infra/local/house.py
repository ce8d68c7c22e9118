"""The running house: cloud, functions, gateway, queues and stand-ins in one process.

`House.call` answers a request without a socket; `infra.local.server` puts it on a port.
"""

import contextlib
import importlib
import json
import os
import time
import traceback
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from infra.local import cloud as local_cloud
from infra.local import mailbox, template, uploads
from infra.local import roles as local_roles
from infra.local.gateway import Gateway, HttpRequest, HttpResponse
from infra.local.roles import Access
from schoolpoort import aws, clock

_LOCAL_PARAMETERS = {
    "Stage": "local",
    "MailFrom": "deur@schoolpoort.example",
    "MailDomain": "schoolpoort.example",
    "InvitationHours": "always",
    "RecaptchaSiteKey": "local-site-key",
    "RecaptchaSecretKey": "local-secret-key",
    "NightSpreadSeconds": "0",
    "LasClientName": "schoolpoort",
    "LasClientCode": "local-client-code",
    "FirstHelpdeskEmails": "hanna.hulp@schoolpoort.example,daan.desk@schoolpoort.example",
}
LAS_SUPPLIERS = ("parnassys", "esis", "unilogic", "eduscope")


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What a handler may ask of its surroundings, as the Lambda runtime names it."""

    function_name: str
    aws_request_id: str
    ends_at: float
    memory_limit_in_mb: int = 512
    function_version: str = "$LATEST"

    @property
    def invoked_function_arn(self) -> str:
        """Return the ARN that was called."""
        home = f"{local_cloud.REGION}:{local_cloud.ACCOUNT}"
        return f"arn:aws:lambda:{home}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds before Lambda would stop this call."""
        return max(0, int((self.ends_at - time.monotonic()) * 1000))


@dataclass(slots=True)
class House:
    """Everything that template.yaml describes, alive in this process."""

    port: int
    cloud: local_cloud.Cloud
    roles: local_roles.Roles
    gateway: Gateway = field(init=False)
    clock_offset_s: int = 0
    failures: list[str] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    _handlers: dict[str, Any] = field(default_factory=dict)
    # Lambda polls from outside: a thread of its own, whatever event loop the caller lives in.
    _poller: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="poller")
    )

    @property
    def base_url(self) -> str:
        """Return the address of the house for browsers."""
        return f"http://localhost:{self.port}"

    @property
    def stand_in_url(self) -> str:
        """Return the address of the outside world: another site than the house."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def configuration_set(self) -> str:
        """Return the name of the set that mails are sent with."""
        return str(self.cloud.references["MailConfigurationSet"])

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function's handler as its role; a crash is kept and becomes None."""
        properties = template.functions()[function]
        context = LambdaContext(
            function, str(uuid.uuid4()), time.monotonic() + properties["Timeout"]
        )
        acting = local_roles.acting_function.set(function)
        try:
            return self._handler(function)(event, context)
        except Exception:  # noqa: BLE001 - the Lambda runtime's own boundary, imitated
            self.failures.append(f"{function}: {traceback.format_exc()}")
            return None
        finally:
            local_roles.acting_function.reset(acting)

    def _handler(self, function: str) -> Any:
        if function not in self._handlers:
            module, _, name = template.functions()[function]["Handler"].rpartition(".")
            self._handlers[function] = getattr(importlib.import_module(module), name)
        return self._handlers[function]

    def call(self, request: HttpRequest) -> HttpResponse:
        """Answer a request to the house, without a socket."""
        return self.gateway.answer(request)

    def post_file(self, url: str, request: HttpRequest) -> HttpResponse:
        """Post a file to the local door of S3; `url` is where its form points."""
        return uploads.accept(self, replace(request, target=url.removeprefix(self.stand_in_url)))

    def deploy(self, helpdesk: list[str]) -> None:
        """Do what CloudFormation's custom resource does at each deployment."""
        deployment = importlib.import_module("deployment.app")
        acting = local_roles.acting_function.set("DeploymentFunction")
        try:
            deployment.deploy(helpdesk)
        finally:
            local_roles.acting_function.reset(acting)

    def report_mail(self, event: dict[str, Any]) -> None:
        """Hand an event of SES to the function that the template's rule names."""
        [(_, rule)] = template.resources("AWS::Events::Rule")
        for target in rule["Properties"]["Targets"]:
            self.invoke(target["Arn"]["Fn::GetAtt"][0], event)

    def mail_request(self, message_id: str) -> str | None:
        """Return the request that a mail was sent for, or None for an unknown mail."""
        table = self.cloud.references["MailTable"]
        return mailbox.request_of(local_cloud.client("dynamodb"), table, message_id)

    def mails(self) -> list[dict[str, Any]]:
        """Return all mails, newest first: to, from, subject, text, html, sent_at, message_id."""
        return mailbox.sent()

    def read_static(self, path: str) -> HttpResponse:
        """Answer from the static bucket, as the template's S3 integration does."""
        s3 = local_cloud.client("s3")
        try:
            found = s3.get_object(
                Bucket=self.cloud.references["StaticBucket"], Key=path.lstrip("/")
            )
        except s3.exceptions.NoSuchKey:
            return HttpResponse(404)
        headers = (
            ("Content-Type", found["ContentType"]),
            ("Cache-Control", found["CacheControl"]),
            ("X-Content-Type-Options", "nosniff"),
        )
        return HttpResponse(200, headers, found["Body"].read())

    def pump(self) -> int:
        """Hand every waiting message to its function, once; return how many were handed over."""
        return self._poller.submit(self._poll_all).result()

    def _poll_all(self) -> int:
        return sum(
            self._poll(mapping["Properties"])
            for _, mapping in template.resources("AWS::Lambda::EventSourceMapping")
        )

    def pump_until_idle(self, limit_s: float = 20) -> None:
        """Work off the queues, with what the work itself adds to them."""
        end = time.monotonic() + limit_s
        while self.pump() and time.monotonic() < end:
            pass

    def _poll(self, mapping: Mapping[str, Any]) -> int:
        sqs = local_cloud.client("sqs")
        queue = mapping["EventSourceArn"]["Fn::GetAtt"][0]
        url = self.cloud.references[queue]
        received = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(10, mapping["BatchSize"]),
            MessageSystemAttributeNames=["All"],
        )
        messages = received.get("Messages", [])
        if not messages:
            return 0
        event = {"Records": [self._record(queue, message) for message in messages]}
        answer = self.invoke(mapping["FunctionName"]["Ref"], event)
        failed = {message["MessageId"] for message in messages} if answer is None else set()
        for failure in (answer or {}).get("batchItemFailures", []):
            failed.add(failure["itemIdentifier"])
        for message in messages:
            handle = message["ReceiptHandle"]
            # Work that outlived its message's visibility, or a queue emptied meanwhile.
            with contextlib.suppress(sqs.exceptions.ReceiptHandleIsInvalid):
                if message["MessageId"] in failed:
                    sqs.change_message_visibility(
                        QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=1
                    )
                else:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
        return len(messages)

    def _record(self, queue: str, message: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": self.cloud.attributes[f"{queue}.Arn"],
            "awsRegion": local_cloud.REGION,
        }

    def run_schedules(self) -> None:
        """Do what the template schedules, as the night would: call a function or send a message."""
        for _, schedule in template.resources("AWS::Scheduler::Schedule"):
            target = schedule["Properties"]["Target"]
            logical_id = target["Arn"]["Fn::GetAtt"][0]
            if logical_id in template.functions():
                self.invoke(logical_id, json.loads(target["Input"]))
            else:
                url = self.cloud.references[logical_id]
                local_cloud.client("sqs").send_message(QueueUrl=url, MessageBody=target["Input"])

    def move_clock(self, offset_s: int) -> None:
        """Let all code of the product read another time."""
        self.clock_offset_s = offset_s
        clock.replace_source(lambda: time.time() + offset_s)

    def save_roles(self) -> None:
        """Keep which permissions were used, where the suite asks for it."""
        target = os.environ.get("SCHOOLPOORT_ROLES_USED")
        if target:
            self.roles.save(Path(target))

    def stop(self) -> None:
        """End the house and forget all its data."""
        self.save_roles()
        self.move_clock(0)
        self._poller.shutdown()
        aws.forget_clients()
        self.cloud.stop()


def open_house(port: int) -> House:
    """Start the cloud, set the functions' environment and open the gateway; no data yet."""
    las = {name: f"http://127.0.0.1:{port}/_las/{name}" for name in LAS_SUPPLIERS}
    cloud = local_cloud.start(
        {
            **_LOCAL_PARAMETERS,
            "PublicBaseUrl": f"http://localhost:{port}",
            "RecaptchaUrl": f"http://127.0.0.1:{port}/_google/recaptcha",
            "LasEndpoints": json.dumps(las),
        }
    )
    for function in template.functions():
        os.environ.update(cloud.environment(function))
    aws.forget_clients()
    house = House(port, cloud, local_roles.Roles(cloud))
    house.roles.install(aws.session())
    house.gateway = Gateway(house.invoke, house.read_static)
    _direct_uploads(house)
    return house


def _direct_uploads(house: House) -> None:
    """Let presigned forms and addresses point at the local S3 door instead of at Amazon's."""
    s3 = aws.client("s3")
    presign, presign_address = s3.generate_presigned_post, s3.generate_presigned_url

    def local(bucket: str, key: str, **named: Any) -> Any:
        # A form carries the rights of who signed it; presigning itself asks botocore, not AWS.
        function = local_roles.acting_function.get()
        arn = f"arn:{local_cloud.PARTITION}:s3:::{bucket}/{key}"
        if function and not house.roles.use(function, Access("s3:PutObject", arn, {})):
            raise local_roles.denied(function, "PutObject", arn)
        unbound = local_roles.acting_function.set(None)
        try:
            made = presign(bucket, key, **named)
        finally:
            local_roles.acting_function.reset(unbound)
        return {**made, "url": f"{house.stand_in_url}/_s3/{bucket}"}

    def local_address(method: str, *, Params: dict[str, Any], ExpiresIn: int) -> str:  # noqa: N803
        function = local_roles.acting_function.get()
        for access in local_roles.accesses("s3", "GetObject", Params):
            if function and not house.roles.use(function, access):
                raise local_roles.denied(function, "GetObject", access.resource)
        unbound = local_roles.acting_function.set(None)
        try:
            made = presign_address(method, Params=Params, ExpiresIn=ExpiresIn)
        finally:
            local_roles.acting_function.reset(unbound)
        query = f"{urlsplit(made).query}&moment={clock.now_epoch_s()}"
        return f"{house.stand_in_url}/_s3/{Params['Bucket']}/{quote(Params['Key'])}?{query}"

    s3.generate_presigned_post = local
    s3.generate_presigned_url = local_address
