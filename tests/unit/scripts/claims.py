"""Claims about three texts, told true or false by a person: what the checker is measured on.

Each: text, source, whether it is true to the source, and what is wrong with it.
"""

from __future__ import annotations

from typing import NamedTuple


class Claim(NamedTuple):
    text: str
    source: int
    true: bool
    wrong: str = ""


HARBOUR = """The port of Almadra handled 1,512,345 containers in 2021, up from 980,000 in 2010. The harbour was opened
on 12 May 1962 by the engineer Rosa Lindqvist. It is the second largest port of the region. The deep channel was dug
because larger ships could not enter the bay. Workers did not strike during the works. Up to 400 ships call each
month. The north pier is 3 kilometres long. Lindqvist called the bay “a gift that nobody had unwrapped”. Exports
rose in 2019 and fell in 2020. The old crane was not torn down; it is now a museum."""
BEES = """Honey bees are insects known for the nests of wax they build. A single hive can hold up to 60,000 bees in
summer. Most of them are workers, which are all female. Karl von Frisch, an Austrian zoologist, showed that bees
dance to tell one another where food is. He was awarded the Nobel Prize in 1973. Bees visit about two million
flowers to make one pound of honey. A worker makes only a twelfth of a teaspoon of honey in her whole life. Drones
have no sting. The queen lays up to 2,000 eggs a day. Honey keeps for a very long time because it holds so little
water."""
TOWER = """La Torre de Hércules es un faro romano en La Coruña. Fue construida en el siglo I y reformada en 1788 por el
ingeniero Eustaquio Giannini. Mide 55 metros y todavía alumbra a los barcos. En 2009 fue declarada Patrimonio de la
Humanidad por la UNESCO. Tiene 234 escalones."""
SOURCES = (("Port of Almadra", HARBOUR, "en"), ("Honey bees", BEES, "en"), ("La Torre de Hércules", TOWER, "es"))

CLAIMS = (
    Claim("About 1.5 million containers went through the port in 2021.", 0, True),
    Claim("In 2021, the port moved 1,512,345 containers.", 0, True),
    Claim("In 2021, the port moved 1,521,345 containers.", 0, False, "figure"),
    Claim("About 1.9 million containers went through the port in 2021.", 0, False, "figure"),
    Claim("In 2010 it was fewer than a million containers.", 0, True),
    Claim("The harbour opened on 12 May 1962.", 0, True),
    Claim("The harbour opened on 21 May 1962.", 0, False, "date"),
    Claim("The harbour opened on 12 May 1926.", 0, False, "figure"),
    Claim("Rosa Lindqvist, an engineer, opened the harbour in 1962.", 0, True),
    Claim("Erik Johansson, an engineer, opened the harbour in 1962.", 0, False, "name"),
    Claim("Almadra has the second largest port of the region.", 0, True),
    Claim("Almadra has the oldest port of the region.", 0, False, "superlative"),
    Claim("Almadra has the busiest port of the region.", 0, False, "superlative"),
    Claim("The channel was dug because larger ships could not enter the bay.", 0, True),
    Claim("Exports fell in 2020 because the old crane was torn down.", 0, False, "cause"),
    Claim("The workers never went on strike during the works.", 0, True),
    Claim("The workers went on strike during the works.", 0, False, "contradiction"),
    Claim("The north pier is almost two miles long.", 0, True),
    Claim("The north pier is nine miles long.", 0, False, "figure"),
    Claim("The south pier is 3 kilometres long.", 0, False, "contradiction"),
    Claim("More than 400 ships call each month.", 0, False, "figure"),
    Claim("As many as 400 ships call at the port each month.", 0, True),
    Claim("Lindqvist called the bay “a gift that nobody had unwrapped”.", 0, True),
    Claim("Lindqvist called the bay “a gift from the gods”.", 0, False, "quotation"),
    Claim("Exports fell in 2019.", 0, False, "contradiction"),
    Claim("The old crane was torn down.", 0, False, "contradiction"),
    Claim("The old crane still stands, as a museum.", 0, True),
    Claim("Pirates once buried their treasure under the customs house.", 0, False, "unsupported"),
    Claim("Bees dance to tell each other where the food is.", 0, False, "unsupported"),
    Claim("Bees dance to tell each other where the food is.", 1, True),
    Claim("In summer a hive holds up to sixty thousand bees.", 1, True),
    Claim("In summer a hive holds up to ninety thousand bees.", 1, False, "figure"),
    Claim("Workers are all female.", 1, True),
    Claim("Workers are all male.", 1, False, "contradiction"),
    Claim("Karl von Frisch won the Nobel Prize in 1973.", 1, True),
    Claim("Konrad Lorenz won the Nobel Prize in 1973.", 1, False, "name"),
    Claim("It takes two million flowers to make one pound of honey.", 1, True),
    Claim("It takes two million flowers to make one kilo of honey.", 1, False, "figure"),
    Claim("A worker makes a twelfth of a teaspoon of honey in her life.", 1, True),
    Claim("Drones have a sting.", 1, False, "contradiction"),
    Claim("Drones cannot sting.", 1, True),
    Claim("The queen lays 2,000 eggs a week.", 1, False, "figure"),
    Claim("Honey keeps so long because it holds so little water.", 1, True),
    Claim("Honey keeps so long because bees add a natural preservative.", 1, False, "cause"),
    Claim("Honey bees are the most intelligent insects on Earth.", 1, False, "superlative"),
    Claim("Bees cannot see the colour red.", 1, False, "unsupported"),
    Claim("La Torre de Hércules mide 55 metros.", 2, True),
    Claim("La Torre de Hércules mide 75 metros.", 2, False, "figure"),
    Claim("Eustaquio Giannini la reformó en 1788.", 2, True),
    Claim("Antonio Gaudí la reformó en 1788.", 2, False, "name"),
    Claim("Es el faro más alto del mundo.", 2, False, "superlative"),
    Claim("Todavía alumbra a los barcos.", 2, True),
    Claim("Ya no alumbra a los barcos.", 2, False, "contradiction"),
    Claim("La UNESCO la declaró Patrimonio de la Humanidad en 2009.", 2, True),
)
