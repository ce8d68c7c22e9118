"""Pages: Jinja templates, autoescaped and strict, in the person's language.

A template name says where it stands: "login/sign_in.html" is templates/login/sign_in.html in the
folder of the function `login`; a name without a folder is shared. Jinja is imported when the
first page is rendered, because a sign-in that redirects needs none.
"""

from __future__ import annotations

import functools
import gettext
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schoolpoort import clock, help_articles, ids, static_files
from schoolpoort.web.response import Response, content_security_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

    from schoolpoort.web.request import Request

_SHARED = Path(__file__).parent.parent


def page(  # noqa: PLR0913 - the options of a page are its policy, each named where it is used
    request: Request,
    template: str,
    *,
    status: int = 200,
    csp_form_action: Sequence[str] = (),
    csp_script: Sequence[str] = (),
    csp_frame: Sequence[str] = (),
    csp_connect: Sequence[str] = (),
    no_referrer: bool = False,
    **values: Any,
) -> Response:
    """Render a template as a whole answer; the csp_* sources are added to this page's policy."""
    nonce = ids.new_secret()
    values.setdefault("help_article", help_articles.of(template))
    body = render(template, request.language, request=request, nonce=nonce, status=status, **values)
    extra = {
        "form-action": csp_form_action,
        "script-src": csp_script,
        "frame-src": csp_frame,
        "connect-src": csp_connect,
    }
    policy = content_security_policy(nonce, {name: found for name, found in extra.items() if found})
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Language", request.language),
        ("Content-Security-Policy", policy),
    ]
    if no_referrer:
        headers.append(("Referrer-Policy", "no-referrer"))
    return Response(status, body, headers)


def render(template: str, language: str, **values: Any) -> str:
    """Return a template as text in one language; mails are rendered with this too."""
    folder = template.partition("/")[0] if "/" in template else ""
    return environment(folder, language).get_template(template).render(language=language, **values)


@functools.cache
def environment(package: str, language: str) -> jinja2.Environment:
    """Return the strict, autoescaping environment of a function's templates in a language."""
    import jinja2  # noqa: PLC0415 - see the module's docstring

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=jinja2.select_autoescape(
            default_for_string=True, default=True, disabled_extensions=("txt",)
        ),
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    translations = _translations(package, language)
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals["static"] = static_files.url
    made.globals["house_time_s"] = clock.now_epoch_s
    return made


def _source(name: str) -> tuple[str, str, None] | None:
    folder = name.partition("/")[0] if "/" in name else ""
    path = _folder_of(folder) / "templates" / name
    if not path.is_file():
        return None
    return path.read_text("utf-8"), str(path), None


def _folder_of(package: str) -> Path:
    if not package:
        return _SHARED
    found = importlib.import_module(package).__file__
    if found is None:
        raise ModuleNotFoundError(package)
    return Path(found).parent


def _translations(package: str, language: str) -> gettext.NullTranslations:
    shared = _catalogue(_SHARED, language)
    if not package:
        return shared
    own = _catalogue(_folder_of(package), language)
    own.add_fallback(shared)
    return own


def _catalogue(folder: Path, language: str) -> gettext.NullTranslations:
    # The messages are written in English, so English needs no catalogue; Dutch must have one.
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("messages", folder / "locales", [language])
