"""The commands that serve the pages by several processes: `serve`, and for a server `deploy …`."""

import asyncio
import os
import resource
import shutil
import socket
import sys
from errno import EADDRINUSE
from functools import partial
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from sunes.cli.options import DataOption
from sunes.cli.output import say
from sunes.cli.speech import Command, Commands, complain
from sunes.errors import UsageError
from sunes.serving.compressed import compress
from sunes.serving.processes import serve as keep_serving
from sunes.serving.site import Site, Worker, assets, site_file, whole_file, workers
from sunes.ui.server.memory import limit

deploy = typer.Typer(cls=Commands, help="Installer sur un serveur : site nginx, processus (docs/operations.md).")
command = partial(deploy.command, cls=Command)

# Where Debian puts it is not where everybody's shell looks.
WHERE_NGINX_IS = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
_CONNECTIONS = 8192  # of nginx; a page that is open takes two
_FILES = 65_536  # descriptors of each process, where the system lets it

WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="NOMBRE",
        min=1,
        max=64,
        help="Nombre de processus. À défaut : un par cœur.",
        show_default=False,
    ),
]


def serve(
    ctx: typer.Context,
    number: WorkersOption = None,
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=1, max=65_535, help="Port du site.")] = 8501,
    address: Annotated[
        str, typer.Option("--address", metavar="ADRESSE", help="Adresse où écouter ; 0.0.0.0 pour toutes.")
    ] = "localhost",
    data: DataOption = None,
) -> None:
    """Servir les pages par plusieurs processus derrière nginx, jusqu’à Ctrl-C. Un processus qui meurt est relancé."""
    nginx = _nginx()
    listen = _listen(address, port)
    _prepare_assets()
    with TemporaryDirectory(prefix="sunes-") as made:
        run = Path(made)
        site = Site(workers(number or _cores(), run), listen)
        _settle(run, len(site.workers), data or ctx.obj, address)
        configuration = run / "nginx.conf"
        configuration.write_text(whole_file(site, run, _CONNECTIONS), "utf-8")
        say(f"sunes démarre : {len(site.workers)} processus derrière nginx…")
        front = (nginx, "-p", run, "-e", "stderr", "-c", configuration)
        opened = f"sunes est servi sur http://{address}:{port} (Ctrl-C pour arrêter)."
        asyncio.run(keep_serving(site.workers, _start, front, opened, _tell))


@command("site")
def write_site(
    name: Annotated[
        str, typer.Option("--name", metavar="NOM", help="Nom du site : sunes.exemple.fr.", show_default=False)
    ],
    certificate: Annotated[
        Path, typer.Option("--certificate", metavar="FICHIER", help="Certificat TLS et sa chaîne.", show_default=False)
    ],
    key: Annotated[Path, typer.Option("--key", metavar="FICHIER", help="Clé du certificat.", show_default=False)],
    number: WorkersOption = None,
    sockets: Annotated[
        Path, typer.Option("--sockets", metavar="DOSSIER", help="Dossier où écoutent les processus.")
    ] = Path("/run/sunes"),
) -> None:
    """Écrire le site nginx (HTTPS) sur la sortie standard."""
    listen = ("443 ssl http2", "[::]:443 ssl http2")
    sys.stdout.write(site_file(Site(workers(number or _cores(), sockets), listen, name, certificate, key)))


@command("assets")
def prepare_assets() -> None:
    """Comprimer d’avance les fichiers que nginx envoie tels quels."""
    _prepare_assets()


@command("worker")
def run_worker(
    path: Annotated[Path, typer.Argument(metavar="SOCKET", help="Où écouter : /run/sunes/1.sock.")],
) -> None:
    """Servir les pages par un processus, sur une socket Unix."""
    from sunes.serving.worker import run

    run(path)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _settle(run: Path, count: int, data: str | None, address: str) -> None:
    """Say to all the processes that this one starts what is the same for each of them."""
    # What a process that was killed leaves behind goes with the rest.
    os.environ["TMPDIR"] = str(run)
    if data:
        os.environ["SUNES_DATA"] = data
    # A process behind nginx can't know who reaches it.
    os.environ["SUNES_LISTENS"] = address
    # What signs cookies; a process that is started again has to know it too.
    os.environ.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", token_hex(32))
    # Together they share what one of them alone might take.
    os.environ.setdefault("SUNES_MEMORY", str((limit() >> 20) // count))
    # Each worker opens as many files as it has visitors, and nginx twice as many.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES if most < 0 else min(most, _FILES), most))


def _start(worker: Worker) -> tuple[str, ...]:
    return (sys.executable, "-m", "sunes", "deploy", "worker", str(worker.socket))


def _tell(sentence: str) -> None:
    say(sentence)
    sys.stdout.flush()  # whoever reads a log wants to know now


def _nginx() -> str:
    found = shutil.which("nginx", path=WHERE_NGINX_IS)
    if found is None:
        raise UsageError(
            "nginx n’est pas installé ; installez-le (« apt-get install nginx-light ») ou servez sans lui par "
            "« make run »."
        )
    return found


def _listen(address: str, port: int) -> tuple[str, ...]:
    """What nginx is to listen on, as it writes it: each address that this machine has by that name.

    Raises UsageError when there is none, or when the port is taken.
    """
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise UsageError(f"--address : « {address} » n’est pas une adresse ; écrivez localhost ou 0.0.0.0.") from None
    listen = []
    for family, _, _, _, where in found:
        host = f"[{where[0]}]" if family == socket.AF_INET6 else str(where[0])
        try:
            socket.create_server(where[:2], family=family).close()
        except PermissionError:
            raise UsageError(
                f"--port : vous n’avez pas le droit d’écouter sur {port} ; prenez-en un après 1023."
            ) from None
        except OSError as error:
            if error.errno == EADDRINUSE:
                raise UsageError(f"le port {port} n’est pas libre ; choisissez-en un autre.") from None
            continue
        listen.append(f"{host}:{port}")
    if not listen:
        raise UsageError(f"--address : « {address} » n’est pas une adresse de cette machine.")
    return tuple(dict.fromkeys(listen))


def _prepare_assets() -> None:
    try:
        compress(assets() / "static")
    except OSError:
        complain(
            f"« {assets()} » n’est pas accessible en écriture : nginx comprimera ces fichiers à chaque envoi.",
            label="À savoir",
        )
