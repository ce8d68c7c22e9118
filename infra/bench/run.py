"""Run every benchmark: `python -m infra.bench.run`."""

from infra.bench import cold_start, reading, registry, warm

if __name__ == "__main__":
    raise SystemExit(max(cold_start.main(), warm.main(), reading.main(), registry.main()))
