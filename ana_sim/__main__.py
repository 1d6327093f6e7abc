"""``python -m ana_sim``: the command line."""

from ana_sim.cli import main

if __name__ == "__main__":
    main()
