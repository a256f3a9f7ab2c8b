"""every-field.py SET -- the set with every member that the schema knows, and edges of numbers"""
import json
import sys

is_ = json.load(open(sys.argv[1], encoding="utf-8"))
is_["incumbent_sha256"] = "ab" * 32
is_["as_of"] = "2024-12-30T23:00:00.000000001Z"
first, second = is_["instruments"][:2]
fits = {"status": "at a bound", "n_fits": 7, "n_failed": 2, "n_fallback_bars": 0,
        "gradient_norm": None, "log_likelihood": -1234.5,
        "parameters": {"omega": 1e-300, "alpha": 0.1, "beta": 5e-324},
        "standard_errors": {"omega": None, "alpha": 0.05, "beta": 0}}
first["evidence"] |= {"fits": fits, "tail_fits": fits | {"gradient_norm": 1.7976931348623157e308},
                      "points_left_out": 3,
                      "sources": [{"name": "impact", "value": 1.7, "low": None, "high": 7.9,
                                   "from": "estimated", "of": "flow", "source": "btc.gz",
                                   "source_sha256": "cd" * 32},
                                  {"name": "impact_delta", "value": 0.5, "from": "given by the job"}],
                      "shared": [{"parameter": next(iter(first["parameters"])), "scope": "group",
                                  "group": "majors", "n_instruments": 2, "weight": 0.5}],
                      "incumbent": {"initial_margin_ppm": 50000, "is_kept": True, "cost": 0.1,
                                    "gain": None, "breach": "coverage"}}
margin = first["initial_margin_ppm"], first["maintenance_margin_ppm"]
first["tiers"] = [{"up_to_notional": 0.1, "initial_margin_ppm": margin[0],
                   "maintenance_margin_ppm": margin[1]},
                  {"up_to_notional": None, "initial_margin_ppm": margin[0] + 1,
                   "maintenance_margin_ppm": margin[1]}]
first["liquidation"] = {"step_share_ppm": 250000, "cooldown_ms": 0, "fee_ppm": 5000,
                        "auction_length_ms": 300000, "auction_start_ppm": -10,
                        "open_interest_cap": None, "insurance_fund": 0.1}
second |= {"status": "held", "reason": "größer als „0.2“"}
is_["instruments"].append({"instrument": "ZZZ", "status": "failed", "reason": "too few bars",
                           "as_of": "2024-01-01T00:00:00.5Z"})
json.dump(is_, sys.stdout, ensure_ascii=False)
