"""FINESS in both formats: the right establishments, where they are, whatever mess the file is in."""

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import finess_files
from sunes.errors import DataError
from sunes.ingest import formats
from sunes.ingest.files import InputFile
from sunes.ingest.readers import finess_stock, finess_structures
from sunes.ingest.reading import Reading
from sunes.programme import load_programme
from tests.finess_rows import (
    L93,
    PLACES,
    Place,
    address,
    entity,
    establishment,
    place,
    stock,
    structure,
    structures,
)

PROGRAMME = load_programme()
steady = settings(deadline=None, derandomize=True, database=None)
VIRIAT = (46.22229, 5.20918)


def read(file: InputFile, also: tuple[str, ...] = ()) -> Reading:
    """What the import makes of a file of establishments."""
    [reading] = formats.read("establishments", file, PROGRAMME, {}, also)
    return reading


def one(file: InputFile, also: tuple[str, ...] = ()) -> dict[str, Any]:
    """The only row of a file that has nothing wrong."""
    reading = read(file, also)
    assert [str(problem) for problem in reading.problems] == []
    [row] = reading.rows
    return row


def at(row: dict[str, Any]) -> tuple[float, float]:
    return row["latitude"], row["longitude"]


# --- Until 2026 -------------------------------------------------------------------------------------------------------


def test_an_establishment_comes_with_its_point() -> None:
    reading = read(stock(structure(), place()))
    assert reading.kind == "FINESS (format d’avant 2026), situation au 12 mai 2026"
    assert (reading.read, reading.lines, reading.repairs, reading.problems) == (1, [2], [], [])
    [row] = reading.rows
    assert at(row) == pytest.approx(VIRIAT, abs=1e-5)
    assert {name: row[name] for name in row if name not in ("latitude", "longitude")} == {
        "finess": "990000014",
        "name": "HOPITAL FICTIF",
        "level": "ET",
        "finess_ej": "990000001",
        "region_code": "84",
        "department_code": "01",
        "commune_code": "01451",
        "commune_name": "Viriat",
        "legal_status": "public",
        "activities": [],
        "combined_activity": None,
        "location_source": "register",
        "eligible": True,
    }


@pytest.mark.parametrize("where", PLACES, ids=lambda where: where.insee)
def test_ten_known_places_of_a_stock_file(where: Place) -> None:
    row = one(
        stock(
            structure(departement=where.department, commune=where.commune),
            place(x=where.x, y=where.y, source=where.source),
        )
    )
    assert row["commune_code"] == where.insee
    assert row["location_source"] == "register"
    assert at(row) == pytest.approx((where.latitude, where.longitude), abs=2e-5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_encodings_are_read(encoding: str, end: str) -> None:
    file = stock(structure(rs="HÔPITAL FICTIF DE L'ÉTÉ"), place(), encoding=encoding, end=end)
    reading = read(file)
    assert reading.encoding == ("Windows-1252 (ISO-8859-1)" if encoding == "iso-8859-1" else "UTF-8")
    assert reading.rows[0]["name"] == "HÔPITAL FICTIF DE L'ÉTÉ"


def test_lines_of_both_encodings_may_stand_side_by_side() -> None:
    latin, utf8 = (structure(rs="HÔPITAL", finess=finess) for finess in ("990000014", "990000022"))
    content = b"\n".join((b"finess;etalab;98;2015-05-12", latin.encode("cp1252"), utf8.encode(), b"\x81"))
    reading = read(InputFile("stock.csv", content))
    assert [row["name"] for row in reading.rows] == ["HÔPITAL", "HÔPITAL"]
    assert reading.encoding == "UTF-8, Windows-1252 (ISO-8859-1) et ISO-8859-1"


def test_a_packed_file_is_read_and_a_truncated_one_is_told() -> None:
    whole = gzip.compress(stock(structure(), *map(str, map(structure, map(str, range(2000)))), place()).content)
    assert read(InputFile("stock.csv.gz", whole)).rows[0]["finess"] == "990000014"
    with pytest.raises(DataError, match="GZIP est tronquée"):
        read(InputFile("stock.csv.gz", whole[: len(whole) // 2]))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"HOPITAL ""FICTIF"""', 'HOPITAL "FICTIF"'),
        ('"HOPITAL """"FICTIF"""""', 'HOPITAL "FICTIF"'),
        ('HOPITAL ""FICTIF""', 'HOPITAL "FICTIF"'),
        ('"HOPITAL; FICTIF"', "HOPITAL; FICTIF"),
        ('HOPITAL "FICTIF', 'HOPITAL "FICTIF'),
        ('"HOPITAL FICTIF', "HOPITAL FICTIF"),
    ],
)
def test_a_quotation_mark_never_swallows_what_follows(written: str, name: str) -> None:
    reading = read(stock(structure(rs=written), structure("990000022"), place(), place("990000022")))
    assert [row["name"] for row in reading.rows] == [name, "HOPITAL FICTIF"]
    assert [row["location_source"] for row in reading.rows] == ["register", "register"]
    assert reading.problems == []


def test_older_lines_lack_a_column_and_newer_ones_end_with_a_semicolon() -> None:
    older = structure().removesuffix(";")
    assert one(stock(older, place() + ";"))["location_source"] == "register"
    assert one(stock(structure() + ";", place()))["location_source"] == "register"


def test_a_source_written_with_semicolons_is_one_source() -> None:
    row = one(stock(structure(), place(source="1;ATLASANTE;100;IGN;BD_ADRESSE;V2.1;LAMBERT_93")))
    assert at(row) == pytest.approx(VIRIAT, abs=1e-5)


def test_points_may_come_before_establishments() -> None:
    assert one(stock(place(), structure()))["location_source"] == "register"


def test_lines_that_cannot_be_read_are_told_and_the_others_kept() -> None:
    reading = read(
        stock(
            "equipement;1;2", structure("990000022") + ";;3", "structureet;1", structure(), "geolocalisation;1", place()
        )
    )
    assert [(problem.line, problem.column, problem.value) for problem in reading.problems] == [
        (2, "section", "equipement"),
        (3, "section", "structureet"),
        (4, "section", "structureet"),
        (6, "section", "geolocalisation"),
    ]
    assert "34 cellules au lieu de 32" in reading.problems[1].message
    assert [row["finess"] for row in reading.rows] == ["990000014"]
    assert at(reading.rows[0]) == pytest.approx(VIRIAT, abs=1e-5)


def test_a_line_without_end_is_one_problem() -> None:
    reading = read(stock(structure(), "structureet;" + "x" * 200_000, structure("990000022")))
    assert [problem.line for problem in reading.problems] == [3]
    assert [row["finess"] for row in reading.rows] == ["990000014", "990000022"]


def test_another_file_stops_early() -> None:
    with pytest.raises(DataError, match="plus de 1\u202f000 lignes sont illisibles"):
        read(stock(structure(), *["x;y"] * 5000))
    with pytest.raises(DataError, match="aucune ligne «\u00a0structureet\u00a0»"):
        read(stock())


def test_other_categories_are_left_aside_unless_an_application_names_them() -> None:
    lines = [
        structure(),
        structure("990000022", categetab="620"),
        structure("990000030", categetab="500"),
        structure("990000048", categetab=""),
        structure("990000055", departement="9J", commune="613"),
    ]
    reading = read(stock(*lines), also=("990000030",))
    assert [(row["finess"], row["eligible"]) for row in reading.rows] == [("990000014", True), ("990000030", False)]
    assert reading.left_aside == {
        "d’une autre catégorie": 1,
        "sans catégorie": 1,
        "d’une collectivité d’outre-mer": 1,
    }
    assert (reading.read, reading.problems) == (5, [])


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"codesph": "1", "codemft": "03"}, "public"),
        ({"codesph": "6", "codemft": "04"}, "espic"),
        ({"codesph": "7", "codemft": "07"}, "espic"),
        ({"codesph": "9", "codemft": "3"}, "public"),
        ({"codesph": "", "codemft": "04"}, "espic"),
    ],
)
def test_the_codes_that_tell_the_legal_status(cells: dict[str, str], status: str) -> None:
    reading = read(stock(structure(categetab="365", **cells)))
    assert [row["legal_status"] for row in reading.rows] == [status]
    assert (reading.repairs, reading.problems) == ([], [])


def test_what_is_assumed_of_a_legal_status_is_reported() -> None:
    reading = read(
        stock(
            structure(categetab="365", codesph="0", codemft="07"),
            structure("990000022", categetab="128", codesph="0", codemft="99"),
            structure("990000030", categetab="101", codesph="0", codemft="99"),
        )
    )
    assert [row["legal_status"] for row in reading.rows] == ["private", "private", "public"]
    told = [str(repair) for repair in reading.repairs]
    assert len(told) == 2
    assert "2 établissements n’est pas indiqué. Hypothèse\u00a0: «\u00a0Non concerné\u00a0» (codesph 0)" in told[0]
    assert "1 établissement n’est pas indiqué. Hypothèse\u00a0: ces catégories" in told[1]


def test_a_legal_status_that_nothing_tells_is_not_invented() -> None:
    reading = read(stock(structure(categetab="365", codesph="9", codemft="99")))
    [problem] = reading.problems
    assert (problem.line, problem.column, problem.value) == (2, "codesph", "9")
    assert "finess.toml" in problem.message


def test_a_point_far_from_its_commune_is_at_the_town_hall() -> None:
    reading = read(stock(structure(), place(x="574341.2", y="6279621.1")))
    [row] = reading.rows
    [repair] = reading.repairs
    assert row["location_source"] == "commune"
    assert at(row) == pytest.approx((46.25, 5.22), abs=0.03)
    assert (repair.line, repair.column, repair.value) == (2, "coordxet", "574341.2")
    assert "412 km de sa commune, «\u00a0Viriat\u00a0»" in str(repair)


def test_a_point_just_over_the_border_stays() -> None:
    reading = read(stock(structure(), place(x="873766.07", y="6570414.61")))  # Bourg-en-Bresse, next to Viriat
    assert (reading.rows[0]["location_source"], reading.repairs) == ("register", [])


def test_coordinates_that_are_no_point_are_told() -> None:
    reading = read(stock(structure(), place(x="0", y="0")))
    [repair] = reading.repairs
    assert (repair.column, repair.value) == ("coordxet", "0, 0")
    assert "est placé à la mairie" in repair.message
    assert reading.rows[0]["location_source"] == "commune"


def test_the_middle_of_a_commune_is_said_to_be_that() -> None:
    row = one(stock(structure(), place(source=L93.replace("BAN", "ADMIN-EXPRESS-COG"))))
    assert row["location_source"] == "commune"
    assert at(row) == pytest.approx(VIRIAT, abs=1e-5)


def test_without_a_point_an_establishment_is_at_the_town_hall() -> None:
    reading = read(stock(structure()))
    assert (reading.rows[0]["location_source"], reading.repairs) == ("commune", [])


def test_a_commune_that_is_no_more_keeps_its_point_or_has_none() -> None:
    """93059 Pierrefitte-sur-Seine merged into Saint-Denis in 2025."""
    gone = {"departement": "93", "commune": "059"}
    reading = read(stock(structure(**gone), structure("990000022", **gone), place(x="652000", y="6873000")))
    assert [row["location_source"] for row in reading.rows] == ["register", "none"]
    assert [row["region_code"] for row in reading.rows] == ["11", "11"]
    assert reading.strangers == {2: "93059"}
    assert reading.problems == []
    assert ["n’existe plus" in str(repair) for repair in reading.repairs] == [True]


def test_phones_are_not_kept_for_the_person_who_corrects() -> None:
    reading = read(stock(structure(codesph="9", codemft="99", categetab="365"), place(), structure("x") + ";;y"))
    assert len(reading.rejected) == 2
    kept = json.dumps([dict(cells) for cells in reading.originals.values()])
    assert "HOPITAL FICTIF" in kept
    assert "019900" not in kept


def test_what_was_rejected_can_be_sent_again_as_a_table() -> None:
    """The copy to correct has the names of the cells as its header."""
    reading = read(stock(structure(categetab="365", codesph="9", codemft="99"), place()))
    cells = dict(reading.originals[2]) | {"codesph": "6"}
    table = InputFile("a-corriger.csv", f"{';'.join(cells)}\n{';'.join(cells.values())}\n".encode())
    again = one(table)
    assert (again["legal_status"], again["location_source"]) == ("espic", "register")
    assert at(again) == pytest.approx(VIRIAT, abs=1e-5)


@steady
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_of_a_stock_file_are_read_or_refused(junk: bytes, after: bool) -> None:
    start = stock(structure(), place()).content if after else b"finess;etalab;98;2026-05-12\n"
    try:
        reading = finess_stock.read(InputFile("hostile.csv", start + junk), PROGRAMME)
    except DataError:
        return
    assert reading.arrow().num_rows == len(reading.lines)


MESS = st.sampled_from(["", '"', ";", '""', "\r", "\0", "é", "1", "structureet", "9A", "\u2028", "x" * 50])


@steady
@given(st.lists(st.tuples(st.integers(0, 700), MESS), max_size=12))
def test_a_damaged_stock_file_is_read_or_refused(damages: list[tuple[int, str]]) -> None:
    text = "\n".join(("finess;etalab;98;2026-05-12", structure(), place(), structure("990000022"), ""))
    for where, mess in damages:
        text = text[:where] + mess + text[where + 1 :]
    try:
        reading = finess_stock.read(InputFile("hostile.csv", text.encode("utf-8", "replace")), PROGRAMME)
    except DataError:
        return
    assert reading.arrow().num_rows == len(reading.lines)


# --- Files of the benchmarks ------------------------------------------------------------------------------------------


def expected(sites: list[finess_files.Site]) -> dict[str, finess_files.Site]:
    return {site.finess: site for site in sites if site.category in PROGRAMME.eligibility.codes}


def test_a_written_stock_file_gives_back_every_establishment(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv.gz"
    finess_files.write(path, "stock", 2000, seed=7)
    sites = expected(list(islice(finess_files.sites(7), 2000)))
    reading = read(InputFile.open(path))

    assert (reading.read, reading.problems, reading.left_aside.total()) == (2000, [], 2000 - len(sites))
    assert {row["finess"] for row in reading.rows} == set(sites)
    assert {"971", "974"} & {row["department_code"] for row in reading.rows}
    for row in reading.rows:
        site = sites[row["finess"]]
        assert (row["commune_code"], row["finess_ej"]) == (site.commune.code, site.owner)
        assert at(row) == pytest.approx((site.latitude, site.longitude), abs=2e-6)


def test_a_written_feed_gives_back_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "structures.json"
    finess_files.write(path, "structures", 4, seed=7)
    content = json.loads(path.read_text("utf-8"))
    open_ones = {
        site["informationsGeneralesEGE"]["numFinessEge"]: site
        for owner in content["pmej"]
        for site in owner["ege"]
        if owner["etatObjet"] == site["etatObjet"] == "A"
    }
    sites = expected(list(islice(finess_files.sites(7), 10_000)))
    reading = read(InputFile.open(path))

    assert reading.problems == []
    assert {row["finess"] for row in reading.rows} == set(open_ones) & set(sites)
    assert len(reading.rows) > 20
    assert {row["location_source"] for row in reading.rows} == {"register", "commune"}
    for row in reading.rows:
        if row["location_source"] == "register":
            site = sites[row["finess"]]
            assert at(row) == pytest.approx((site.latitude, site.longitude), abs=2e-6)


# --- Since 2026 -------------------------------------------------------------------------------------------------------


def test_an_establishment_comes_with_its_legal_entity() -> None:
    reading = read(structures(entity(establishment())))
    assert reading.kind == "FINESS (format de 2026, structures)"
    assert (reading.read, reading.lines, reading.repairs, reading.problems) == (1, [1], [], [])
    [row] = reading.rows
    assert at(row) == VIRIAT
    assert (row["finess"], row["finess_ej"], row["name"]) == ("990000014", "990000001", "HOPITAL FICTIF")
    assert (row["commune_code"], row["department_code"], row["region_code"]) == ("01451", "01", "84")
    assert (row["legal_status"], row["location_source"], row["eligible"]) == ("public", "register", True)


def test_names_and_codes_as_in_the_published_schema() -> None:
    coded = {"code": "A", "system": "https://mos.esante.gouv.fr/NOS/tre_r386"}
    one_establishment = {
        "informationsGeneralesEGE": {"numFinessEge": "990000014", "nomEgeLong": "HOPITAL FICTIF", "dateFermeture": ""},
        "categorieEntiteGeographiqueExercice": {"code": "355"},
        "modeFixationTarifaire": {"code": "03"},
        "adresse": [address(coordonneeX="5.20918", coordonneeY="46.22229")],
        "etatObjet": coded,
    }
    general = {"numFinessPm": "990000001", "dateFermeture": "", "statutJuridique": {"code": "13"}}
    row = one(structures({"informationsGeneralesPmej": general, "etatObjet": coded, "ege": [one_establishment]}))
    assert (row["name"], row["legal_status"], at(row)) == ("HOPITAL FICTIF", "public", VIRIAT)


@pytest.mark.parametrize("where", PLACES, ids=lambda where: where.insee)
@pytest.mark.parametrize("way", ["degrees", "swapped degrees", "metres", "swapped metres", "both"])
def test_ten_known_places_whatever_the_coordinates_are(where: Place, way: str) -> None:
    degrees, metres = (str(where.longitude), str(where.latitude)), (where.x, where.y)
    x, y = {
        "degrees": degrees,
        "swapped degrees": degrees[::-1],
        "metres": metres,
        "swapped metres": metres[::-1],
        "both": metres[::-1],
    }[way]
    coordinates = {"coordonneeX": x, "coordonneeY": y}
    if way == "both":
        coordinates |= {"directionLongitude": degrees[0], "directionLatitude": degrees[1]}
    row = one(structures(entity(establishment(adresse=[address(where.insee, **coordinates)]))))
    assert row["location_source"] == "register"
    assert at(row) == pytest.approx((where.latitude, where.longitude), abs=2e-5)


@pytest.mark.parametrize(
    "closed",
    [
        entity(establishment(etatObjet="I")),
        entity(establishment(general={"dateFermeture": "2014-03-31"})),
        entity(establishment(), etatObjet="I"),
        entity(establishment(), general={"dateFermeture": "2019-03-03"}),
        entity(establishment(etatObjet={"code": "I"})),
        entity({**establishment(), "etatObjet": None}),
    ],
)
def test_only_what_is_open_in_an_open_entity_is_kept(closed: dict[str, Any]) -> None:
    reading = read(structures(closed), also=("990000014",))
    assert (reading.rows, reading.problems) == ([], [])
    assert reading.left_aside == {"d’un établissement fermé": 1}


def test_the_address_is_where_care_is_given() -> None:
    """The first address is the reception, in Toulouse; the entity has its seat elsewhere."""
    addresses = [
        address("31555", "06", coordonneeX="1.444", coordonneeY="43.6045"),
        address("01451", "03", coordonneeX="5.20918", coordonneeY="46.22229"),
    ]
    row = one(structures(entity(establishment(adresse=addresses), adresse=[address("75113", "02")])))
    assert (row["commune_code"], at(row)) == ("01451", VIRIAT)


def test_without_an_address_of_care_nothing_is_guessed() -> None:
    reading = read(structures(entity(establishment(adresse=[address("31555", "06")]))))
    assert reading.rejected == {1}
    assert any("aucune adresse n’a l’usage 03" in problem.message for problem in reading.problems)


def test_the_quarter_without_coordinates_is_at_the_town_hall() -> None:
    reading = read(structures(entity(establishment(adresse=[address()]))))
    assert (reading.rows[0]["location_source"], reading.repairs) == ("commune", [])


def test_an_address_that_is_only_a_commune_is_its_middle() -> None:
    key = {"cleInInteropBAN": "01451", "coordonneeX": "5.20918", "coordonneeY": "46.22229"}
    assert one(structures(entity(establishment(adresse=[address(**key)]))))["location_source"] == "commune"


def test_coordinates_outside_the_territory_or_the_commune_are_told() -> None:
    outside = establishment(adresse=[address(coordonneeX="55.29", coordonneeY="-20.97")])
    far = establishment("990000022", adresse=[address(coordonneeX="1.444", coordonneeY="43.6045")])
    reading = read(structures(entity(outside, far)))
    assert [row["location_source"] for row in reading.rows] == ["commune", "commune"]
    assert [(repair.line, repair.column) for repair in reading.repairs] == [
        (1, "coordonneesGeographique"),
        (2, "coordonneesGeographique"),
    ]
    assert "coordonneeX 55.29, coordonneeY -20.97" in str(reading.repairs[0])
    assert "412 km" in str(reading.repairs[1])


def test_other_categories_of_the_feed_are_left_aside_unless_named() -> None:
    others = [establishment("990000022", "620"), establishment("990000030", "500"), establishment("990000048", "")]
    elsewhere = establishment("990000055", adresse=[address("98613")])
    reading = read(structures(entity(establishment(), *others, elsewhere)), also=("990000030",))
    assert [(row["finess"], row["eligible"]) for row in reading.rows] == [("990000014", True), ("990000030", False)]
    assert reading.left_aside == {
        "d’une autre catégorie": 1,
        "sans catégorie": 1,
        "d’une collectivité d’outre-mer": 1,
    }


@pytest.mark.parametrize(
    ("form", "service", "pricing", "status"),
    [
        ("13", ["1"], "03", "public"),
        ("60", ["0"], "07", "espic"),
        ("89", [], "99", "espic"),
        ("73", ["0"], "07", "private"),
        ({"code": "95"}, [], "", "private"),
        ("", ["6"], "", "espic"),
        ("000", [], "03", "public"),
    ],
)
def test_the_legal_form_tells_the_legal_status(form: Any, service: list[str], pricing: str, status: str) -> None:
    one_establishment = establishment(category="365", general={"espic": service}, modefixationtarifaire=pricing)
    reading = read(structures(entity(one_establishment, general={"statutJuridique": form})))
    assert [row["legal_status"] for row in reading.rows] == [status]
    assert (reading.repairs, reading.problems) == ([], [])


def test_a_legal_status_that_no_code_of_the_feed_tells() -> None:
    silent: dict[str, Any] = {"general": {"espic": ["0"]}, "modefixationtarifaire": "07"}
    unknown: dict[str, Any] = {"general": {"espic": ["9"]}, "modefixationtarifaire": "99"}
    pair = (establishment(category="365", **silent), establishment("990000022", "365", **unknown))
    reading = read(structures(entity(*pair, general={"statutJuridique": "90"})))
    assert reading.rows[0]["legal_status"] == "private"
    assert "Hypothèse" in str(reading.repairs[0])
    [problem] = reading.problems
    assert (problem.line, problem.column, problem.value) == (2, "statutJuridique", "90")


def test_contacts_of_the_feed_are_not_kept() -> None:
    reading = read(structures(entity(establishment(adresse=[]))))
    kept = json.dumps([dict(cells) for cells in reading.originals.values()])
    assert "990000014" in kept
    assert "@" not in kept
    assert "019900" not in kept


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}", "aucun établissement"),
        (b'{"pmej": [{"numFiness": "990000001", "activites": []}]}', "donnez le flux"),
        (b'{"pmej": [{"informationsGeneralesPMEJ": {"a": 1', "tronqué ou endommagé"),
        (b'{"pmej": ["\xff"]}', "tronqué ou endommagé"),
        (b'{"pmej": [' + b"9" * 5000 + b"]}", "tronqué ou endommagé"),
        (b'{"pmej": [' + b"[" * 100_000, "imbriqué sur plus de 32"),
        (b'{"pmej": [' + b'{"a":' * 100_000, "imbriqué sur plus de 32"),
        (b'{"pmej": ["' + rb"\"]]]]" * 100 + b'",' + b"[" * 40, "imbriqué sur plus de 32"),
    ],
    ids=["empty", "activities", "truncated", "encoding", "number", "arrays", "objects", "hidden"],
)
def test_json_that_is_no_such_feed_is_told(content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read(InputFile("autre.json", content))


def test_an_entity_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finess_structures, "_LARGEST_ENTITY", 1 << 20)
    whole = structures(*[entity(establishment())] * 3000)
    assert len(whole.content) > 1 << 20
    assert read(whole).read == 3000
    with pytest.raises(DataError, match="1 Mo se suivent"):
        read(InputFile("autre.json", b'{"pmej": ["' + b"x" * (1 << 21)))


def test_brackets_and_quotes_in_names_are_but_letters() -> None:
    name = 'HOPITAL [[[{{{ "FICTIF" \\'
    many = [entity(establishment(f"99{number:07}", general={"nomEgeCourt": name})) for number in range(2000)]
    reading = read(structures(*many))
    assert len(reading.rows) == 2000
    assert {row["name"] for row in reading.rows} == {name}


def test_a_packed_feed_is_read_and_a_truncated_one_is_told() -> None:
    whole = gzip.compress(structures(*[entity(establishment())] * 500).content)
    assert read(InputFile("finess.json.gz", whole)).read == 500
    with pytest.raises(DataError, match="GZIP est tronquée"):
        read(InputFile("finess.json.gz", whole[: len(whole) // 2]))


@steady
@given(st.binary(max_size=300))
def test_any_bytes_of_a_feed_are_read_or_refused(junk: bytes) -> None:
    content = structures(entity(establishment())).content
    for hostile in (b'{"pmej":[' + junk, content[:-2] + b"," + junk + b"]}", content[:200] + junk + content[200:]):
        try:
            reading = finess_structures.read(InputFile("hostile.json", hostile), PROGRAMME)
        except DataError:
            continue
        assert reading.arrow().num_rows == len(reading.lines)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["code", "ege"]), inner, max_size=2),
    max_leaves=4,
)
FIELDS = (
    *("informationsGeneralesEGE", "categorieentiteGeographiqueExercice", "adresse", "etatObjet"),
    *("modefixationtarifaire", "coordonneeX", "coordonneeY", "cogCommune", "usageAdresse", "statutJuridique", "ege"),
    *("numFinessEge", "nomEgeCourt", "informationsGeneralesPMEJ", "coordonneesGeographique", "cleInInteropBAN"),
)


@steady
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING, min_size=1, max_size=3))
def test_a_feed_with_other_kinds_of_values_is_read_or_refused(changes: dict[str, Any]) -> None:
    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changes.get(name, changed(inner)) for name, inner in value.items()}
        return [changed(inner) for inner in value] if isinstance(value, list) else value

    somewhere = address(coordonneeX="5.20918", coordonneeY="46.22229", cleInInteropBAN="01451")
    content = json.dumps({"pmej": [changed(entity(establishment(adresse=[somewhere])))]}).encode()
    try:
        reading = finess_structures.read(InputFile("hostile.json", content), PROGRAMME)
    except DataError:
        return
    assert reading.arrow().num_rows == len(reading.lines)
