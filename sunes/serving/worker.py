"""One process of the application, listening on a Unix socket: what nginx hands on to."""

import signal
import sys
from pathlib import Path

import uvicorn

from sunes.serving.site import ROOT, server_setting
from sunes.ui.server import logs

_GRACE = 5  # seconds for what is being sent when the process is asked to stop


def run(socket: Path) -> None:
    """Serve until a signal says stop. Whoever may write to the folder of the socket is trusted to be nginx."""
    # When all is sent uvicorn dies of the signal that it was given, which would leave temporary files behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    ping = float(server_setting("websocketPingInterval"))
    # On a terminal, somebody reads it; otherwise it is collected.
    with logs.written(logs.wants_lines(not sys.stderr.isatty())):
        uvicorn.run(
            "app:app",
            app_dir=str(ROOT),
            uds=str(socket),
            ws="websockets-sansio",
            ws_ping_interval=ping,
            ws_ping_timeout=ping,
            ws_per_message_deflate=False,  # as Streamlit does: packing each message costs more than the network
            forwarded_allow_ips="*",
            timeout_graceful_shutdown=_GRACE,
            server_header=False,
            log_config=None,
            access_log=False,
        )
