"""The data contract: a table of another shape and a row of another value are refused with their place, in French."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from sunes.errors import DataError, Problem
from sunes.programme import load_programme
from sunes.schema import TABLES, column_problems, conform, row_problems
from tests.rows import Row, Tables, application, arrow, establishment, tables, usage

ONE, TWO = "310000001", "2A0000014"
DAY = date(2024, 6, 30)
Arrow = dict[str, pa.Table]


def content() -> Tables:
    return tables(
        [establishment(ONE, activities=["mco", "had"], combined_activity=12.5), establishment(TWO, "94", "2A")],
        [
            application(ONE, 1, "dmp", filed_on=DAY, grant_eur=90_000),
            application(ONE, 2, "mss", "pending"),
            application(TWO, 4, "mss", "withdrawn"),
        ],
        [
            usage(ONE, 1, "dmp", "lettre_liaison", "attained") | {"threshold": 0.5, "numerator": 1, "denominator": 2},
            usage(ONE, 1, "dmp", "cr_imagerie", "missed"),
            usage(ONE, 2, "mss", "mss_pro", "not_evaluated"),
        ],
    )


def typed(rows: Tables) -> Arrow:
    return arrow((DAY, 1, rows))[2]


def plain(problem: object) -> str:
    return str(problem).replace("\u00a0", " ").replace("\u202f", " ")


def with_column(table: pa.Table, name: str, values: list[Any], type_: pa.DataType) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values, type_))


class TestColumns:
    @pytest.mark.parametrize("name", list(TABLES))
    def test_the_contract_itself_is_sound(self, name: str) -> None:
        table = typed(content())[name]
        assert column_problems(name, table.schema) == []
        assert conform(name, table) == table
        assert column_problems(name, TABLES[name].empty().schema) == []

    def test_an_unknown_a_missing_and_a_double_column(self) -> None:
        table = typed(content())["applications"]
        twice = table.append_column("window", table["window"])
        changed = twice.drop_columns(["decision"]).append_column("couleur", pa.array(["bleu"] * 3))
        assert [plain(problem) for problem in column_problems("applications", changed.schema, "a.parquet")] == [
            "a.parquet, colonne « couleur » : cette colonne n’est pas prévue par le contrat de données.",
            "a.parquet, colonne « window » : cette colonne est en double.",
            "a.parquet, colonne « decision » : cette colonne manque.",
        ]
        with pytest.raises(DataError) as error:
            conform("applications", changed, "a.parquet")
        assert len(error.value.problems) == 3

    @pytest.mark.parametrize(
        ("name", "column", "values", "type_"),
        [
            ("applications", "window", ["1", "2", "4"], pa.string()),
            ("applications", "window", [True, True, True], pa.bool_()),
            ("applications", "finess", [310000001, 310000001, 2], pa.int64()),
            ("applications", "filed_on", ["2024-06-30", None, None], pa.string()),
            ("establishments", "eligible", [1, 0], pa.int64()),
            ("establishments", "activities", ["mco|had", ""], pa.string()),
            ("establishments", "latitude", ["43,6", ""], pa.string()),
        ],
    )
    def test_another_kind_is_refused(self, name: str, column: str, values: list[Any], type_: pa.DataType) -> None:
        table = with_column(typed(content())[name], column, values, type_)
        (problem,) = column_problems(name, table.schema, "x.parquet")
        assert (problem.file, problem.column) == ("x.parquet", column)
        assert plain(problem).endswith(
            f": le type « {type_} » ne convient pas ; « {TABLES[name].schema.field(column).type} » est attendu."
        )

    @pytest.mark.parametrize(
        ("name", "column", "values", "type_"),
        [
            ("applications", "window", [1, 2, 4], pa.int64()),
            ("applications", "window", [1.0, 2.0, 4.0], pa.float64()),
            ("applications", "grant_eur", [90_000.0, None, None], pa.float64()),
            ("applications", "finess", [ONE, ONE, TWO], pa.large_string()),
            ("applications", "decision", ["accepted", "pending", "withdrawn"], pa.dictionary(pa.int32(), pa.string())),
            ("applications", "filed_on", [datetime(2024, 6, 30), None, None], pa.timestamp("ns")),
            ("applications", "filed_on", [DAY, None, None], pa.date64()),
            ("applications", "decided_on", [None, None, None], pa.null()),
            ("establishments", "combined_activity", [12.5, None], pa.float32()),
            ("establishments", "activities", [["mco", "had"], []], pa.large_list(pa.large_string())),
            ("usages", "threshold", [Decimal("0.5"), None, None], pa.decimal128(4, 2)),
            ("usages", "numerator", [1, None, None], pa.uint16()),
        ],
    )
    def test_another_width_holds_the_same_values(
        self, name: str, column: str, values: list[Any], type_: pa.DataType
    ) -> None:
        table = with_column(typed(content())[name], column, values, type_)
        assert column_problems(name, table.schema) == []
        conformed = conform(name, table)
        assert conformed.schema == TABLES[name].schema
        assert conformed.to_pylist() == typed(content())[name].to_pylist()

    def test_columns_in_another_order_are_put_in_order(self) -> None:
        table = typed(content())["usages"]
        shuffled = table.select(table.column_names[::-1])
        assert conform("usages", shuffled).to_pylist() == table.to_pylist()

    @pytest.mark.parametrize(
        ("values", "type_", "said"),
        [
            ([1.0, 2.5, 4.0], pa.float64(), "a.parquet, ligne 2, colonne « window », valeur « 2.5 »"),
            ([1, 2, 300], pa.int64(), "a.parquet, ligne 3, colonne « window », valeur « 300 »"),
        ],
    )
    def test_a_value_that_does_not_fit_has_its_place(self, values: list[Any], type_: pa.DataType, said: str) -> None:
        table = with_column(typed(content())["applications"], "window", values, type_)
        with pytest.raises(DataError) as error:
            conform("applications", table, "a.parquet")
        assert plain(error.value) == f"{said} : cette valeur n’a pas le type « int8 »."


def test_a_sound_snapshot_has_no_problem() -> None:
    assert row_problems(typed(content()), load_programme()) == []


def test_an_empty_snapshot_has_no_problem() -> None:
    assert row_problems(typed(tables([])), load_programme()) == []


def found(change: Callable[[Tables], None]) -> list[Problem]:
    rows = content()
    change(rows)
    return row_problems(typed(rows), load_programme())


RULES = [
    # table, row (from 0), column, value, what is said
    ("establishments", 1, "finess", "2a0000014", "la forme attendue est ^[0-9A-Z]{9}$."),
    ("establishments", 1, "finess", "", "la forme attendue est ^[0-9A-Z]{9}$."),
    ("establishments", 1, "finess", "2A0000014\n", "la forme attendue est ^[0-9A-Z]{9}$."),
    ("establishments", 0, "finess_ej", "31", "la forme attendue est ^[0-9A-Z]{9}$."),
    ("establishments", 0, "name", None, "une valeur est obligatoire."),
    ("establishments", 0, "level", "EX", "les valeurs possibles sont EJ, ET."),
    ("establishments", 0, "region_code", "Occitanie", r"la forme attendue est ^\d{2}$."),
    ("establishments", 1, "department_code", "20", None),
    ("establishments", 1, "department_code", "2C", r"la forme attendue est ^(\d{2}|2[AB]|9[78]\d)$."),
    ("establishments", 1, "department_code", "974", None),
    ("establishments", 1, "commune_code", "3155", r"la forme attendue est ^(|\d[0-9AB]\d{3})$."),
    ("establishments", 1, "commune_code", "2A004", None),
    ("establishments", 1, "legal_status", "privé", "les valeurs possibles sont public, espic, private."),
    ("establishments", 0, "activities", None, "une valeur est obligatoire."),
    ("establishments", 0, "combined_activity", -1.0, "la valeur doit être d’au moins 0."),
    ("establishments", 0, "combined_activity", float("nan"), "un nombre fini est attendu."),
    ("establishments", 0, "combined_activity", 0.0, None),
    ("establishments", 0, "latitude", 90.5, "la valeur doit être d’au plus 90."),
    ("establishments", 0, "longitude", -181.0, "la valeur doit être d’au moins −180."),
    ("establishments", 0, "location_source", "gps", "les valeurs possibles sont register, commune, none."),
    ("establishments", 0, "eligible", None, "une valeur est obligatoire."),
    ("applications", 2, "window", 5, "les valeurs possibles sont 1, 2, 3, 4."),
    ("applications", 2, "volet", "dpm", "les valeurs possibles sont dmp, mss."),
    ("applications", 1, "decision", "Accepté", "les valeurs possibles sont pending, accepted, rejected, withdrawn."),
    ("applications", 1, "decision", None, "une valeur est obligatoire."),
    ("applications", 0, "grant_eur", -1, "la valeur doit être d’au moins 0."),
    ("applications", 0, "grant_eur", 10**12 + 1, "la valeur doit être d’au plus 1 000 000 000 000."),
    (
        "usages",
        1,
        "indicator",
        "lettre",
        "les valeurs possibles sont lettre_liaison, ordonnance_sortie, cr_operatoire,",
    ),
    ("usages", 1, "numerator", -3, "la valeur doit être d’au moins 0."),
    ("usages", 1, "denominator", 0, None),
    ("usages", 1, "threshold", 70.0, "la valeur doit être d’au plus 1."),
    ("usages", 1, "status", "atteint", "les valeurs possibles sont not_evaluated, attained, missed."),
]


@pytest.mark.parametrize(("table", "index", "column", "value", "said"), RULES)
def test_each_rule_says_row_column_and_value(table: str, index: int, column: str, value: Any, said: str | None) -> None:
    rows = content()
    rows[table][index][column] = value
    problems = [p for p in row_problems(typed(rows), load_programme()) if p.column == column and p.file == table]
    if said is None:
        assert problems == []
        return
    (problem,) = problems
    assert problem.line == index + 1
    assert problem.value == ("vide" if value is None else str(value))
    assert plain(problem.message).startswith(said)
    assert plain(problem).startswith(f"{table}, ligne {index + 1}, colonne « {column} », valeur «")


def test_an_indicator_of_another_volet() -> None:
    (problem,) = found(lambda rows: rows["usages"][0].update(indicator="mss_pro"))
    assert plain(problem) == (
        "usages, ligne 1, colonne « indicator », valeur « mss_pro » : cet indicateur est d’un autre volet."
    )


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("establishments", establishment(TWO), f"colonne « finess », valeur « {TWO} » : cette clé apparaît 2 fois."),
        (
            "applications",
            application(ONE, 1, "dmp", "rejected"),
            f"colonne « finess, window, volet », valeur « {ONE}, 1, dmp » : cette clé apparaît 2 fois.",
        ),
        (
            "usages",
            usage(ONE, 2, "mss", "mss_pro", "missed"),
            f"colonne « finess, window, volet, indicator », valeur « {ONE}, 2, mss, mss_pro » : "
            "cette clé apparaît 2 fois.",
        ),
    ],
)
def test_a_key_twice(table: str, row: Row, said: str) -> None:
    (problem,) = found(lambda rows: rows[table].append(row))
    assert plain(problem) == f"{table}, {said}"


def test_the_same_dossier_in_another_volet_or_window_is_another_row() -> None:
    more = [application(ONE, 1, "mss"), application(ONE, 3, "dmp")]
    assert found(lambda rows: rows["applications"].extend(more)) == []


def test_an_application_without_establishment() -> None:
    (problem,) = found(lambda rows: rows["applications"].append(application("990000001", 1, "dmp")))
    assert plain(problem) == (
        "applications, ligne 4, colonne « finess », valeur « 990000001 » : "
        "aucune ligne de « établissements » ne porte cette clé."
    )


def test_a_usage_without_application() -> None:
    (problem,) = found(lambda rows: rows["usages"].append(usage(TWO, 4, "dmp", "cr_biologie", "missed")))
    assert plain(problem) == (
        f"usages, ligne 4, colonne « finess, window, volet », valeur « {TWO}, 4, dmp » : "
        "aucune ligne de « candidatures » ne porte cette clé."
    )


def test_everything_wrong_is_told_at_once() -> None:
    def change(rows: Tables) -> None:
        rows["establishments"][0]["level"] = "EX"
        rows["applications"][1]["decision"] = "oui"
        rows["usages"][2]["status"] = "non"

    assert [(p.file, p.line, p.column) for p in found(change)] == [
        ("establishments", 1, "level"),
        ("applications", 2, "decision"),
        ("usages", 3, "status"),
    ]


def test_defaults_are_valid() -> None:
    """What an import puts in an empty cell must not be refused afterwards."""
    for table in TABLES.values():
        for column in table.columns:
            if column.default is None:
                continue
            assert not column.choices or column.default in column.choices
            assert pa.array([column.default], column.type).null_count == 0
