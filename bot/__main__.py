"""`python -m bot` is the command `hoshobin`."""

from bot.cli import main

main()
