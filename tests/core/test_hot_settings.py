"""Settings that are read once are read again when they have changed."""

from django.conf import settings as django_settings
from django.test import override_settings

from faceitbot.core.hot_settings import hot_settings


def test_a_setting_is_read_once_and_again_when_it_has_changed():
    own = django_settings.SLOW_CALL_MILLISECONDS
    assert own == hot_settings.SLOW_CALL_MILLISECONDS
    assert vars(hot_settings)["SLOW_CALL_MILLISECONDS"] == own

    with override_settings(SLOW_CALL_MILLISECONDS=own + 1):
        assert own + 1 == hot_settings.SLOW_CALL_MILLISECONDS

    assert own == hot_settings.SLOW_CALL_MILLISECONDS
