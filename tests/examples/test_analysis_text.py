"""An analysis in names, numbers and signs."""

from examples.analysis_text import LONGEST, worded


def about(kind, nickname, rating, version="1.0"):
    because = {"rating": rating, "rating_version": version}
    return {"kind": kind, "nickname": nickname, "map": None, "because": because}


def on_map(kind, name, own, other):
    because = {"own_winrate": own, "other_winrate": other}
    return {"kind": kind, "nickname": None, "map": name, "because": because}


def analysis(chance=0.54, to_team1=(), to_team2=(), name="Alpha", status="VOTING", score=(None, None)):
    return {
        "match_info": {"status": status, "score": dict(zip(("team1", "team2"), score, strict=True))},
        "team1_analysis": {"name": name, "players": [{"player_id": "a"}]},
        "team2_analysis": {"name": "Bravo", "players": [{"player_id": "b"}]},
        "prediction": {"team1_probability": chance},
        "recommendations": {"team1": list(to_team1), "team2": list(to_team2)},
    }


def test_chances_players_and_maps_stand_in_their_lines():
    advice = [
        about("dangerous_player", "raven", 1.3),
        about("dangerous_player", "frost", 1.214, "1.0-estimated"),
        about("weak_target", "orbit", None, None),
        {"kind": "sniper", "nickname": "lynx", "map": None, "because": {"sniper_percent": 60}},
        on_map("pick_map", "de_nuke", 62.4, 45.1),
        on_map("ban_map", "de_train", 41.0, 58.0),
    ]

    assert worded(analysis(to_team1=advice), "a").splitlines() == [
        "Alpha 54 % : 46 % Bravo",
        "⚠️ raven 1.30, frost ~1.21",
        "🎯 orbit",
        "✅ de_nuke 62 % : 45 %",
        "⛔ de_train 41 % : 58 %",
    ]


def test_win_rates_stand_in_the_order_of_the_teams_whoever_reads():
    pick = on_map("pick_map", "de_nuke", 62, 45)  # to team 2, its own rate comes first

    assert worded(analysis(to_team2=[pick]), "b").splitlines()[1:] == ["✅ de_nuke 45 % : 62 %"]


def test_who_plays_in_neither_team_reads_as_the_first():
    told = analysis(to_team1=[about("weak_target", "orbit", 0.7)])

    assert worded(told, "somebody") == worded(told, None) == worded(told, "a")
    assert worded(told, "b") == "Alpha 54 % : 46 % Bravo"


def test_without_a_prediction_the_teams_are_named():
    assert worded(analysis(chance=None, name=None), "a") == "? : Bravo"


def test_only_the_clearest_maps_are_told():
    maps = [on_map("ban_map", f"de_{number}", 40, 60) for number in range(9)]

    assert [line.split()[1] for line in worded(analysis(to_team1=maps), "a").splitlines()[1:]] == [
        "de_0",
        "de_1",
        "de_2",
    ]


def test_telegram_takes_the_longest_message():
    many = [about("weak_target", "x" * 60, 0.7) for _number in range(100)]

    assert len(worded(analysis(to_team1=many), "a")) == LONGEST


def test_a_match_that_is_over_says_so():
    assert worded(analysis(status="FINISHED", score=(13, 7)), None).splitlines()[0] == "🏁 13 : 7"
    assert worded(analysis(status="aborted"), None).splitlines()[0] == "🏁"
