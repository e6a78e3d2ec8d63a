"""`/v2/positions`: what an account holds, and closing it."""

from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trading.venue import api_orders, parsing, query, rendering, rendering_account, values
from trading.venue.exchange import Exchange
from trading.venue.faults.window import Window


class Positions:
    """The position rooms of one venue."""

    def __init__(self, exchange: Exchange, window: Window) -> None:
        self._exchange = exchange
        self._window = window

    def routes(self) -> list[Route]:
        """Return this room's routes."""
        return [
            Route("/v2/positions", self.list, methods=["GET"]),
            Route("/v2/positions", self.close_all, methods=["DELETE"]),
            Route("/v2/positions/{symbol_or_asset_id}", self.read, methods=["GET"]),
            Route("/v2/positions/{symbol_or_asset_id}", self.close, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        """List every holding."""
        return JSONResponse(
            [rendering_account.position(each) for each in self._exchange.positions(request.state.account)]
        )

    async def read(self, request: Request) -> Response:
        """Answer one holding."""
        found = self._exchange.position(request.state.account, request.path_params["symbol_or_asset_id"])
        return JSONResponse(rendering_account.position(found))

    async def close(self, request: Request) -> Response:
        """Sell out of (or cover) a holding, whole or in part, and answer the order that does it."""
        qty, percentage = _number(request, "qty"), _number(request, "percentage")
        if qty is not None and percentage is not None:
            raise values.Refusal(422, parsing.INVALID, "qty and percentage cannot be used together")
        symbol = request.path_params["symbol_or_asset_id"]
        taken = self._window.close_position(request.state.account, symbol, qty=qty, percentage=percentage)
        return JSONResponse(rendering.order(taken, nested=True))

    async def close_all(self, request: Request) -> Response:
        """Close every holding; each line carries its own status."""
        results = self._window.close_all(
            request.state.account, cancel_orders=query.flag(request.query_params, "cancel_orders")
        )
        return JSONResponse([api_orders.item("symbol", each) for each in results], 207)


def _number(request: Request, name: str) -> Decimal | None:
    text = request.query_params.get(name)
    return None if text is None else parsing.number(text, name)
