"""Whether the settings fit the programme that they simulate."""

from collections.abc import Iterator

from sunes.errors import DataError, Problem
from sunes.programme import Programme
from sunes.simulation.settings import FILE, Settings

Mistake = tuple[str, str, str]  # key of the file, value, message


def check(settings: Settings, programme: Programme) -> None:
    """Raise DataError where the settings speak of what does not exist, or leave out what the programme has."""
    mistakes = [*_places(settings, programme), *_windows_and_volets(settings, programme)]
    if mistakes:
        raise DataError(*(Problem(message, FILE.name, key=key, value=value) for key, value, message in mistakes))


def _places(settings: Settings, programme: Programme) -> Iterator[Mistake]:
    region_of = {department: region.code for region in programme.regions for department in region.departments}
    simulated = {code for territory in settings.territories for code in territory.eligible}
    for territory in settings.territories:
        for code in territory.eligible:
            if region_of.get(code) != territory.region:
                yield "territories", code, f"ce département n’est pas de la région {territory.region} du programme."
    named = [
        *(("effects", effect.department) for effect in settings.effects),
        *(("closures", closure.department) for closure in settings.closures),
        *(("status_changes", change.department) for change in settings.status_changes),
        *(("kinds", code) for kind in settings.kinds for code in kind.departments),
        ("correction", settings.correction.department),
    ]
    for key, code in named:
        if code not in simulated:
            yield key, code, "ce département n’a pas d’établissements dans « territories »."


def _windows_and_volets(settings: Settings, programme: Programme) -> Iterator[Mistake]:
    volets = {window.number: window.volets for window in programme.windows}
    dated = {due.window for due in settings.due} | {w.number for w in programme.windows if w.deadline}
    priced = set(settings.grants.fixed) & set(settings.grants.per_activity)
    measured = {measure.id for measure in settings.indicators}
    for intake in settings.intakes:
        for volet in dict.fromkeys(volet for group in intake.groups for volet in group.volets):
            if volet not in volets.get(intake.window, ()):
                yield "intakes", volet, f"la fenêtre {intake.window} du programme n’a pas ce volet."
    for key, window in (
        *(("closures", closure.window) for closure in settings.closures),
        ("correction", settings.correction.window),
    ):
        if window is not None and window not in volets:
            yield key, str(window), "le programme n’a pas cette fenêtre."
    for number in volets:
        if number not in dated:
            yield "due", str(number), "cette fenêtre n’a pas d’échéance."
    for volet in programme.volet_ids:
        if volet not in priced:
            yield "grants", volet, "ce volet n’a pas de prix."
    for indicator in programme.indicators:
        if indicator.id not in measured:
            yield "indicators", indicator.id, "cet indicateur du programme manque."
