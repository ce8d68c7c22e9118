"""Files enter straight into S3 by a presigned form, never through a function.

The form fixes the key, the size and the purpose; a function reads the file when S3 reports it.
Keys are "<kind>/<school id or ->/<random id>": no names of people or files.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from schoolpoort import aws, ids, settings

_FORM_LIFE_S = 900
NO_SCHOOL = "-"


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Where a browser posts a file (multipart, field `file` last) and which fields go with it."""

    url: str
    fields: dict[str, str]
    upload_id: str

    @property
    def origin(self) -> str:
        """Return the origin for the page's form-action policy."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def new_upload_id() -> str:
    """Return a random id for an upload whose owner wants to know it beforehand."""
    return ids.new_id()


def presigned_form(
    kind: str,
    school_id: str | None,
    *,
    max_bytes: int,
    redirect_to: str,
    upload_id: str | None = None,
) -> UploadForm:
    """Return a form that accepts one file of at most `max_bytes` for 15 minutes.

    `redirect_to` is a path of ours; S3 sends the browser there after the upload. Whoever names
    the `upload_id` itself lets no person choose it.
    """
    upload_id = upload_id or new_upload_id()
    landing = settings.require_url("PUBLIC_BASE_URL") + redirect_to
    made = aws.client("s3").generate_presigned_post(
        settings.require("UPLOADS_BUCKET"),
        f"{kind}/{school_id or NO_SCHOOL}/{upload_id}",
        Fields={"success_action_redirect": landing},
        Conditions=[
            {"success_action_redirect": landing},
            ["content-length-range", 1, max_bytes],
        ],
        ExpiresIn=_FORM_LIFE_S,
    )
    return UploadForm(made["url"], made["fields"], upload_id)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that S3 reports."""

    kind: str
    school_id: str | None
    upload_id: str
    bucket: str
    key: str


def parse_key(bucket: str, key: str) -> Upload:
    """Read a key of ours back; raises ValueError for any other key."""
    kind, school_id, upload_id = key.split("/")
    return Upload(kind, None if school_id == NO_SCHOOL else school_id, upload_id, bucket, key)


def read(upload: Upload, *, max_bytes: int) -> bytes:
    """Return the content of a file, at most `max_bytes` of it plus one."""
    answer = aws.client("s3").get_object(Bucket=upload.bucket, Key=upload.key)
    content: bytes = answer["Body"].read(max_bytes + 1)
    return content


def remove(upload: Upload) -> None:
    """Remove a file that has been read; raw feeds are never kept."""
    aws.client("s3").delete_object(Bucket=upload.bucket, Key=upload.key)
