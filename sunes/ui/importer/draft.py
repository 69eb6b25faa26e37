"""What a person is about to publish: kept from step to step and from page to page, until it is published."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from sunes.errors import SunesError
from sunes.french import parse_date
from sunes.ingest import InputFile, Prepared, note_files, prepare
from sunes.schema import TABLES
from sunes.ui import damage, data
from sunes.ui.access import signin
from sunes.ui.errors import sentence

STEPS = {
    "files": "1. Fichiers",
    "columns": "2. Colonnes",
    "checks": "3. Contrôles",
    "preview": "4. Aperçu et publication",
}

_DRAFT, _STEP, _NEXT = "import-draft", "import-step", "import-next"


@dataclass
class Draft:
    """What a person is about to publish. `prepared` is None until it is checked, and again once something changes."""

    day: str = ""
    files: dict[str, list[InputFile]] = field(default_factory=lambda: {name: [] for name in TABLES})
    complete: set[str] = field(default_factory=set)
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    published_by: str = ""
    confirmed: bool = False
    without_rejected: bool = False
    prepared: Prepared | None = None
    uploads: Counter[str] = field(default_factory=Counter)
    step: str = "files"

    @property
    def as_of(self) -> date | None:
        """The day that was written; None where it is none."""
        try:
            return parse_date(self.day)
        except ValueError:
            return None

    @property
    def checked(self) -> Prepared:
        """What was prepared. Raises LookupError where nothing is."""
        if self.prepared is None:
            raise LookupError("nothing was checked yet")
        return self.prepared

    def changed(self) -> None:
        """What was checked is no longer what would be published."""
        self.prepared, self.confirmed, self.without_rejected = None, False, False
        for tick in ("import-confirmed", "import-without_rejected"):
            st.session_state.pop(tick, None)


def draft() -> Draft:
    """The import of this session, from one page to the next and back."""
    made: Draft = st.session_state.setdefault(_DRAFT, Draft())
    return made


def clear() -> None:
    """Begin a new import, at the next run."""
    uploads = draft().uploads + Counter(TABLES.keys())
    for key in [key for key in st.session_state if str(key).startswith("import-")]:
        del st.session_state[key]
    st.session_state[_NEXT] = "files"
    st.session_state[_DRAFT] = Draft(uploads=uploads)


def step(made: Draft) -> str:
    """The step that is shown. Until the files are checked, only the first one has something to show."""
    st.session_state[_STEP] = st.session_state.pop(_NEXT, st.session_state.get(_STEP) or made.step)
    chosen = st.segmented_control(
        "Étapes", list(STEPS), format_func=STEPS.__getitem__, key=_STEP, required=True, label_visibility="collapsed"
    )
    made.step = chosen or "files"
    if made.step == "files" or made.prepared:
        return made.step
    st.info("Vérifiez d’abord les fichiers : cette étape montrera ce qui y a été trouvé.", icon=":material/info:")
    return "files"


def go(name: str) -> None:
    """Show another step. To be called from a widget's callback."""
    st.session_state[_STEP] = name


def check(made: Draft) -> None:
    """Read and check what is given, with a progress bar, and move on to the step that it leads to."""
    bar = st.progress(0.0, "Lecture")

    def progress(done: float, what: str) -> None:
        bar.progress(done, what)

    try:
        made.prepared = prepare(
            data.store(),
            data.programme(),
            made.files,
            as_of=made.as_of or date.today(),
            by=signin.person(),
            complete=made.complete,
            said=made.said,
            progress=progress,
        )
    except SunesError as error:
        bar.empty()
        st.error(sentence(damage.said(error)), icon=":material/error:")
        return
    note_files(data.store(), made.prepared, signin.person())
    asked = any(reading.columns and reading.columns.missing for reading in made.prepared.readings)
    # A widget's state can't be set once it is drawn: it is at the next run.
    st.session_state[_NEXT] = "columns" if asked else "checks"
    st.rerun()
