"""Storyboards to test with."""

# The options of films that are made quickly, and the same each time.
SMALL = {"resolution": "854x480", "quality": "draft", "fps": 24, "seed": 7}

WELCOME = {
    "title": "Welcome to Framecast",
    "global_prompt": {
        "positive": "film look, seen through the visitor's own eyes, warm golden light, festive mood, crisp detail",
        "negative": "blur, warped shapes, poor quality, gloom, deserted rooms",
    },
    "global_audio": {"ambient": {"asset_id": "asset_ambient_theater", "volume": 0.2}},
    "symbols": {
        "crowd": {
            "prompt": "a lively audience of all ages and backgrounds applauding, happy faces, bright clothes",
            "negative": "anger, empty seats, sorrow",
        },
        "stage": {
            "prompt": "a big theatre stage, red curtains, spotlights, polished wooden boards",
            "negative": "dirt, damage, neglect",
        },
    },
    "scenes": [
        {
            "id": "entrance",
            "prompt": "first-person walk along a backstage corridor towards bright lights, rising excitement, "
                      "the muffled noise of @crowd further ahead, long shadows",
            "duration": 5,
            "audio": {
                "sfx": [{"asset_id": "asset_sfx_footsteps", "trigger": "walking", "volume": 0.6}],
                "music": {"asset_id": "asset_music_anticipation", "volume": 0.4, "fade_in": 1.0},
            },
        },
        {
            "id": "welcome",
            "prompt": "first-person step out onto @stage, dazzled by spotlights for a moment, then @crowd gets up "
                      "from the seats, roaring applause, confetti in the air, a warm celebration",
            "duration": 5,
            "audio": {
                "sfx": [
                    {"asset_id": "asset_sfx_applause", "start": 0.5, "volume": 0.8},
                    {"asset_id": "asset_sfx_confetti", "start": 2.0, "volume": 0.4},
                ],
                "music": {"asset_id": "asset_music_triumphant", "volume": 0.7, "fade_in": 0.5},
            },
        },
    ],
    "transitions": {
        "default": "cut",
        "entrance->welcome": {
            "type": "fade", "duration": 0.5,
            "audio": {"asset_id": "asset_transition_swoosh", "volume": 0.5},
        },
    },
    "timeline": None,
}


def scene(id, duration=5, prompt=None, **more):
    return {"id": id, "prompt": prompt or f"a calm sea, take {id}", "duration": duration, **more}


def storyboard(*durations, **more):
    """Scenes s0, s1, … of the given lengths (one of 5 s by default), and other root members."""
    scenes = [scene(f"s{i}", duration) for i, duration in enumerate(durations or [5])]
    return {"title": "Test", "scenes": scenes, **more}
