"""Swagger UI at /docs; its assets come from this package, so that it works offline."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS = "/docs/assets"

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def read_docs(request: Request) -> HTMLResponse:
    """Return the page."""
    root = request.scope.get("root_path", "").rstrip("/")
    return get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title="leadworth",
        swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}{ASSETS}/favicon-32x32.png",
        # null: the page must not use the validator at swagger.io
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": False},
    )


def assets() -> StaticFiles:
    """Return the application that serves script and style of the page."""
    return StaticFiles(directory=str(files("serving").joinpath("static/docs")))
