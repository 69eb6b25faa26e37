"""Who may change what: the table of rights, and editors of a region, who change nothing of anybody else's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes import snapshots
from sunes.access.journal import What
from sunes.access.people import VISITOR, ForbiddenError, Person, Role
from sunes.access.rights import Deed, may, own_regions, require, signed
from sunes.errors import DataError, UsageError
from sunes.french import day
from sunes.ingest import InputFile, Prepared, prepare, publish, territory
from sunes.programme import load_programme
from sunes.publishing import StoreBusyError
from sunes.snapshots import Snapshot, Store
from tests.people import ADMINISTRATOR, EVERYBODY, HERE, IDF, NATIONAL, OCCITANIE, READER, REGIONAL
from tests.test_importing import AS_OF, BEFORE, applications, plain, usages

PROGRAMME = load_programme()
HEADER = "finess,name,legal_status,department_code\n"
# The first three are of Occitanie (31), the others of Île-de-France (75).
OURS, THEIRS = [f"99000000{number}" for number in (1, 2, 3)], [f"99000000{number}" for number in (4, 5, 6)]
DEPARTMENT = dict.fromkeys(OURS, "31") | dict.fromkeys(THEIRS, "75")
NOBODYS = replace(REGIONAL, regions=frozenset())

MAY = {
    Deed.IMPORT: {Role.REGIONAL_EDITOR, Role.NATIONAL_EDITOR, Role.ADMINISTRATOR},
    Deed.PUBLISH: {Role.REGIONAL_EDITOR, Role.NATIONAL_EDITOR, Role.ADMINISTRATOR},
    Deed.WITHDRAW: {Role.NATIONAL_EDITOR, Role.ADMINISTRATOR},
    Deed.RESTORE: {Role.NATIONAL_EDITOR, Role.ADMINISTRATOR},
    Deed.READ_JOURNAL: {Role.ADMINISTRATOR},
}


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return filled(tmp_path)


def register(departments: dict[str, str], name: str = "Clinique") -> str:
    return HEADER + "".join(f"{finess},{name} {finess[-1]},public,{code}\n" for finess, code in departments.items())


def look(store: Store, by: Person, as_of: object = AS_OF, **texts: str) -> Prepared:
    files = {
        "establishments" if name == "register" else name: [InputFile(f"{name}.csv", text.encode())]
        for name, text in texts.items()
    }
    return prepare(store, PROGRAMME, files, as_of=as_of, by=by)  # type: ignore[arg-type]


def filled(folder: Path) -> Store:
    """A store of two regions, published by somebody who may."""
    store = Store(folder)
    everybody = [*OURS, *THEIRS]
    made = look(
        store,
        NATIONAL,
        BEFORE,
        register=register(DEPARTMENT),
        applications=applications(everybody),
        usages=usages(everybody),
    )
    publish(store, PROGRAMME, made, by=NATIONAL)
    return store


def content(store: Store) -> dict[str, list[dict[str, object]]]:
    return {name: table.to_pylist() for name, table in snapshots.read(store.resolve()).items()}


def of(numbers: list[str], tables: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    return {name: sorted((r for r in rows if r["finess"] in numbers), key=repr) for name, rows in tables.items()}


def done(store: Store, what: What) -> list[tuple[str, str]]:
    return [(entry.who, entry.about) for entry in store.journal.read(ADMINISTRATOR).entries if entry.what == what]


# The table -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
@pytest.mark.parametrize("deed", Deed)
def test_who_may_do_what(person: Person, deed: Deed) -> None:
    assert may(person, deed) is (person.role in MAY[deed])
    if may(person, deed):
        require(person, deed)
    else:
        with pytest.raises(ForbiddenError) as refused:
            require(person, deed)
        assert str(refused.value).count("\n") == 0


def test_a_regional_editor_without_a_region_may_nothing() -> None:
    assert not may(NOBODYS, Deed.IMPORT)
    with pytest.raises(ForbiddenError, match="aucune région ne vous est attribuée"):
        require(NOBODYS, Deed.PUBLISH)
    with pytest.raises(ForbiddenError, match="éditeur régional"):
        require(NOBODYS, Deed.WITHDRAW)


def test_regions_bind_regional_editors_only() -> None:
    assert own_regions(REGIONAL) == frozenset({OCCITANIE})
    assert own_regions(replace(NATIONAL, regions=frozenset({IDF}))) is None


def test_who_signed_in_does_not_choose_their_name() -> None:
    assert signed(REGIONAL, "Quelqu’un d’autre").name == "Une éditrice d’Occitanie"
    assert signed(ADMINISTRATOR, "Quelqu’un d’autre").name == ""  # an address is for the journal
    assert signed(HERE, " Une direction ").name == "Une direction"


ACTS: dict[Deed, Callable[[Store, Person], object]] = {
    Deed.IMPORT: lambda store, by: look(store, by, register=register({OURS[0]: "31"})),
    Deed.PUBLISH: lambda store, by: publish(
        store, PROGRAMME, look(store, NATIONAL, register=register(DEPARTMENT)), by=by, without_rejected=True
    ),
    Deed.WITHDRAW: lambda store, by: store.withdraw("latest", "essai", by),
    Deed.RESTORE: lambda store, by: store.restore("2024-05-31", by),
    Deed.READ_JOURNAL: lambda store, by: store.journal.read(by),
}


@pytest.mark.parametrize("person", [*EVERYBODY, NOBODYS], ids=lambda each: f"{each.role.value}-{len(each.regions)}")
@pytest.mark.parametrize("deed", Deed)
def test_the_functions_themselves_refuse_and_the_journal_tells(store: Store, deed: Deed, person: Person) -> None:
    if deed is Deed.RESTORE:
        store.withdraw("latest", "essai", NATIONAL)
    before = store.snapshots(withdrawn=True), store.withdrawals()
    if may(person, deed):
        ACTS[deed](store, person)
        assert not done(store, What.REFUSED)
        return

    with pytest.raises(ForbiddenError):
        ACTS[deed](store, person)

    assert (store.snapshots(withdrawn=True), store.withdrawals()) == before
    assert [who for who, _ in done(store, What.REFUSED)] == ([] if person is VISITOR else [person.id])


# Editors of a region -------------------------------------------------------------------------------------------------


def test_a_region_is_completed_and_all_others_are_carried_over(store: Store) -> None:
    before = content(store)
    made = look(
        store,
        REGIONAL,
        register=register({OURS[0]: "31", "990000009": "31"}, "Maison"),
        usages=usages(OURS[:1], "missed"),
    )

    report = publish(store, PROGRAMME, made, by=REGIONAL, confirmed=True)

    after = content(store)
    assert of(THEIRS, after) == of(THEIRS, before)
    assert of(OURS[1:], after) == of(OURS[1:], before), "what is not given stays: nothing is removed"
    assert [row["name"] for row in of([OURS[0], "990000009"], after)["establishments"]] == ["Maison 1", "Maison 9"]
    assert set(report.completed) == {"establishments", "usages"}
    assert report.snapshot is not None
    assert report.snapshot.manifest.published_by == "Une éditrice d’Occitanie"
    assert done(store, What.PUBLISHED)[0] == (REGIONAL.id, "2024-06-30~1")


def test_lines_of_other_regions_are_rejected_with_their_sentence(store: Store) -> None:
    made = look(
        store,
        REGIONAL,
        register=register({OURS[0]: "31", THEIRS[0]: "75", "990000009": "75"}),
        applications=applications([OURS[0], THEIRS[1], "990000009"]),
        usages=usages([THEIRS[2]]),
    )

    problems = made.report.problems
    told = [(problem.file, problem.line, problem.value) for problem in problems]
    assert sorted(told) == sorted(
        [
            ("register.csv", 3, THEIRS[0]),
            ("register.csv", 4, "990000009"),
            ("applications.csv", 3, THEIRS[1]),
            ("applications.csv", 4, "990000009"),
            ("usages.csv", 2, THEIRS[2]),
            ("usages.csv", 3, THEIRS[2]),
        ]
    )
    expected = "est d’une autre région (Île-de-France) : votre rôle ne permet d’importer que pour Occitanie"
    assert all(expected in plain(problem.message) for problem in problems)
    with pytest.raises(DataError, match="autre région"):
        publish(store, PROGRAMME, made, by=REGIONAL)
    before = content(store)
    publish(store, PROGRAMME, made, by=REGIONAL, without_rejected=True, confirmed=True)
    assert of(THEIRS, content(store)) == of(THEIRS, before)


@pytest.mark.parametrize(("finess", "department"), [(THEIRS[0], "31"), (OURS[0], "75")])
def test_no_establishment_changes_region(store: Store, finess: str, department: str) -> None:
    made = look(store, REGIONAL, register=register({finess: department}))

    assert [problem.value for problem in made.report.problems] == [finess]
    assert sorted(map(repr, made.tables["establishments"].to_pylist())) == sorted(
        map(repr, content(store)["establishments"])
    )


@pytest.mark.parametrize(
    ("finess", "elsewhere"),
    [
        ("750000123", "Île-de-France"),
        ("2A0000123", "Corse"),
        ("970400123", "La Réunion"),
        ("980500123", "Mayotte"),
        ("310000123", ""),
        ("090000123", ""),
        ("970500123", ""),
    ],
)
def test_no_new_establishment_takes_a_number_of_another_region(store: Store, finess: str, elsewhere: str) -> None:
    made = look(
        store,
        REGIONAL,
        register=f"{HEADER[:-1]},finess_ej\n{finess},Clinique,public,31,750000999\n",
        applications=applications([finess]),
    )

    told = [(plain(problem.message), problem.line, problem.value) for problem in made.report.problems]
    sentence = (
        f"ce numéro commence comme ceux d’une autre région ({elsewhere}) ; corrigez-le, ou demandez à un éditeur "
        "national d’ajouter cet établissement."
    )
    assert told == ([(sentence, 2, finess)] if elsewhere else [])
    for name in ("establishments", "applications"):
        assert (finess in made.tables[name].column("finess").to_pylist()) is (not elsewhere)


def test_whom_a_national_editor_added_under_such_a_number_is_theirs(store: Store) -> None:
    text = register({"750000123": "31"})
    added = prepare(
        store,
        PROGRAMME,
        {"establishments": [InputFile("register.csv", text.encode())]},
        as_of=AS_OF,
        by=NATIONAL,
        complete=["establishments"],
    )
    with pytest.raises(ForbiddenError, match="autres régions"):
        publish(store, PROGRAMME, added, by=REGIONAL, confirmed=True)
    publish(store, PROGRAMME, added, by=NATIONAL, confirmed=True)

    made = look(store, REGIONAL, AS_OF + timedelta(1), register=register({"750000123": "31"}, "Maison"))
    assert made.report.problems == ()
    publish(store, PROGRAMME, made, by=REGIONAL, confirmed=True)
    assert [row["name"] for row in of(["750000123"], content(store))["establishments"]] == ["Maison 3"]


def test_there_has_to_be_a_real_situation_to_complete(tmp_path: Path) -> None:
    empty = Store(tmp_path / "vide")
    made = look(empty, REGIONAL, register=register({OURS[0]: "31"}))
    assert "pas de situation réelle à compléter" in str(made.report.blocking[0])

    simulated = Store(tmp_path / "simulé")
    tables = snapshots.read(filled(tmp_path / "autre").resolve())
    simulated.publish(BEFORE, tables, simulated=True)
    made = look(simulated, REGIONAL, register=register({OURS[0]: "31"}), applications=applications(OURS[:1]))
    assert "est simulée" in str(made.report.blocking[0])
    unchecked = replace(made, report=replace(made.report, blocking=()))
    with pytest.raises(ForbiddenError):
        publish(simulated, PROGRAMME, unchecked, by=REGIONAL, without_rejected=True, confirmed=True)
    assert len(simulated.snapshots()) == 1


def test_what_has_to_be_confirmed_is_only_about_their_own(store: Store) -> None:
    late = f"{OURS[0]},1,mss,accepted,2021-11-15,2021-12-01\n{THEIRS[0]},1,mss,accepted,2021-11-15,2021-12-01\n"
    everything = applications([*OURS, *THEIRS], more=late)
    made = look(store, NATIONAL, BEFORE, applications=everything)
    publish(store, PROGRAMME, made, by=NATIONAL, confirmed=True)

    cautions = look(store, REGIONAL, register=register({OURS[0]: "31"})).report.cautions

    assert cautions
    assert not [about for caution in cautions for about in caution.about if any(n in about for n in THEIRS)]


# Between reading and publishing --------------------------------------------------------------------------------------


def test_rights_are_those_of_the_moment_of_publishing(store: Store) -> None:
    made = look(store, REGIONAL, register=register({OURS[0]: "31"}, "Maison"))

    for since in (READER, VISITOR, NOBODYS, replace(REGIONAL, regions=frozenset({IDF}))):
        with pytest.raises(ForbiddenError):
            publish(store, PROGRAMME, made, by=since, confirmed=True)
    assert len(store.snapshots()) == 1


def test_what_a_national_editor_prepared_is_not_a_regional_one_s_to_publish(store: Store) -> None:
    made = look(store, NATIONAL, register=register(DEPARTMENT | {"990000009": "75"}))

    with pytest.raises(ForbiddenError, match="autres régions"):
        publish(store, PROGRAMME, made, by=REGIONAL, confirmed=True)

    assert len(store.snapshots()) == 1
    assert done(store, What.REFUSED) == [(REGIONAL.id, "publier des lignes d’autres régions : 2024-06-30")]


def test_others_that_were_corrected_meanwhile_are_not_set_back(store: Store) -> None:
    made = look(store, REGIONAL, register=register({OURS[0]: "31"}, "Maison"))
    correction = look(store, NATIONAL, BEFORE, register=register(DEPARTMENT, "Hôpital"))
    publish(store, PROGRAMME, correction, by=NATIONAL)

    with pytest.raises(ForbiddenError, match="vérifiez de nouveau"):
        publish(store, PROGRAMME, made, by=REGIONAL, confirmed=True)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something happen once, after all that `ingest.publish` looks at by itself, just before the store's turn."""
    original = Store.publish

    def late(self: Store, *args: Any, **options: Any) -> Snapshot:
        monkeypatch.setattr(Store, "publish", original)
        act()
        return original(self, *args, **options)

    monkeypatch.setattr(Store, "publish", late)


@pytest.mark.parametrize("days", [0, 1], ids=["a correction", "a day in between"])
def test_what_is_published_at_the_same_instant_is_not_set_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    made = look(store, REGIONAL, register=register({OURS[0]: "31"}, "Maison"))
    correction = look(store, NATIONAL, BEFORE + timedelta(days), register=register(DEPARTMENT, "Hôpital"))
    meanwhile(monkeypatch, lambda: publish(store, PROGRAMME, correction, by=NATIONAL))

    with pytest.raises(ForbiddenError, match="vérifiez de nouveau"):
        publish(store, PROGRAMME, made, by=REGIONAL, confirmed=True)

    assert {row["name"] for row in content(store)["establishments"]} == {f"Hôpital {n}" for n in range(1, 7)}
    assert done(store, What.REFUSED) == [(REGIONAL.id, "publier des lignes d’autres régions : 2024-06-30")]
    again = look(store, REGIONAL, register=register({OURS[0]: "31"}, "Maison"))
    assert publish(store, PROGRAMME, again, by=REGIONAL, confirmed=True).snapshot


def test_neither_is_what_a_colleague_of_the_same_region_or_a_national_editor_carries_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = look(store, REGIONAL, register=register({OURS[0]: "31"}, "Maison"))
    everybody_s = look(store, NATIONAL, usages=usages([*OURS, *THEIRS]))
    correction = look(store, REGIONAL, BEFORE, register=register({OURS[1]: "31"}, "Foyer"))
    meanwhile(monkeypatch, lambda: publish(store, PROGRAMME, correction, by=REGIONAL))

    for made, by in ((ours, REGIONAL), (everybody_s, NATIONAL)):
        with pytest.raises(StoreBusyError, match="corrigée, retirée ou suivie d’une autre entre-temps"):
            publish(store, PROGRAMME, made, by=by, confirmed=True)

    assert store.resolve().as_of == BEFORE
    assert [row["name"] for row in of(OURS[1:2], content(store))["establishments"]] == ["Foyer 2"]


# How files are read --------------------------------------------------------------------------------------------------


def test_only_who_answers_for_all_regions_says_how_everybody_s_files_are_read(store: Store) -> None:
    def given(by: Person, numbers: list[str], days: int, said: dict[str, str] | None = None) -> Prepared:
        rows = "".join(f"{finess},Vrai,Faux,public,{DEPARTMENT[finess]}\n" for finess in numbers)
        text = f"finess,raison sociale,libellé court,statut,département\n{rows}"
        return prepare(
            store,
            PROGRAMME,
            {"establishments": [InputFile("register.csv", text.encode())]},
            as_of=AS_OF + timedelta(days),
            by=by,
            said={"register.csv": said} if said else None,
        )

    publish(store, PROGRAMME, given(REGIONAL, OURS, 0, {"name": "libellé court"}), by=REGIONAL, confirmed=True)
    assert [row["name"] for row in of(OURS, content(store))["establishments"]] == ["Faux"] * 3
    made = given(NATIONAL, [*OURS, *THEIRS], 1)
    assert set(made.tables["establishments"].column("name").to_pylist()) == {"Vrai"}
    assert not [note for note in made.report.notes if "colonnes reprises" in note]

    publish(
        store, PROGRAMME, given(NATIONAL, [*OURS, *THEIRS], 1, {"name": "libellé court"}), by=NATIONAL, confirmed=True
    )
    for by, numbers in ((NATIONAL, [*OURS, *THEIRS]), (REGIONAL, OURS)):
        made = given(by, numbers, 2)
        assert {row["name"] for row in made.tables["establishments"].to_pylist()} >= {"Faux"}
        assert [plain(note) for note in made.report.notes if "colonnes reprises" in note] == [
            f"register.csv : colonnes reprises de l’import du {plain(day(date.today()))} : "
            "« Nom » lu dans « libellé court »."
        ]


# Whatever they do ----------------------------------------------------------------------------------------------------

_FINESS = st.sampled_from([*OURS, *THEIRS, "990000008", "990000009", "310000123", "750000123"])
_DEPARTMENTS = st.sampled_from(["31", "75", "2A", "99", ""])


@st.composite
def given_files(draw: st.DrawFn) -> dict[str, str]:
    rows = draw(st.lists(st.tuples(_FINESS, _DEPARTMENTS, st.sampled_from(["A", "=B"])), max_size=5))
    applied = draw(st.lists(st.tuples(_FINESS, st.sampled_from(["accepted", "refused", "perhaps"])), max_size=4))
    used = draw(st.lists(st.tuples(_FINESS, st.sampled_from(["attained", "missed"])), max_size=4))
    texts = {
        "register": HEADER + "".join(f"{finess},{name},public,{code}\n" for finess, code, name in rows),
        "applications": "finess,window,volet,decision\n" + "".join(f"{f},1,dmp,{d}\n" for f, d in applied),
        "usages": "finess,window,volet,indicator,status\n"
        + "".join(f"{finess},1,dmp,lettre_liaison,{status}\n" for finess, status in used),
    }
    kept = draw(st.sets(st.sampled_from(sorted(texts)), min_size=1))
    return {name: text for name, text in texts.items() if name in kept}


@settings(max_examples=40, deadline=None)
@given(files=given_files())
def test_no_file_changes_anything_of_another_region(files: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        store = filled(Path(folder))
        before = content(store)

        try:
            publish(
                store,
                PROGRAMME,
                look(store, REGIONAL, **files),
                by=REGIONAL,
                without_rejected=True,
                confirmed=True,
            )
        except (DataError, UsageError):
            assert len(store.snapshots()) == 1
        after = content(store)
        kept = {name: [row for row in rows if row["finess"] in THEIRS] for name, rows in after.items()}
        assert of(THEIRS, kept) == of(THEIRS, before)
        strangers = {row["finess"] for row in after["establishments"] if row["region_code"] != OCCITANIE}
        assert strangers == set(THEIRS)
        assert "750000123" not in {row["finess"] for row in after["establishments"]}
        assert {row["finess"] for rows in after.values() for row in rows} <= {
            row["finess"] for row in after["establishments"]
        }


@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(["establishments", "applications", "usages"]),
    how=st.sampled_from(["drop", "change", "add", "take"]),
    place=st.integers(0, 2),
)
def test_publishing_refuses_tables_in_which_another_region_is_not_what_it_was(name: str, how: str, place: int) -> None:
    with TemporaryDirectory() as folder:
        store = filled(Path(folder))
        made = look(store, REGIONAL, register=register({OURS[0]: "31"}))
        rows = made.tables[name].to_pylist()
        index = next(i for i, row in enumerate(rows) if row["finess"] == THEIRS[place])
        text = {"establishments": "name", "applications": "decision", "usages": "status"}[name]
        if how == "drop":
            del rows[index]
        elif how == "add":
            rows.append(rows[index] | {"finess": "990000009"})
        elif how == "take":
            rows[index]["finess"] = OURS[place]
        else:
            rows[index][text] = {"name": "Autre", "decision": "refused", "status": "missed"}[text]
        tampered = pa.Table.from_pylist(rows, schema=made.tables[name].schema)

        tables = {**made.tables, name: tampered}

        with pytest.raises(ForbiddenError):
            territory.ensure_untouched(snapshots.read(store.resolve()), tables, REGIONAL.regions)
        with pytest.raises((ForbiddenError, DataError)):  # some of them break the contract first
            publish(store, PROGRAMME, replace(made, tables=tables), by=REGIONAL, confirmed=True)
        assert len(store.snapshots()) == 1
