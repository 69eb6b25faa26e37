"""Where the server starts: `streamlit run app.py`, or any ASGI server on `app:app`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from sunes import api
from sunes.ui import asgi
from sunes.ui.assets import PackedAssets
from sunes.ui.errors import show_error

app = st.App(
    Path(__file__).with_name("pages") / "shell.py",
    lifespan=asgi.lifespan,
    routes=[*asgi.ROUTES, *api.ROUTES],
    middleware=[Middleware(asgi.FrenchIndex), Middleware(PackedAssets)],
    on_script_error=show_error,
)
