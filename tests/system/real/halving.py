"""Compare a calibration by halving with that of the whole grid: the share of instruments
with the same choice, and of the cost in bar-points."""
import json
import math
import sys

import h5py

PATH_AXES = ["lambda"]
STUDY_AXES = ["q", "floor", "buffer", "release"]


def cost_of_halving(searched, n_training, n_bars):
    """Bars that points are rated on, and bars that paths are followed along once a rung."""
    share, rung = searched["share"][...], searched["generation"][...]
    path = list(zip(rung, *(searched[a][...] for a in PATH_AXES)))
    return sum(math.ceil(s * n_training) for s in share) + len(set(path)) * n_bars


def main(grid, halving):
    of_grid = json.load(open(f"{grid}/parameters.json"))
    of_halving = json.load(open(f"{halving}/parameters.json"))
    evidence = h5py.File(f"{halving}/calibration.h5")
    n_points, same, compared, spent, whole = of_grid["n_points"], 0, 0, 0, 0
    for one, other in zip(of_grid["instruments"], of_halving["instruments"]):
        name = one["instrument"]
        assert name == other["instrument"]
        if "parameters" not in one or "parameters" not in other:
            assert one["status"] == other["status"] == "failed", name
            print(f"{name}: {one['reason']}")
            continue
        training = one["evidence"]["training"]
        n_training = training["observations"] + training["left_out"]
        searched = evidence[name]["searched"]
        compared += 1
        spent += cost_of_halving(searched, n_training, 4 / 3 * n_training)
        n_paths = len(set(zip(*(searched[a][...] for a in PATH_AXES))))
        whole += n_points * n_training + n_paths * 4 / 3 * n_training
        if one["parameters"] == other["parameters"]:
            same += 1
        else:
            print(f"{name}: the grid has {one['parameters']}, mean margin "
                  f"{training['mean_margin']}; halving {other['parameters']}, "
                  f"{other['evidence']['training']['mean_margin']}")
    print(f"{same} of {compared} instruments have the grid's choice, "
          f"{spent / whole:.4f} of its {whole:.3g} bar-points")
    return 0 if compared > 0 and same >= 0.95 * compared and spent <= 0.1 * whole else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
