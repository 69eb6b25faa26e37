"""How départements differ: those that stand out, and what chance alone explains."""

from sunes import french
from sunes.deck import native
from sunes.deck.comparing import answer, rates, scope
from sunes.deck.facts import Facts
from sunes.deck.slide import Chart, Records, Slide
from sunes.figures import comparison as figures
from sunes.figures import variation as spreads
from sunes.figures.palette import Theme
from sunes.insights import comparison, variation
from sunes.insights.comparison import Rate, Standing
from sunes.insights.variation import Judged, Spread, Verdict
from sunes.metrics import Row

# As many départements as a slide shows, and as many names as one of its sentences.
_MOST = 8
_NAMED = 6

_FUNNEL = french.typographic(
    "Chaque point est un département. Entre les limites, l’écart à l’ensemble est de ceux que le hasard produit ; "
    "elles s’ouvrent quand l’effectif est petit."
)
_NOBODY = "Aucun ne s’écarte de l’ensemble plus que le hasard ne l’expliquerait."
_REGIONAL = french.typographic(
    "La cible est celle de la région : comptée dans chaque département, elle situe le retard et n’en juge aucun."
)


def funnel(facts: Facts, _of: str, theme: Theme) -> Slide | None:
    """Size against rate, with the limits of chance; where there are too few départements, why there is no chart."""
    if not facts.regions:
        return None
    spread = _spread(facts, rates(facts)[-1 if facts.view.volet else 0])
    enough = len(spread.judged) > 1
    return Slide(
        id="hasard",
        kind="funnel",
        kicker="Écarts entre départements",
        title=variation.finding(spread) if enough else "Trop peu de départements pour parler de hasard",
        paragraphs=tuple(filter(None, (_FUNNEL, _chance(spread)))) if enough else (variation.too_few(spread),),
        visuals=(_funnel(spread, theme),) if enough else (),
        page="regions",
        view=facts.view,
    )


def _funnel(spread: Spread, theme: Theme) -> Chart:
    return Chart(
        name=f"hasard-{spread.rate.id}",
        title=variation.finding(spread),
        # The names of the limits, in letters wider than those of a page.
        figure=spreads.funnel(spread, theme.charts, width=870, height=340, right=132),
        native=native.funnel(spread, theme.charts),
        description=spreads.describe_funnel(spread),
        records=variation.records(spread),
    )


def _spread(facts: Facts, rate: Rate) -> Spread:
    overall = comparison.overall(rate, answer(facts, rate))
    departments = comparison.standings(rate, answer(facts, rate, "region", "department"), facts.programme)
    return variation.spread(rate, overall, departments)


def _chance(spread: Spread) -> str:
    """Who differs from the whole more than chance would explain or, if nobody does, who perhaps does; or ""."""
    for verdict, heading in (
        (Verdict.DIFFERENT, "Plus que le hasard"),
        (Verdict.PERHAPS, "Peut-être plus que le hasard"),
    ):
        found = sorted(spread.of(verdict), key=lambda each: each.rate)
        if len(found) > _NAMED:
            return french.typographic(f"{heading} : {len(found)} départements sur {len(spread.judged)}.")
        if found:
            sides = ((-1, "en dessous de l’ensemble"), (1, "au-dessus"))
            names = {side: [each.standing.name for each in found if each.side == side] for side, _ in sides}
            said = ", ".join(f"{french.join(names[side])} {words}" for side, words in sides if names[side])
            return french.typographic(f"{heading} : {said}.")
    return ""


# Those that stand out ------------------------------------------------------------------------------------------------


def departments(facts: Facts, _of: str, theme: Theme) -> Slide | None:
    """The départements with most to win towards the target, or which differ from the whole.

    None for a single one and, while nothing is evaluated, where no participation differs.
    """
    if not facts.regions:
        return None
    rate = _most_missing(facts)
    spread = _spread(facts, rate)
    if len(spread.judged) < 2:
        return None
    cut = answer(facts, rate, "region", "department")
    gaps = {row["department"]: row["gap_establishments"] for row in cut.rows} if rate.volet else {}
    missing = {code: gap for code, gap in gaps.items() if gap is not None}
    telling = sorted((each for each in spread.judged if _tells(each, missing)), key=lambda each: _rank(each, missing))
    if not telling and rate.volet is None:
        return None
    shown = [each.standing for each in telling[:_MOST]] or _biggest(spread)
    shown.sort(key=lambda standing: (-missing.get(standing.code, 0), standing.rate or 0))
    title = _finding(spread, missing)
    chart = Chart(
        name=f"departements-{rate.id}",
        title=title,
        figure=figures.dots(shown, rate, theme.charts),
        native=native.compared([(rate, shown)], theme.charts),
        description=figures.describe_dots(shown, rate),
        plain_description=figures.describe_dots(shown, rate, intervals=False),
        records=_records(spread, missing),
    )
    notes = (
        _chance(spread) or _NOBODY,
        _REGIONAL if spread.overall.target is not None else "",
        scope(facts) if rate.volet else "",
        _not_drawn(len(telling) - _MOST),
    )
    first, *others = filter(None, notes)
    return Slide(
        id="departements",
        kind="departments",
        kicker="Départements qui se distinguent",
        title=title,
        paragraphs=tuple(filter(None, (first, " ".join(others)))),
        visuals=(chart,),
        page="regions",
        view=facts.view,
    )


def _most_missing(facts: Facts) -> Rate:
    """The volet with the most establishments missing; participation while nothing is evaluated."""
    participation, *volets = rates(facts)

    def row(rate: Rate) -> Row:
        return answer(facts, rate).rows[0]

    aimed = [rate for rate in volets if row(rate)["evaluated"] and row(rate)["target_rate"] is not None]
    return max(aimed, key=lambda rate: row(rate)["gap_establishments"], default=participation)


def _tells(each: Judged, missing: dict[str, int]) -> bool:
    return bool(missing.get(each.standing.code)) or each.verdict in (Verdict.DIFFERENT, Verdict.PERHAPS)


def _not_drawn(count: int) -> str:
    if count < 1:
        return ""
    verb = "n’est pas dessiné" if count == 1 else "ne sont pas dessinés"
    return f"{french.count(count, 'autre département')} {verb}."


def _rank(each: Judged, missing: dict[str, int]) -> tuple[bool, int, float]:
    """Beyond the limits of 99.8 % first, then those with the most missing, then the lowest rates."""
    return each.verdict is not Verdict.DIFFERENT, -missing.get(each.standing.code, 0), each.rate


def _biggest(spread: Spread) -> list[Standing]:
    return sorted((each.standing for each in spread.judged), key=lambda standing: -standing.whole)[:_MOST]


def _finding(spread: Spread, missing: dict[str, int]) -> str:
    """Where most is missing or, against no target, how many differ."""
    short = sorted(
        (each for each in spread.judged if missing.get(each.standing.code)), key=lambda e: _rank(e, missing)[1:]
    )
    if spread.rate.volet is None or spread.overall.target is None:
        return variation.finding(spread)
    share = french.percent(spread.overall.target, None)
    if not short:
        return french.typographic(f"{spread.rate.label} : aucun département sous la cible ({share})")
    most = missing[short[0].standing.code]
    worst = [each.standing.name for each in short if missing[each.standing.code] == most]
    whose = f"{french.join(worst)} ({french.count(most, 'établissement')})" if len(worst) < 3 else ""
    whole = f"{len(short)} des {len(spread.judged)} départements sous la cible ({share})"
    first = f", d’abord {whose}" if whose else ""
    return french.typographic(f"{spread.rate.label} : {whole}{first}")


def _records(spread: Spread, missing: dict[str, int]) -> Records:
    """All of them, with what is missing where there is a target."""
    made = variation.records(spread)
    if not missing:
        return made
    return [
        {**record, "Manquent à la cible": french.in_table(french.number(missing.get(each.standing.code)))}
        for record, each in zip(made, spread.judged, strict=True)
    ]
