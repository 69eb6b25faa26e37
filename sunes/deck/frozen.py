"""What keeps a deck as it was when it was opened, and what is said when there is something newer."""

from datetime import UTC, datetime

from sunes import french
from sunes.deck.plan import Deck
from sunes.manifest import SnapshotId, parse_reference
from sunes.programme import Programme
from sunes.snapshots import Store


def is_frozen(deck: Deck, programme: Programme) -> bool:
    """Whether a deck shows the same figures for ever: it names a revision, and when the history was known."""
    return deck.known_at is not None and _names_revision(deck, programme)


def frozen(deck: Deck, store: Store, programme: Programme) -> Deck:
    """The deck with the revision that stands now and all that is published by now, unless it says that already.

    The moment is that of the newest publication, not the clock's: everyone who opens a link between two publications
    gets the same deck, which then has to be made only once; and a file is the same whenever it is made.

    Raises UsageError or DataError when there is no such snapshot.
    """
    view, known_at = deck.question(programme), deck.known_at
    if not _names_revision(deck, programme):
        view, known_at = view.having(snapshot=store.resolve(view.snapshot).id.pin), None
    return deck.about(view).model_copy(update={"known_at": known_at or _newest_publication(store)})


def news(store: Store, shown: SnapshotId, known_at: datetime) -> str:
    """What happened to the data since a deck about `shown` was frozen, as a French sentence; empty: nothing."""
    if withdrawal := store.withdrawals().get(shown):
        return french.typographic(f"La situation affichée a été {withdrawal} ; ses chiffres ne valent plus.")
    since = [
        each.id
        for each in store.history(since=shown.as_of)
        if each.id != shown and each.manifest.published_at and each.manifest.published_at > known_at
    ]
    if not since:
        return ""
    newest, corrected = since[-1], next((each for each in since if each.as_of == shown.as_of), None)
    said = []
    if corrected:
        said.append(
            f"Une correction est publiée (révision {corrected.revision}) ; la révision {shown.revision} reste affichée."
        )
    if newest.as_of != shown.as_of:
        day = french.day(newest.as_of)
        stays = "" if corrected else f" ; celle au {french.day(shown.as_of)} reste affichée"
        said.append(f"Une situation plus récente est publiée (au {day}){stays}.")
    return french.typographic(" ".join(said))


def _names_revision(deck: Deck, programme: Programme) -> bool:
    return isinstance(parse_reference(deck.question(programme).snapshot), SnapshotId)


def _newest_publication(store: Store) -> datetime:
    moments = [each.manifest.published_at for each in store.snapshots(withdrawn=True)]
    # Where nobody says when, whatever says so comes later.
    return max(filter(None, moments), default=datetime(1970, 1, 1, tzinfo=UTC))
