"""The commands on who may do what and what was done: `access …` and `journal …`."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated

import typer

from sunes import french, geography
from sunes.access import journal as journals
from sunes.access.journal import Content, What
from sunes.access.people import ROLE_LABELS, Person, Role
from sunes.access.rights import Deed, may, own_regions
from sunes.access.rules import Detail, Grant, Key, Rules, rules
from sunes.cli.options import DataOption, FormatOption, open_store, operator, parse_day
from sunes.cli.output import Format, say, write, write_table
from sunes.cli.speech import Command, Commands, complain
from sunes.errors import UsageError
from sunes.export.csv import records_csv
from sunes.export.files import save

access = typer.Typer(cls=Commands, help="Vérifier qui a accès à quoi, et faire des clés pour des programmes.")
journal = typer.Typer(cls=Commands, help="Lire le journal : qui a importé, publié, retiré, exporté.")
command, journal_command = (partial(each.command, cls=Command) for each in (access, journal))

_ROLES = [role for role in Role if role is not Role.VISITOR]
_SEEN_BY = {
    Detail.PUBLIC: "tout le monde",
    Detail.SIGNED_IN: "les personnes connectées",
    Detail.OWN_REGION: "les personnes connectées, pour leurs régions (toutes, à partir d’éditeur national)",
}
_FIELDS = ("at", "who", "name", "role", "what", "about", "request")

SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="À partir de ce jour : 2024-06-30 ou 30/06/2024.")
]


@command("key")
def make_key(
    name: Annotated[str, typer.Argument(metavar="NOM", help="Ce que fait la clé : « tableau-de-bord ».")],
    role: Annotated[
        str, typer.Option("--role", metavar="RÔLE", help=f"{', '.join(_ROLES)}.", show_default=True)
    ] = Role.READER.value,
    region: Annotated[
        list[str] | None, typer.Option("--region", metavar="CODE", help="Code INSEE d’une région (répétable).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Dernier jour de validité ; à défaut, sans fin.")
    ] = None,
) -> None:
    """Faire une clé d’accès à l’API. Elle n’est montrée qu’une fois : seule son empreinte va dans le fichier."""
    if role not in _ROLES:
        raise UsageError(f"--role : « {role} » n’est pas un rôle ; choisissez {', '.join(_ROLES)}.")
    regions = sorted({geography.region(code).code for code in region or ()})
    if role == Role.REGIONAL_EDITOR and not regions:
        raise UsageError("--region : un éditeur régional a au moins une région ; indiquez son code INSEE.")
    made = f"sunes_{token_urlsafe(32)}"
    lines = [
        "[[keys]]",
        f"name = {_toml(name)}",
        f"role = {_toml(role)}",
        *([f"regions = {_toml(regions)}"] if regions else []),
        f'sha256 = "{sha256(made.encode()).hexdigest()}"',
    ]
    if until:
        last = datetime.combine(parse_day("--until", until), time(23, 59, 59), UTC)
        lines.append(f"until = {last.isoformat()}")
    print("\n".join(lines))
    # Out of the way of `>> acces.toml`: the key itself has no place in the file.
    say("La clé, à remettre à qui s’en sert (elle ne sera plus montrée) :", Format.JSON)
    print(made, file=sys.stderr)
    say("Les lignes [[keys]] vont dans le fichier que nomme SUNES_ACCESS.", Format.JSON)


@command("check")
def check() -> None:
    """Dire qui peut quoi d’après le fichier que nomme SUNES_ACCESS ; le code de sortie est 1 s’il est fautif."""
    given, place = rules(), os.environ.get("SUNES_ACCESS")
    say(f"Fichier des accès : « {place} »." if place else "Aucun fichier des accès (SUNES_ACCESS) : règles d’origine.")
    say(f"Les établissements un par un sont montrés à : {_SEEN_BY[given.establishments]}.")
    closed = french.join([french.quote(page) for page in sorted(given.closed_pages)])
    say(f"Pages réservées aux personnes connectées : {closed or 'aucune'}.")
    say(f"Données ouvertes (API) : {'sans clé' if given.public_data else 'avec une clé ou une connexion'}.")
    signing = given.sign_in
    default = ROLE_LABELS[signing.default] if signing.default else "refusée"
    say(f"Une personne connectée que rien ne désigne est : {default} ; elle se reconnecte après {signing.hours:g} h.")
    for claim, role in signing.roles.items():
        say(f"La valeur « {claim} » de « {signing.role} » donne le rôle : {ROLE_LABELS[role]}.")
    details = ", consultations de fiches comprises" if given.journal.details else ""
    say(f"Le journal garde {french.count(given.journal.days, 'jour')}{details}.")
    rows = [(each.id, "personne", *_granted(given, each)) for each in given.people]
    rows += [(each.name, _key_said(each), *_granted(given, each)) for each in given.keys]
    if rows:
        write_table(("Qui", "Comment", "Rôle", "Régions", "Peut"), rows, left=5)
    for who, grant in (*((each.id, each) for each in given.people), *((each.name, each) for each in given.keys)):
        if grant.role is Role.REGIONAL_EDITOR and not grant.regions:
            complain(f"{who} : cet éditeur régional n’a pas de région ; il ne peut rien importer.", label="Attention")


@journal_command("list")
def list_entries(
    ctx: typer.Context, since: SinceOption = None, output: FormatOption = Format.TABLE, data: DataOption = None
) -> None:
    """Montrer le journal, du plus récent au plus ancien."""
    content = _read(ctx, data, since)

    def for_people() -> None:
        rows = [tuple(record.values()) for record in journals.records_said(content.entries)]
        if rows:
            write_table(tuple(journals.records_said(content.entries[:1])[0]), rows, left=len(rows[0]))
        else:
            say("Le journal est vide.")

    records = [{field: _value(getattr(entry, field)) for field in _FIELDS} for entry in content.entries]
    write(output, records, _FIELDS, for_people)


@journal_command("export")
def export_entries(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Fichier CSV à écrire, pour un tableur.")],
    since: SinceOption = None,
    data: DataOption = None,
) -> None:
    """Écrire le journal dans un fichier CSV qu’un tableur ouvre sans rien exécuter."""
    content = _read(ctx, data, since)
    save(file, records_csv(journals.records(content.entries)))
    open_store(ctx, data).journal.note(operator(), What.EXPORTED, f"journal : {file.name}")
    say(f"{french.count(len(content.entries), 'entrée')} : « {file} ».")


def _read(ctx: typer.Context, data: str | None, since: str | None) -> Content:
    kept = open_store(ctx, data).journal
    if kept.folder is None:
        raise UsageError("ce dossier de données n’a pas de journal ; indiquez le sien dans SUNES_JOURNAL.")
    content = kept.read(operator(), parse_day("--since", since) if since else None)
    if content.problems:
        complain(*map(str, content.problems), label="Attention")
    return content


def _value(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _toml(value: str | Sequence[str]) -> str:
    """A text, or several, as TOML writes them: as JSON does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _granted(given: Rules, grant: Grant) -> tuple[str, str, str]:
    """The role, the regions, and what they allow."""
    person = Person(grant.role, regions=grant.regions)
    names = french.join([geography.region(code).name for code in sorted(grant.regions)])
    sight = given.sight(person)
    seen = "toutes les fiches" if sight.is_whole else "les fiches de ses régions" if sight.regions else "aucune fiche"
    can = [f"voir {seen}"]
    if may(person, Deed.PUBLISH):
        can.append("importer et publier" + ("" if own_regions(person) is None else " pour ses régions"))
    can += ["retirer et rétablir"] if may(person, Deed.WITHDRAW) else []
    can += ["lire le journal"] if may(person, Deed.READ_JOURNAL) else []
    return ROLE_LABELS[grant.role], names or "–", ", ".join(can)


def _key_said(key: Key) -> str:
    if key.until is None:
        return "clé"
    day = french.short_day(french.local_day(key.until))
    return f"clé périmée depuis le {day}" if key.until < datetime.now(UTC) else f"clé jusqu’au {day}"
