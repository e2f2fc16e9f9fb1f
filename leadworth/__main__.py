"""`python -m leadworth` is the command `leadworth`."""

from leadworth.cli import main

if __name__ == "__main__":
    main()
