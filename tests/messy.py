"""The embedded data in the files that agency staff really have, with the mess that these come in.

Everything is drawn from a seed: the same seed makes the same files. What a format cannot hold is lost on the way:
FINESS has neither the activities nor the combined activity, nor legal entities; a follow-up has no rate without counts.
"""

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter
from pyproj import Transformer

from sunes import french
from sunes.ingest.files import InputFile
from sunes.programme import load_programme
from tests.rows import Row

PROGRAMME = load_programme()
NBSP, NARROW = "\u00a0", "\u202f"

# Legal status → categories that nothing else contradicts, « participation au service public », « mode de fixation ».
_FINESS_CODES: Mapping[str, tuple[Sequence[str], str, str]] = {
    "public": (("355", "101", "106"), "1", "03"),
    "espic": (("365", "109", "131"), "6", "04"),
    "private": (("365", "128", "122"), "0", "14"),
}
_NOT_ELIGIBLE = "156"
_CRS = ("EPSG:2154 RGF93 / Lambert-93 (Métropole)", "LAMBERT_93", "L93_METROPOLE")


def finess_stock(establishments: Iterable[Row], seed: int = 0, encoding: str = "utf-8") -> InputFile:
    """The national extraction published until 2026: all establishments, then all their points, in no order."""
    draw = random.Random(seed)
    to_lambert = Transformer.from_crs(4326, 2154, always_xy=True)
    structures, places = [], []
    for row in establishments:
        categories, service, pricing = _FINESS_CODES[row["legal_status"]]
        category = draw.choice(categories) if row["eligible"] else _NOT_ELIGIBLE
        commune, department = row["commune_code"], row["department_code"]
        name = _legible(row["name"].upper(), encoding)
        cells = [
            *("structureet", row["finess"], row["finess_ej"] or "", name, draw.choice((name, "")), "", "", "12", "RUE"),
            *("DU PRE", "", "", commune.removeprefix(department), department, "", f"{department}000 CEDEX"),
            *("0102030405", "", category, "Libellé", "1102", "Agrégat", "26010004500012", "8610Z", pricing, "Tarif"),
            *(service, "Libellé", "1979-02-13", "1979-02-13", "2020-02-04", ""),
        ]
        structures.append(";".join(cells))
        if row["latitude"] is not None:
            x, y = to_lambert.transform(row["longitude"], row["latitude"])
            coder = "ADMIN-EXPRESS" if row["location_source"] == "commune" else "BAN"
            source = f"1,ATLASANTE,96,{coder},{draw.choice(_CRS)}"
            places.append(f"geolocalisation;{row['finess']};{x:.1f};{y:.1f};{source};2026-05-04")
    draw.shuffle(structures)
    draw.shuffle(places)
    # Some years wrote a quotation mark as four of them.
    structures[0] = structures[0].replace("DU PRE", 'DU """"PRE""""')
    text = "\n".join(("finess;etalab;98;2026-05-12", *structures, *places, ""))
    return InputFile("etalab-cs1100507-stock-20260512-0335.csv", text.encode(encoding))


_STATUS_WORDS = {"public": "Public", "espic": "Privé à but non lucratif", "private": "privé lucratif"}
_ACTIVITY_WORDS = {"surgery": "Chirurgie", "dialysis": "dialyse", "imaging": "imagerie", "biology": "Biologie"}


def register(establishments: Iterable[Row], seed: int = 0) -> InputFile:
    """The list that an agency made for itself: columns under its own names, codes that lost their first zero."""
    draw = random.Random(seed)
    listed = [
        {
            "N° FINESS ET": row["finess"],
            "Raison sociale": row["name"],
            "FINESS EJ": row["finess_ej"] or "",
            "Niveau": row["level"].lower(),
            "Code INSEE": int(row["commune_code"]) if row["commune_code"].isdecimal() else row["commune_code"],
            "Statut": _STATUS_WORDS[row["legal_status"]],
            "Champs d’activité": ", ".join(_ACTIVITY_WORDS.get(each, each.upper()) for each in row["activities"]),
            "Activité combinée": "" if row["combined_activity"] is None else row["combined_activity"],
            "Éligible": draw.choice(("oui", "Oui", "x")) if row["eligible"] else draw.choice(("non", "Non")),
            "Directeur": "Jeanne Martin",
        }
        for row in establishments
    ]
    draw.shuffle(listed)
    columns = list(listed[0])
    draw.shuffle(columns)
    table: list[list[Any]] = [[f"Établissements – extraction du {date(2024, 6, 30):%d/%m/%Y}"], []]
    return _workbook(
        "Établissements région.xlsx", {"Liste": [*table, columns, *([r[c] for c in columns] for r in listed)]}
    )


def _legible(text: str, encoding: str) -> str:
    """A text without what an old encoding does not have."""
    return text if encoding == "utf-8" else text.replace("’", "'").replace("Œ", "OE")


# Applications ---------------------------------------------------------------------------------------------------------

_DECISIONS = {
    "accepted": ("Accepté", "accepté", "Acceptée"),
    "rejected": ("Refusé", "refusé", "REFUSÉ"),
    "pending": ("En instruction", "En cours d’instruction"),
    "withdrawn": ("Sans suite", "Classé sans suite"),
}
_PEOPLE = {
    "Email": "jeanne.martin@exemple.fr",
    "Civilité": "Mme",
    "Nom du référent": "Martin",
    "Prénom": "Jeanne",
    "Téléphone du contact": "05 61 00 00 00",
    "Instructeurs": "paul.petit@exemple.fr",
}
Dossier = Sequence[Row]


def dossiers(applications: Iterable[Row], seed: int = 0) -> list[InputFile]:
    """The export of one procedure for each window: other headers, other formats, columns in another order each time."""
    draw = random.Random(seed)
    by_window: defaultdict[int, defaultdict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in applications:
        by_window[row["window"]][row["finess"]].append(row)
    shapes = {1: _first_window, 2: _both_in_one, 3: _one_each, 4: _ticked}
    files = []
    for window, by_finess in sorted(by_window.items()):
        written = [
            {"N° dossier": str(draw.randrange(10**6, 10**7)), **_PEOPLE, **cells}
            for dossier in by_finess.values()
            for cells in shapes[window](dossier, draw)
        ]
        draw.shuffle(written)
        files.append(_export(f"dossiers_sun-es_fenetre_{window}", written, window, draw))
    return files


def _export(name: str, written: list[dict[str, Any]], window: int, draw: random.Random) -> InputFile:
    columns = list(written[0])
    draw.shuffle(columns)
    table = [columns, *([row[column] for column in columns] for row in written)]
    if window % 2 == 0:
        return _workbook(f"{name}.xlsx", {"Dossiers": table})
    texts = [[cell.isoformat() if isinstance(cell, date) else str(cell) for cell in row] for row in table]
    return InputFile(
        f"{name}.csv", _csv(texts, ",").encode("utf-8-sig") if window == 3 else _csv(texts, ";").encode("cp1252")
    )


def _first_window(dossier: Dossier, draw: random.Random) -> list[dict[str, Any]]:
    """No column says the window or the volet: the filing date and the procedure do."""
    [row] = dossier
    return [
        {
            "Numéro FINESS de l'établissement": row["finess"],
            "Date de dépôt": f"{row['filed_on']:%d/%m/%Y}",
            "État du dossier": draw.choice(_DECISIONS[row["decision"]]),
            "Traité le": f"{row['decided_on']:%d/%m/%Y} 14:32",
            "Montant accordé": _amount(row["grant_eur"], draw),
        }
    ]


def _both_in_one(dossier: Dossier, draw: random.Random) -> list[dict[str, Any]]:
    """One row for both volets, each with its decision and its amount; days and amounts as a spreadsheet has them."""
    by_volet = {row["volet"]: row for row in dossier}
    first = dossier[0]
    cells: dict[str, Any] = {
        "FINESS géographique": int(first["finess"]),
        "Fenêtre": "Fenêtre 2",
        "Volets demandés": " et ".join(f"Volet {PROGRAMME.volet(volet).number}" for volet in by_volet),
        "Déposé le": datetime.combine(first["filed_on"], datetime.min.time()) + timedelta(hours=9, minutes=5),
        "Statut": draw.choice(_DECISIONS[first["decision"]]),
        "Date de décision": first["decided_on"],
    }
    for volet in PROGRAMME.volets:
        row = by_volet.get(volet.id)
        cells[f"Décision – volet {volet.number}"] = draw.choice(_DECISIONS[row["decision"]]) if row else ""
        cells[f"Montant accordé (volet {volet.number})"] = (
            row["grant_eur"] if row and row["grant_eur"] is not None else ""
        )
    return [cells]


def _one_each(dossier: Dossier, draw: random.Random) -> list[dict[str, Any]]:
    """One row for each volet; spaces in numbers, times with their zone."""
    return [
        {
            "N° FINESS": " ".join((row["finess"][:3], row["finess"][3:6], row["finess"][6:])),
            "Fenêtre de candidature": draw.choice(("3", "F3", "fenêtre n° 3")),
            "Volet": draw.choice((row["volet"].upper(), f"Volet {PROGRAMME.volet(row['volet']).number}")),
            "Déposé le": f"{row['filed_on'].isoformat()} 10:15:00 +0200",
            "Décision de l’ARS": draw.choice(_DECISIONS[row["decision"]]),
            "Date de la décision": _long_day(row["decided_on"]),
            "Montant de la subvention": _amount(row["grant_eur"], draw).replace(NBSP, NARROW),
        }
        for row in dossier
    ]


def _ticked(dossier: Dossier, draw: random.Random) -> list[dict[str, Any]]:
    """One column for each volet, ticked or not; a row of its own for each where the decisions differ."""
    decisions = {row["decision"] for row in dossier}
    if len(decisions) > 1:
        return [cells for row in dossier for cells in _ticked([row], draw)]
    by_volet = {row["volet"]: row for row in dossier}
    first = dossier[0]
    cells: dict[str, Any] = {
        "Code FINESS": f"{first['finess']}.0",
        "Fenêtre": 4,
        "Date de dépôt": first["filed_on"],
        "Décision": draw.choice(_DECISIONS[first["decision"]]),
        "Date de la décision": first["decided_on"],
    }
    for volet in PROGRAMME.volets:
        row = by_volet.get(volet.id)
        cells[f"Volet {volet.number}"] = "Oui" if row else draw.choice(("Non", ""))
        cells[f"Montant volet {volet.number}"] = _amount(row["grant_eur"], draw) if row else ""
    return [cells]


def _amount(grant: int | None, draw: random.Random) -> str:
    if grant is None:
        return ""
    spaced = f"{grant:,}".replace(",", draw.choice((" ", NBSP)))
    return draw.choice((str(grant), f"{spaced} €", f"{spaced},00 €", f"{spaced} euros"))


def _long_day(day: date) -> str:
    """« 1er decembre 2021 »: accents are the first thing to go."""
    return french.day(day).replace("é", "e").replace("û", "u")


# Usages ---------------------------------------------------------------------------------------------------------------

_ATTAINED = {
    "attained": ("oui", "Atteint", "O"),
    "missed": ("non", "Non atteint", "N"),
    "not_evaluated": ("Non évalué",),
}
# How the columns of a sheet call what they hold, and in which order they come.
_SHEETS: Mapping[int, Mapping[str, str]] = {
    1: {
        "denominator": "Dénominateur",
        "numerator": "Numérateur",
        "rate": "Taux",
        "status": "Atteint ?",
        "evaluated_on": "Date",
    },
    2: {
        "rate": "Taux (%)",
        "threshold": "Seuil",
        "numerator": "Num.",
        "denominator": "Dén.",
        "status": "Cible atteinte",
    }
    | {"evaluated_on": "Évalué le"},
    3: {
        "numerator": "numérateur",
        "denominator": "dénominateur",
        "threshold": "seuil",
        "status": "atteint",
        "evaluated_on": "date",
    },
    4: {"status": "Statut", "rate": "Taux d’usage", "threshold": "Objectif", "evaluated_on": "Date d’évaluation"},
}
_NAMES = {
    1: {"lettre_liaison": "LL", "ordonnance_sortie": "Ordo", "cr_operatoire": "CRO", "cr_imagerie": "CR imagerie"}
    | {"cr_biologie": "CR bio"},
    2: {"mss_pro": "MSS pro", "mss_citoyenne": "Messagerie citoyenne"},
    3: {"lettre_liaison": "LETTRES DE LIAISON", "mss_citoyenne": "MSSanté patients"},
    4: {},
}
_NOTHING = ("", "", "n/a", "NC", "–")


def follow_up(usages: Iterable[Row], seed: int = 0) -> InputFile:
    """The workbook kept by hand, one sheet a window: groups of columns, titles, comments, totals, blank lines."""
    draw = random.Random(seed)
    by_window: defaultdict[int, defaultdict[str, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    for row in usages:
        by_window[row["window"]][row["finess"]][row["indicator"]] = row
    names = {1: "F1 – volet 1", 2: "Fenêtre 2", 3: "fenetre n° 3", 4: "SUN-ES F4"}
    sheets, merged = {}, {}
    for window, by_finess in sorted(by_window.items()):
        sheets[names[window]], merged[names[window]] = _sheet(window, by_finess, draw)
    sheets["Légende"] = [["LL", "lettre de liaison"], ["NC", "non communiqué"]]
    return _workbook("Suivi usages SUN-ES v12 (définitif).xlsx", sheets, merged)


def _sheet(
    window: int, by_finess: Mapping[str, Mapping[str, Row]], draw: random.Random
) -> tuple[list[list[Any]], list[tuple[int, int, int, int]]]:
    """The rows of a sheet, and the ranges that are shown as one cell."""
    indicators = [i for i in PROGRAMME.indicators if any(i.id in told for told in by_finess.values())]
    draw.shuffle(indicators)
    measures = list(_SHEETS[window])
    names = [_NAMES[window].get(indicator.id, indicator.name) for indicator in indicators]
    width = len(measures)
    left = ["Établissement", "N° FINESS"]
    if window == 3:  # one row of names that say both
        head = [[*left, *(f"{name} – {_SHEETS[3][measure]}" for name in names for measure in measures), "Commentaires"]]
        merged = []
    else:
        groups = [text for name in names for text in (name, *[""] * (width - 1))]
        under = [_SHEETS[window][measure] for _ in names for measure in measures]
        head = [[*left, *groups, "Commentaires"], ["", "", *under, ""]]
        merged = [(3, 2 + place * width, 3, 1 + (place + 1) * width) for place in range(len(names)) if width > 1]
        merged += [(3, column, 4, column) for column in (0, 1, 2 + len(names) * width)]
    lines: list[list[Any]] = [["Suivi des usages SUN-ES – mis à jour le 30/06/2024"], [], *head]
    told = list(by_finess.items())
    draw.shuffle(told)
    for place, (finess, own) in enumerate(told):
        cells = [cell for i in indicators for cell in _group(own.get(i.id), measures, window, draw)]
        lines.append(["Clinique fictive", _number(finess, window), *cells, draw.choice(("", "", "relancé le 3 mai"))])
        if place == len(told) // 2:
            lines += [["Établissements privés"], []]
    lines.append(["TOTAL", "", *(["12"] * (width * len(names)))])
    return lines, merged


def _number(finess: str, window: int) -> Any:
    """A FINESS number as text, as a number, or with what spreadsheets and people add to it."""
    spaced = " ".join((finess[:3], finess[3:6], finess[6:]))
    return {1: finess, 2: int(finess), 3: spaced, 4: f"{finess}.0"}[window]


def _group(row: Row | None, measures: Sequence[str], window: int, draw: random.Random) -> list[Any]:
    """The cells of one indicator of one establishment."""
    if row is None:
        return [draw.choice(_NOTHING) for _ in measures]
    day = row["evaluated_on"]
    texts: dict[str, Any] = {
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "status": draw.choice(_ATTAINED[row["status"]]),
        "evaluated_on": day and (f"{day:%d/%m/%Y}" if window < 3 else day),
        "threshold": None if row["threshold"] is None else _share(Decimal(str(row["threshold"])), window, draw),
        "rate": _share(Decimal(row["numerator"]) / row["denominator"], window, draw) if row["denominator"] else None,
    }
    return [draw.choice(_NOTHING) if texts[measure] is None else texts[measure] for measure in measures]


def _share(rate: Decimal, window: int, draw: random.Random) -> Any:
    """A rate as the people who keep one sheet write it: « 78,5 % », 78,5 or 0,785; never two ways in doubt."""
    hundredths = f"{rate * 100:.1f}".replace(".", ",")
    if window == 2 and rate > Decimal("0.02"):
        return draw.choice((hundredths, f"{hundredths} %", f"{hundredths}{NBSP}%"))
    return f"{hundredths} %" if window in (2, 4) else float(rate)


# Files ----------------------------------------------------------------------------------------------------------------


def _csv(rows: Iterable[Sequence[str]], separator: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


def _workbook(
    name: str,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    merged: Mapping[str, Sequence[tuple[int, int, int, int]]] = {},
) -> InputFile:
    """An XLSX file; days are real days, empty texts are no cells. `merged` counts lines from 1, as Excel does."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as workbook:
        for title, lines in sheets.items():
            sheet = workbook.add_worksheet(title)
            for first, left, last, right in merged.get(title, ()):
                sheet.merge_range(first - 1, left, last - 1, right, lines[first - 1][left])
            covered = {(first - 1, left) for first, left, _, _ in merged.get(title, ())}
            for line, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    if cell != "" and (line, column) not in covered:
                        sheet.write(line, column, cell)
    return InputFile(name, content.getvalue())
