"""The theme that is remembered is the one that Streamlit would work out again."""

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from sunes.ui import theme

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


def test_every_section_is_the_same_the_first_time_and_later() -> None:
    populate = app_session._populate_theme_msg
    again = theme.remembered(populate)
    assert config.get_option("theme.light.primaryColor")
    for section in (*SECTIONS, *SECTIONS):
        plain, ours = CustomThemeConfig(), CustomThemeConfig()
        populate(plain, section)
        again(ours, section)
        assert ours == plain


def test_what_is_filled_in_already_stays() -> None:
    again = theme.remembered(app_session._populate_theme_msg)
    whole = CustomThemeConfig()
    again(whole.light, "theme.light")
    again(whole)
    assert whole.light.ByteSize()


def test_it_is_made_to_remember_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    theme.remember()
    once = app_session._populate_theme_msg
    theme.remember()
    assert app_session._populate_theme_msg is once
