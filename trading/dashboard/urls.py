"""The addresses of the desk, relative to the root of the site."""

from django.urls import path

from trading.dashboard.views import (
    asking,
    audit,
    blotter,
    desk,
    halt,
    preflight,
    reconciliation,
    reports,
    risk,
    signoff,
)

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("desk/equity", desk.equity_points, name="equity-points"),
    path("desk/candles", desk.candle_points, name="candle-points"),
    path("desk/account", desk.choose_account, name="choose-account"),
    path("blotter/", blotter.blotter, name="blotter"),
    path("blotter/<uuid:intent_id>/", blotter.intent, name="intent"),
    path("positions/", blotter.positions, name="positions"),
    path("risk/", risk.limits, name="risk"),
    path("requests/", signoff.requests, name="requests"),
    path("requests/<uuid:request_id>/", signoff.request_page, name="request"),
    path("requests/<uuid:request_id>/challenge", signoff.challenge, name="challenge"),
    path("requests/<uuid:request_id>/vote", signoff.vote, name="vote"),
    path("requests/<uuid:request_id>/withdraw", signoff.withdraw, name="withdraw"),
    path("requests/<uuid:request_id>/revoke", signoff.revoke, name="revoke"),
    path("requests/<uuid:request_id>/carry-out", signoff.carry_out, name="carry-out"),
    path("requests/go-live", asking.ask_go_live, name="ask-go-live"),
    path("risk/limit", asking.change_limit, name="change-limit"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("preflight/", preflight.preflights, name="preflight"),
    path("preflight/run", preflight.run, name="run-preflight"),
    path("preflight/<int:run_id>/", preflight.preflight_run, name="preflight-run"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<slug:day>/", reports.report, name="daily-report"),
    path("audit/", audit.events, name="audit"),
    path("halt/", halt.halt, name="halt"),
    path("halt/<int:halt_id>/", halt.receipt, name="halt-receipt"),
    path("halt/<int:halt_id>/release", asking.ask_release, name="ask-release"),
]
