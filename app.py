"""Where the server starts: `streamlit run app.py`, or any ASGI server on `app:app`."""

from pathlib import Path

import streamlit as st
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from sunes import api
from sunes.ui.access import providers
from sunes.ui.access.entrance import Entrance
from sunes.ui.errors import show_error
from sunes.ui.server import asgi, refusals
from sunes.ui.server.assets import PackedAssets
from sunes.ui.server.gate import Gate, hosts
from sunes.ui.server.headers import SafeHeaders, ancestors
from sunes.ui.server.monitoring import Observed
from sunes.ui.server.uploads import BoundedUploads

ROUTES = [*asgi.ROUTES, *api.ROUTES]

app = st.App(
    Path(__file__).with_name("pages") / "shell.py",
    secrets=providers.secrets(),
    lifespan=asgi.lifespan,
    routes=ROUTES,
    middleware=[
        Middleware(SafeHeaders, framed_by=ancestors()),
        Middleware(Observed, routes=ROUTES),
        Middleware(Gate, names=hosts()),
        Middleware(BoundedUploads),
        Middleware(asgi.FrenchIndex),
        Middleware(PackedAssets),
        Middleware(Entrance),
    ],
    exception_handlers={HTTPException: refusals.refuse, Exception: refusals.fail},
    on_script_error=show_error,
)
