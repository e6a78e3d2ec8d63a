"""The content policy of the admin: the site's own, loosened by what django-unfold cannot do without.

Its Alpine evaluates expressions in attributes and sets inline styles; scripts still need this site or the nonce.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpResponseBase
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override

View = Callable[..., HttpResponseBase]


def loosened(policy: dict[str, Any]) -> dict[str, Any]:
    """`policy` with evaluation of expressions and inline styles allowed; unchanged where there is none."""
    if not policy:
        return policy
    # A nonce would switch the permission for inline styles off again.
    return policy | {
        "script-src": [*policy["script-src"], CSP.UNSAFE_EVAL],
        "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    }


def apply(site: AdminSite) -> None:
    """Answer every page of `site` with the loosened policy."""
    plain = site.admin_view
    override = csp_override(loosened(getattr(settings, "SECURE_CSP", {})))

    def admin_view(view: View, cacheable: bool = False) -> View:
        wrapped: View = override(plain(view, cacheable))
        return wrapped

    site.admin_view = admin_view  # type: ignore[assignment,method-assign]
