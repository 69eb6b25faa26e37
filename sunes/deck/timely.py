"""The programme over time: attainment snapshot by snapshot, and what changed since the one before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from sunes import french
from sunes.deck import native
from sunes.deck.comparing import scope
from sunes.deck.facts import Facts
from sunes.deck.slide import Chart, Frame, Listing, Slide
from sunes.figures import history, timeline
from sunes.figures.palette import Theme
from sunes.insights import changes as insights
from sunes.insights import progress as insights_progress
from sunes.insights import progress_findings
from sunes.insights.changes import KIND_WORDS, Change
from sunes.insights.key_figures import KeyFigure
from sunes.metrics import Answer, Row
from sunes.programme import Programme
from sunes.roster import withheld_said
from sunes.tables import readable

# As many moments as an audience follows, and as many bars as a slide holds.
MOMENTS = 16
_BARS = 6
_CHANGES = 10
_LONGEST = 60  # characters of a name in a narrow cell


def progress(facts: Facts, _of: str, theme: Theme) -> Slide | None:
    """Accepted and attained establishments going through the snapshots; many regions go together.

    None while no establishment was ever accepted.
    """
    if not facts.regions:
        return None
    over_time, names = _followed(facts)
    days = list(dict.fromkeys(row["snapshot"] for row in over_time.rows))
    scale = insights_progress.largest(over_time)
    if not scale:
        return None

    def drawn(day: str) -> Frame:
        now = over_time.only(snapshot=day)
        figure = timeline.standings(now, facts.programme, names, scale, theme.charts)
        return Frame(french.day(date.fromisoformat(day)), figure)

    frames = tuple(map(drawn, chosen(days)))
    now = over_time.only(snapshot=days[-1])
    territories = [(name if len(names) > 1 else "", over_time.only(region=code)) for code, name in names.items()]
    title = _finding(over_time, days)
    chart = Chart(
        name="temps",
        title=title,
        figure=frames[-1].figure,
        native=native.courses(territories, facts.programme, theme.charts),
        description=progress_findings.describe_replay(now, facts.programme, names),
        plain_description=_lines_described(territories, days, facts.programme),
        records=_records(over_time, names, facts),
        frames=frames if len(frames) > 1 else (),
    )
    return Slide(
        id="temps",
        kind="progress",
        kicker="Au fil du temps",
        title=title,
        paragraphs=tuple(filter(None, (scope(facts),))),
        visuals=(chart,),
        page="fenetres",
        view=facts.view,
    )


def _lines_described(territories: Sequence[tuple[str, Answer]], days: Sequence[str], programme: Programme) -> str:
    """The lines of the plain series in words."""
    first, last = (french.day(date.fromisoformat(days[end])) for end in (0, -1))
    said = [
        history.span(
            f"{name}, volet {volet.number}" if name else f"volet {volet.number}",
            "attainment_rate",
            answer.only(volet=volet.id).rows,
        )
        for name, answer in territories
        for volet in programme.volets
        if answer.only(volet=volet.id).rows
    ]
    return french.typographic(f"Courbes de l’atteinte du {first} au {last} : {' ; '.join(said)}.")


def chosen(days: Sequence[str]) -> list[str]:
    """At most MOMENTS of them at even distances, the first and the last ones always."""
    if len(days) <= MOMENTS:
        return list(days)
    return [days[round(rank * (len(days) - 1) / (MOMENTS - 1))] for rank in range(MOMENTS)]


def _followed(facts: Facts) -> tuple[Answer, Mapping[str, str]]:
    """Attainment by snapshot, region and volet, with the names; of more regions than a slide holds, all together."""
    by_region = facts.history(("region", "volet"))
    volets = 1 if facts.view.volet else len(facts.programme.volets)
    if len(facts.regions) * volets <= _BARS:
        rows = tuple(row for row in by_region.rows if row["region"] in facts.regions)
        return Answer(by_region.view, by_region.by, rows), {code: facts.region_name(code) for code in facts.regions}
    whole = facts.history(("volet",))
    rows = tuple({**row, "region": ""} for row in whole.rows)
    return Answer(whole.view, by_region.by, rows), {"": f"Les {len(facts.regions)} régions ensemble"}


def _finding(over_time: Answer, days: Sequence[str]) -> str:
    """How many targets are reached, and since when the first of them has been."""
    now = over_time.only(snapshot=days[-1])
    said = progress_findings.replay_finding(now)
    reached = [since for row in now.rows if (since := _reached_since(row, over_time))]
    if not reached or min(reached) == days[0]:
        return said
    first = "la première " if len(reached) > 1 else ""
    return f"{said}, {first}depuis {french.month(date.fromisoformat(min(reached)))}"


def _reached_since(last: Row, over_time: Answer) -> str | None:
    """The snapshot from which on a target has been reached; None while it is not."""
    since = None
    for row in reversed(over_time.only(region=last["region"], volet=last["volet"]).rows):
        if not row["accepted"] or row["gap_establishments"] != 0:
            break
        since = row["snapshot"]
    return since


def _records(over_time: Answer, names: Mapping[str, str], facts: Facts) -> list[dict[str, str]]:
    made = readable(over_time, timeline.COLUMNS, facts.definitions, facts.programme)
    return [{**record, "Région": names[row["region"]]} for record, row in zip(made, over_time.rows, strict=True)]


# Since the snapshot before -------------------------------------------------------------------------------------------


def changes(facts: Facts, _of: str, _theme: Theme) -> Slide | None:
    """Which establishments moved since the previous snapshot; None for the first one."""
    if facts.previous is None:
        return None
    since = french.day(facts.previous.as_of)
    found = facts.changes(facts.previous.id)
    moved = found.moved
    several = len({kind for _, kind in found.counts}) > 1
    if not moved:
        title = f"Aucun établissement n’a changé d’état depuis le {since}"
    else:
        verb = "a" if moved == 1 else "ont"
        title = f"{french.count(moved, 'établissement')} {verb} bougé depuis le {since}"
    return Slide(
        id="changements",
        kind="changes",
        kicker="Ce qui a changé",
        title=title,
        paragraphs=tuple(
            filter(
                None,
                ("" if several else insights.summary(found.counts, facts.programme), withheld_said(found.withheld)),
            )
        ),
        figures=_counts(found.counts, facts) if several else (),
        visuals=(_listing(found.told, facts),) if found.told else (),
        page="",
        view=facts.view,
    )


def _counts(found: insights.Counts, facts: Facts) -> tuple[KeyFigure, ...]:
    """How many establishments moved in which way, those ways that move the figures most first."""
    counted: Counter[insights.Kind] = Counter()
    for (_, kind), number in found.items():
        counted[kind] += number
    return tuple(
        KeyFigure(
            f"{KIND_WORDS[kind][count > 1][0].upper()}{KIND_WORDS[kind][count > 1][1:]}",
            french.number(count),
            _by_volet({volet: number for (volet, each), number in found.items() if volet and each is kind}, facts),
        )
        for kind, count in sorted(counted.items(), key=lambda item: list(insights.Kind).index(item[0]))[:4]
    )


def _by_volet(found: Mapping[str, int], facts: Facts) -> str:
    numbers = {facts.programme.volet(volet).number: number for volet, number in found.items()}
    return french.join([f"{french.number(count)} au volet {number}" for number, count in sorted(numbers.items())])


def _listing(found: tuple[Change, ...], facts: Facts) -> Listing:
    placed = any(change.line.establishment["commune_name"] for change in found[:_CHANGES])
    shown = [
        {
            "Établissement": cut(record["Établissement"]),
            **({"Commune": cut(record["Commune"])} if placed else {}),
            "Changement": french.typographic(" : ".join(filter(None, (record["Volet"], record["Changement"])))),
        }
        for record in insights.records(found[:_CHANGES], facts.programme)
    ]
    whole = french.count(len(found), "changement")
    title = f"{_CHANGES} premiers changements sur {french.number(len(found))}" if len(found) > len(shown) else whole
    return Listing("changements", title, shown)


def cut(text: str, most: int = _LONGEST) -> str:
    """A text with its end left out where it is longer than a slide holds."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
