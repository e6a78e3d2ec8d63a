"""`/v2/orders`: create, read, list, replace, cancel, cancel all."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trading.venue import parsing, query, rendering, values, words
from trading.venue.faults.window import Window
from trading.venue.results import ItemResult

DEFAULT_PAGE, LARGEST_PAGE = 50, 500


class Orders:
    """The order rooms of one venue."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def routes(self) -> list[Route]:
        """Return this room's routes; the lookup by client id comes before the one by id."""
        return [
            Route("/v2/orders", self.create, methods=["POST"]),
            Route("/v2/orders", self.list, methods=["GET"]),
            Route("/v2/orders", self.cancel_all, methods=["DELETE"]),
            Route("/v2/orders:by_client_order_id", self.by_client_order_id, methods=["GET"]),
            Route("/v2/orders/{order_id}", self.read, methods=["GET"]),
            Route("/v2/orders/{order_id}", self.replace, methods=["PATCH"]),
            Route("/v2/orders/{order_id}", self.cancel, methods=["DELETE"]),
        ]

    async def create(self, request: Request) -> Response:
        """Take an order; the answer is the order as accepted, legs included."""
        wanted = parsing.order_request(parsing.body(await request.body()))
        taken = self._window.submit(request.state.account, wanted)
        return JSONResponse(rendering.order(taken, nested=True))

    async def list(self, request: Request) -> Response:
        """List orders by submission time; `status` is open unless said otherwise."""
        params = request.query_params
        nested = query.flag(params, "nested")
        limit = query.whole(params, "limit", DEFAULT_PAGE, LARGEST_PAGE)
        asset_classes = query.listed(params, "asset_class")
        direction = query.choice(params, "direction", "desc", "asc", "desc")
        if asset_classes and not {"us_equity", "all"} & set(asset_classes):
            return JSONResponse([])
        _check_anchors(params)
        found = self._window.orders(
            request.state.account,
            status=query.choice(params, "status", "open", "open", "closed", "all"),
            limit=limit,
            after=query.instant(params, "after"),
            until=query.instant(params, "until"),
            direction=direction,
            symbols=query.listed(params, "symbols"),
            side=query.word(params, "side", words.Side),
            nested=nested,
            before_order_id=params.get("before_order_id"),
            after_order_id=params.get("after_order_id"),
        )
        return JSONResponse([rendering.order(each, nested=nested) for each in found])

    async def read(self, request: Request) -> Response:
        """Answer one order."""
        found = self._window.order(request.state.account, _order_id(request))
        return JSONResponse(rendering.order(found, nested=query.flag(request.query_params, "nested")))

    async def by_client_order_id(self, request: Request) -> Response:
        """Answer one order by the client's own id; after a replace that is the original."""
        client_order_id = request.query_params.get("client_order_id")
        if not client_order_id:
            raise values.Refusal(422, parsing.INVALID, "client_order_id is required")
        found = self._window.order_by_client_id(request.state.account, client_order_id)
        return JSONResponse(rendering.order(found, nested=query.flag(request.query_params, "nested")))

    async def replace(self, request: Request) -> Response:
        """Swap an order for a new one and answer the new one."""
        changes = parsing.order_changes(parsing.body(await request.body()))
        taken = self._window.replace(request.state.account, _order_id(request), changes)
        return JSONResponse(rendering.order(taken, nested=True))

    async def cancel(self, request: Request) -> Response:
        """Ask for a cancel; 204 means the request is taken, the stream tells the rest."""
        self._window.cancel(request.state.account, _order_id(request))
        return Response(status_code=204)

    async def cancel_all(self, request: Request) -> Response:
        """Ask for a cancel of every open order; each line carries its own status."""
        results = self._window.cancel_all(request.state.account)
        return JSONResponse([item("id", each) for each in results], 207)


def item(key: str, result: ItemResult) -> rendering.Json:
    """Render one line of a 207 answer under the name Alpaca gives its key (`id` or `symbol`)."""
    line: rendering.Json = {key: result.key, "status": result.status}
    if result.order is not None:
        line["body"] = rendering.order(result.order, nested=False)
    elif result.body is not None:
        line["body"] = dict(result.body)
    return line


def _check_anchors(params: query.Params) -> None:
    given = [name for name in ("before_order_id", "after_order_id") if name in params]
    if len(given) > 1 or (given and ("after" in params or "until" in params)):
        raise values.Refusal(
            422, parsing.INVALID, "before_order_id, after_order_id and after/until cannot be used together"
        )


def _order_id(request: Request) -> str:
    text: str = request.path_params["order_id"]
    try:
        return str(UUID(text))
    except ValueError:
        raise values.Refusal(422, parsing.INVALID, "order_id must be a UUID") from None
