"""The players of a team as rows: their figures, and what an analysis has found of each."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from faceitbot.core.display import EMPTY
from faceitbot.faceit.words import name_of, text_of
from matches.admin.analysis_shapes import COUNTS, is_marked
from matches.admin.figures import because, damage, level, rating, ratio, share, whole
from matches.admin.reading_json import mapping, rows, text

Data = Mapping[str, Any]


def page_of(player_id: str) -> str:
    """Give the address at which a player's card is found."""
    listed = reverse("admin:stats_playerstatscache_changelist")
    return f"{listed}?{urlencode({'q': player_id})}" if player_id else ""


def columns() -> list[tuple[str, str]]:
    """Give each column's short header, and what it means."""
    return [
        (_("Lvl."), _("Level")),
        (_("ELO"), ""),
        (_("Rating"), _("With ~ it is an estimate")),
        (_("K/D"), ""),
        (_("ADR"), _("Damage per round")),
        (_("Wins"), _("Win rate")),
        (_("Dang."), _("Danger level")),
    ]


def team(data: Any, unknown: Any) -> dict[str, Any]:
    """Give the rows of a team's table: its players, each with what marks him, and its averages."""
    told = mapping(data)
    unknown_ids = [text(each) for each in unknown] if isinstance(unknown, list) else []
    averages = mapping(told.get("averages"))
    return {
        "players": [_player(player, told, unknown_ids) for player in rows(told.get("players"))],
        "averages": _cells(averages) if averages else [],
        "averages_of": _averages_of(averages),
    }


def _player(player: Data, told: Data, unknown_ids: list[str]) -> dict[str, Any]:
    player_id = text(player.get("player_id"))
    marks = [
        {"text": text_of(kind), "colour": colour, "why": because(mapping(each.get("because")))}
        for part, kind, colour in (
            ("dangerous_players", "dangerous_player", "danger"),
            ("weak_targets", "weak_target", "success"),
        )
        for each in rows(told.get(part))
        if player_id and is_marked(each, frozenset({player_id}))
    ]
    if player_id and player_id in unknown_ids:
        marks.append({"text": _("nothing is known"), "colour": "info", "why": ""})
    form = text(player.get("recent_form"))
    return {
        "name": text(player.get("nickname")) or player_id or EMPTY,
        "page": page_of(player_id),
        "cells": _cells(player),
        "marks": marks,
        "role": text_of(text(player.get("role"))),
        "form": " ".join(form),
    }


def _cells(figures: Data) -> list[tuple[str, str]]:
    """Give the figures of a row, each with the short header of its column."""
    elo = figures.get("elo")
    values = (
        level(figures.get("skill_level")),
        whole(mapping(elo).get("average_elo") if isinstance(elo, Mapping) else elo),
        rating(figures.get("rating"), figures.get("rating_version")),
        ratio(figures.get("kd")),
        damage(figures.get("adr")),
        share(figures.get("winrate")),
        level(figures.get("danger_level")),
    )
    return [(short, value) for (short, _meaning), value in zip(columns(), values, strict=True)]


def _averages_of(averages: Data) -> str:
    """Say of how many players the average ELO is."""
    elo = mapping(averages.get("elo"))
    said = [f"{name_of(name).lower()} {whole(elo[name])}" for name in COUNTS if name in elo]
    return f"{name_of('elo')}: {', '.join(said)}" if said else ""
