"""`python -m cms` is `dateline`."""

from cms.cli import main

if __name__ == "__main__":
    main(prog_name="dateline")
