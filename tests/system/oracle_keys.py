"""oracle_keys.py -- every key that plimsoll-oracle wants: the job file's defaults, and what
a test asks instead."""

DEFAULTS = {
    "horizon_bars": "8", "loss": "path", "sides": "both", "confidence": "0.99",
    "warmup_bars": "168", "holdout": "0.25", "embargo_bars": "0",
    "release_from": "1.25", "release_full": "2", "release_halflife_bars": "720",
    "from": "1970-01-01", "to": "2261-01-01",
}


def keys(asked):
    return [f"{k}={v}" for k, v in
            (DEFAULTS | dict(a.split("=", 1) for a in asked)).items()]
