"""Run every benchmark: `python -m infra.bench.run`."""

from infra.bench import cold_start, coverage, night, reading, registry, warm

if __name__ == "__main__":
    mains = (cold_start, warm, reading, registry, coverage, night)
    raise SystemExit(max([one.main() for one in mains]))
