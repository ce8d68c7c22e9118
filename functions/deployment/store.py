"""What a deployment writes: static files to their bucket, invitations to the mail queue."""

from schoolpoort import addresses, aws, ids, mail_requests, settings, static_files

_FOREVER = "public, max-age=31536000, immutable"


def publish_static_files() -> None:
    """Put every static file under its content-hashed name; older names stay."""
    bucket = settings.require("STATIC_BUCKET")
    for url, content, content_type in static_files.all_files():
        aws.client("s3").put_object(
            Bucket=bucket,
            Key=url.lstrip("/"),
            Body=content,
            ContentType=content_type,
            CacheControl=_FOREVER,
        )


def invite_helpdesk(emails: list[str]) -> None:
    """Ask for one activation mail to each address; asking again sends nothing new.

    Raises InvalidAddress before anybody is asked for.
    """
    for address in dict.fromkeys([addresses.normalise(email) for email in emails]):
        mail_requests.enqueue(
            "invitation",
            request_id=f"first-helpdesk-{ids.sha256_hex(address)}",
            address=address,
            display_name=address.partition("@")[0].replace(".", " ").title(),
            language="",
            scope="helpdesk",
            scope_name="Helpdesk",
            roles=["helpdesk"],
            person_id=None,
        )
