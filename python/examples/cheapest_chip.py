"""The cheapest chip of which four cards serve a load within its limits, found by random search around the best so far: 30 lines, no dependency.

    python python/examples/cheapest_chip.py [questions]

A chip is H100_SXM with other bandwidth, memory and rate. What it costs is a guess for the example, not a price list: 0.35 $/h of a card,
and for each GB/s, GiB and TFLOP/s some more. The load is 20 requests a second of 2000 + 500 tokens, each token within 30 ms.
"""

import pathlib
import random
import sys

import fastsim

ROOT = pathlib.Path(__file__).resolve().parents[2]
REQUESTS_PER_SECOND = 20
BASE = {"GBps": 3350.0, "GiB": 80.0, "tflops": 989.0}


def price(chip):
    return 0.35 + 0.00018 * chip["GBps"] + 0.006 * chip["GiB"] + 0.0007 * chip["tflops"]


def runtime(chip):
    system = {
        "extends": str(ROOT / "data/systems/H100_SXM.json"),
        "operators": None,
        "mem1": {"GBps": chip["GBps"], "GiB": chip["GiB"]},
        "matrix": {"bfloat16": {"tflops": chip["tflops"]}},
    }
    return {"pd-fusion": {
        "model_list": [str(ROOT / "examples/published/models/qwen3_30b_a3b.json")],
        "sequence_length_list": [[2000, 500]], "num_procs_list": [4], "wac_bytes_list": [[2, 2, 2, 2]],
        "flops_type_list": [["bfloat16", "bfloat16", "bfloat16"]], "time_limit_list": [[2000, 30]],
        "sys_list": [system], "accounting": "physical", "engine": "none",
    }}


def dollars(chip):
    """Dollars an hour of a card, or infinity where four do not serve the load."""
    job = fastsim.run(runtime(chip), threads=1)["modes"][0]["jobs"][0]
    return price(chip) if job["hasPlan"] and job["deployment"]["requestsPerSecond"] >= REQUESTS_PER_SECOND else float("inf")


def search(questions, seed=1):
    chance, best, least = random.Random(seed), BASE, dollars(BASE)
    for step in range(questions):
        spread = 0.5 * (1 - step / questions) + 0.02
        chip = {name: value * chance.uniform(1 - spread, 1 + spread) for name, value in best.items()}
        if (found := dollars(chip)) < least:
            best, least = chip, found
            print(f"{step:5}  ${least:.3f} an hour  " + "  ".join(f"{name} {value:,.0f}" for name, value in chip.items()))
    return best, least


if __name__ == "__main__":
    print(f"H100_SXM  ${dollars(BASE):.3f} an hour")
    search(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
