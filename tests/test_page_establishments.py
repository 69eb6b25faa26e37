"""The page « Établissements »: finding, choosing, comparing, and every state in which that leaves the page."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sunes import french
from sunes.establishments import listing
from sunes.metrics import ask
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.ui.errors import plain
from sunes.view import View
from tests.browser import ROOT
from tests.pages import opened
from tests.rows import Tables, application, arrow, establishment, tables, usage

DAY = date(2024, 6, 30)
A, B, C, D = "990000001", "990000002", "990000003", "990000004"
NAME = '=cmd()<script>alert("x")</script> *[a](http://b)* $c$'


def page(framed: bool = False, **params: str) -> AppTest:
    """The page alone or, as a person sees it, in its frame."""
    script = "shell.py" if framed else "establishments.py"
    at = AppTest.from_file(str(ROOT / "pages" / script), default_timeout=60)
    if framed:  # the navigation knows a page by its own path only once it has run
        at = at.run().switch_page("establishments.py")
    for name, value in params.items():
        at.query_params[name] = value
    return sound(opened(at.run()))


def sound(at: AppTest) -> AppTest:
    assert not at.exception
    assert not at.error
    return at


def said(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.info, at.warning, at.header, at.subheader)
    text = "\n".join(str(element.value) for kind in kinds for element in kind)
    return text.replace(french.NBSP, " ").replace(french.NARROW_NBSP, " ").replace("\\", "")


def names(at: AppTest) -> list[str]:
    return [str(header.value) for header in at.header]


def address(at: AppTest) -> dict[str, str]:
    """The parameters of the address; a list stands for one that the page has not written itself."""
    return {name: value if isinstance(value, str) else ",".join(value) for name, value in at.query_params.items()}


def publish(directory: Path, monkeypatch: pytest.MonkeyPatch, *snapshots: tuple[date, Tables]) -> None:
    for day, content in snapshots:
        Store(directory).publish(day, arrow((day, 1, content))[2], simulated=False)
    monkeypatch.setenv("SUNES_DATA", str(directory))


def a_store(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two snapshots: one establishment that attains, one that misses, one that is named to do harm, one unknown."""
    rows = [
        establishment(A, name="Clinique A", combined_activity=10.0, latitude=43.6, longitude=1.4),
        establishment(B, name="Clinique B", combined_activity=12.0, legal_status="espic"),
        establishment(C, "11", "75", name=NAME, commune_name="<i>Paris</i>"),
        establishment(D, name="Clinique D", eligible=False),
    ]
    applications = [application(A, 2, "dmp"), application(B, 2, "dmp"), application(B, 2, "mss", "rejected")]
    statuses = {A: ("attained", "attained"), B: ("missed", "not_evaluated")}
    usages = [
        usage(finess, 2, "dmp", indicator, status) | {"numerator": 30, "denominator": 100, "threshold": 0.4}
        for finess, own in statuses.items()
        for indicator, status in zip(("lettre_liaison", "ordonnance_sortie"), own, strict=True)
    ]
    before = tables(rows, applications)
    publish(directory, monkeypatch, (date(2024, 5, 31), before), (DAY, tables(rows, applications, usages)))


# The table ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"region": "76", "department": "31", "volet": "dmp", "window": "1,2", "status": "public"},
        {"snapshot": "2023-05-31~1", "volet": "mss"},
        {"snapshot": "2021-11-30"},
    ],
)
def test_the_table_holds_the_establishments_of_the_metrics(params: Mapping[str, str]) -> None:
    at = page(framed=True, **params)
    table = at.dataframe[0].value
    lists = {"region": "regions", "department": "departments", "status": "legal_statuses"}
    view = View(
        snapshot=params.get("snapshot"),
        volet=params.get("volet"),
        windows=tuple(map(int, params.get("window", "").split(","))) if "window" in params else (),
        **{field: (params[name],) for name, field in lists.items() if name in params},
    )
    programme = load_programme()
    for row in ask(Store.default(), view, ["volet"], programme=programme).rows:
        states = list(table[f"Volet {programme.volet(row['volet']).number}"])
        assert states.count("● cible atteinte") == row["attained"]
        assert states.count("✕ cible manquée") == row["evaluated"] - row["attained"]
        assert len(states) - states.count("· non candidat") == row["applicants"]
    assert list(table["Éligible"]).count("oui") == ask(Store.default(), view, programme=programme).rows[0]["eligible"]


def test_a_search_narrows_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    at = page()
    sound(at.text_input(key="establishment-words").set_value("clinique manquee").run())
    assert list(at.dataframe[0].value["FINESS"]) == [B]
    assert "1 sur 4 établissements" in said(at)
    sound(at.text_input(key="establishment-words").set_value("nulle part").run())
    assert not at.dataframe
    assert "Aucun établissement ne correspond" in said(at)


def test_what_is_shown_is_what_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    written: dict[str, str] = {}

    def download(_label: str, content: Callable[[], bytes], *, file_name: str, **_options: object) -> None:
        if file_name.endswith(".csv"):
            written[file_name] = content().decode("utf-8-sig")

    monkeypatch.setattr("streamlit.download_button", download)
    at = page(region="11")
    assert at.dataframe[0].value[listing.NAME][0] == NAME
    header, row = written["sunes_etablissements_2024-06-30~1.csv"].splitlines()
    assert header.startswith("Situation au;Révision;Données;Établissement;FINESS")
    assert row.startswith("30/06/2024;1;réelles;\"'" + NAME.replace('"', '""'))


def test_on_a_phone_the_name_stays_in_sight_and_leaves_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The framework lets go of a pinned column beyond 60 % of the table, and wraps text in rows of more than 4 rem."""
    a_store(tmp_path, monkeypatch)
    table = page().dataframe[0].proto
    name = json.loads(table.columns)[listing.NAME]
    assert name["pinned"]
    assert name["width"] <= 0.6 * (390 - 2 * 16)
    assert table.row_height > 4 * 16


def test_compared_sheets_stand_in_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    at = page(finess=f"{A},{B}")
    titles = [str(element.value) for element in at.subheader]
    assert titles[:3] == ["Où il en est", "Identité", "Ce qui manque encore"]
    assert len(titles) == len(set(titles)), "one row a section, for both"
    captions = [str(element.value) for element in at.caption]
    assert captions.count("Clinique A") == captions.count("Clinique B") == len(titles)


def choose(at: AppTest, *rows: int) -> AppTest:
    """Tick rows of the table, as a person does."""
    at.session_state[str(at.dataframe[0].key)] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return sound(at.run())


def test_chosen_rows_lead_to_their_sheets_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    at = page(framed=True, region="76")
    assert at.button(key="open-sheets").disabled
    at = choose(at, 0, 1)
    assert at.button(key="open-sheets").label == "Comparer 2 établissements"
    sound(at.button(key="open-sheets").click().run())
    assert names(at) == ["Clinique A", "Clinique B"]
    assert address(at) == {"region": "76", "finess": f"{A},{B}"}
    back = next(button for button in at.button if button.label == "Retour à la liste")
    sound(back.click().run())
    assert address(at) == {"region": "76"}
    assert at.dataframe


# Pasted numbers -------------------------------------------------------------------------------------------------------


def paste(at: AppTest, text: str) -> AppTest:
    at.text_area(key="pasted-finess").set_value(text)
    button = next(button for button in at.button if button.label == "Voir ces établissements")
    return sound(button.click().run())


def test_pasted_numbers_become_a_link_and_the_others_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_store(tmp_path, monkeypatch)
    at = paste(page(region="76"), f"{A}\n{B}; {C} 999999999, 99000000 <b>")
    assert address(at) == {"region": "76", "finess": f"{A},{B},{C},999999999"}
    assert names(at) == ["Clinique A", "Clinique B"]
    text = said(at)
    assert "« 99000000 » n’est pas un numéro FINESS" in text
    assert "« <B> » n’est pas un numéro FINESS" in text
    assert "Numéro FINESS 999999999 : inconnu au 30 juin 2024." in text
    assert f"Numéro FINESS {C} : hors des filtres actifs" in text
    # The link says by itself which numbers lead nowhere.
    again = said(page(finess=f"{A},999999999"))
    assert "999999999 : inconnu" in again
    assert "99000000 " not in again


def test_nothing_usable_pasted_leaves_the_page_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    at = paste(page(), "rien d’utile")
    assert address(at) == {}
    assert len(at.dataframe[0].value) == 4
    assert "« RIEN » n’est pas un numéro FINESS" in said(at)
    assert "Collez au moins un numéro" in said(paste(page(), "  "))


def test_five_numbers_are_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [establishment(f"99000000{n}") for n in range(7)]
    publish(tmp_path, monkeypatch, (DAY, tables(rows)))
    at = page(finess=",".join(f"99000000{n}" for n in range(5)))
    assert len(at.dataframe[0].value) == 5
    assert not at.header


def test_unknown_numbers_alone_are_said_and_lead_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    at = page(framed=True, finess="999999998,999999999")
    assert "Numéros FINESS 999999998 et 999999999 : inconnus" in said(at)
    assert any(button.label == "Retour à la liste" for button in at.button)
    assert not at.header


# The sheet ------------------------------------------------------------------------------------------------------------


def test_a_sheet_says_all_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    at = page(finess=B)
    text = said(at)
    assert names(at) == ["Clinique B"]
    assert "✕ **Volet 1 : cible manquée** depuis la situation du 30 juin 2024" in text
    assert "lettres de liaison, manqué, il en manque 10 (30,0 % pour un seuil de 40 %)" in text
    assert "Volet 2 : la candidature n’a pas été retenue (fenêtre 2)." in text
    assert "Lettres de liaison (fenêtre 2) : seul mesuré, à 30,0 %" in text
    assert "Position non connue" in text
    indicators = next(table.value for table in at.table if "Seuil" in table.value)
    assert list(indicators["État"]) == ["manqué", "non évalué"]
    history = next(table.value for table in at.table if "Situation au" in table.value)
    assert list(history["Volet 1"]) == ["retenu, sans mesure", "cible manquée"]


def test_what_a_file_names_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(tmp_path, monkeypatch)
    at = page(framed=True, finess=f"{A},{C}")
    assert names(at) == ["Clinique A", plain(NAME)]
    assert any(plain("<i>Paris</i>") in element.value for element in at.markdown)
    raw = [element.value for kind in (at.markdown, at.caption, at.header) for element in kind]
    assert not any("<script>" in text or "<i>" in text for text in raw)


@pytest.mark.parametrize("params", [{}, {"volet": "mss"}, {"window": "3,4"}, {"snapshot": "2024-05-31"}])
def test_every_sheet_stands_whatever_the_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, params: Mapping[str, str]
) -> None:
    a_store(tmp_path, monkeypatch)
    at = page(False, finess=f"{A},{B},{C},{D}", **params)
    assert len(names(at)) == 4
    assert "Ce qui manque encore" in said(at)
    assert "Pas de rang : son activité combinée n’est pas connue." in said(at)


def test_a_register_alone_has_a_table_and_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, (DAY, tables([establishment(A, combined_activity=3.0), establishment(B)])))
    table: Any = page().dataframe[0].value
    assert list(table["Volet 1"]) == ["· non candidat"] * 2
    assert table[listing.ATTAINED].isna().all()
    text = said(page(finess=A))
    assert "Aucune candidature dans cette situation." in text
    assert "Volet 1 : aucune candidature." in text
    assert "Aucun changement sur 1 situation" in text


def test_an_establishment_of_the_embedded_data_over_all_snapshots() -> None:
    finess = "990000523"
    at = page(finess=finess)
    history = next(table.value for table in at.table if "Situation au" in table.value)
    assert len(history) == len(Store.default().history())
    (row,) = (r for r in page(snapshot="2024-06-30").dataframe[0].value.to_dict("records") if r["FINESS"] == finess)
    assert row["Volet 1"].endswith(list(history["Volet 1"])[-1])
