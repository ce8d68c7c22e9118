"""Sends a file by the form of a page, as a browser does."""

import re

from infra.local.gateway import HttpRequest
from infra.local.house import House

_FORM = re.compile(
    r'<form method="post" action="([^"]+)" enctype="multipart/form-data".*?</form>', re.DOTALL
)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_EDGE = "een-rand-die-nergens-anders-staat"


def post_file(house: House, shown: str, content: bytes) -> str:
    """Send a file by the form on a page; return where S3 sends the browser."""
    form = _FORM.search(shown)
    assert form
    parts = [
        f'--{_EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (
            (one[1], one[2].replace("&amp;", "&")) for one in _HIDDEN.finditer(form[0])
        )
    ]
    head = (
        f'--{_EDGE}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = "".join(parts).encode() + head.encode() + content + f"\r\n--{_EDGE}--\r\n".encode()
    headers = (("content-type", f"multipart/form-data; boundary={_EDGE}"),)
    answer = house.post_file(form[1], HttpRequest("POST", form[1], headers, body, "127.0.0.1"))
    assert answer.status == 303
    return dict(answer.headers)["Location"]
