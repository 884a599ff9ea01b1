"""How the tables came to be, step by step; written by `tortoise makemigrations`, never changed once released."""

from cms.db import config
from cms.settings import Settings

TORTOISE_ORM = config(Settings())  # for Tortoise's command line, which writes migrations by it
