"""The adjectives of the lexicon."""

from .nouns import french_plural
from .words import Adjective


def adjective(
    english: str,
    masculine: str,
    feminine: str,
    kinds: str,
    *,
    comparative: str = "",
    liaison: str = "",
    before: bool = False,
    better: str = "",
    invariable: bool = False,
) -> Adjective:
    """Make an adjective; plurals follow the rules unless it never varies (marron)."""
    return Adjective(
        english=english,
        comparative=comparative,
        masculine=masculine,
        feminine=feminine,
        masculine_plural=masculine if invariable else french_plural(masculine),
        feminine_plural=feminine if invariable else french_plural(feminine),
        liaison=liaison or masculine,
        before=before,
        better=better,
        kinds=tuple(kinds.split()),
    )


COLOURED = "clothes owned thing furniture opening"
NATIONAL = "person foreign transport"

ADJECTIVES = (
    # Before the noun.
    adjective(
        "small",
        "petit",
        "petite",
        "thing plant picture clothes owned furniture opening animal building land room fruit portion",
        comparative="smaller",
        before=True,
    ),
    adjective(
        "big",
        "grand",
        "grande",
        "container plant picture clothes owned furniture opening animal building land room fruit portion "
        "sight",
        comparative="bigger",
        before=True,
    ),
    adjective(
        "beautiful",
        "beau",
        "belle",
        "clothes owned plant building land room animal told picture gift sight furniture",
        comparative="more beautiful",
        liaison="bel",
        before=True,
    ),
    adjective(
        "old",
        "vieux",
        "vieille",
        "adult clothes vehicle furniture thing building machine animal text show sight picture",
        comparative="older",
        liaison="vieil",
        before=True,
    ),
    adjective(
        "new",
        "nouveau",
        "nouvelle",
        "clothes vehicle furniture thing building machine text sound show job known taught picture ticket",
        liaison="nouvel",
        before=True,
    ),
    adjective(
        "good",
        "bon",
        "bonne",
        "food drink text sound show job machine",
        comparative="better",
        before=True,
        better="meilleur",
    ),
    adjective("young", "jeune", "jeune", "person several animal", comparative="younger", before=True),
    # Colours.
    adjective("red", "rouge", "rouge", COLOURED + " plant fruit"),
    adjective("blue", "bleu", "bleue", COLOURED),
    adjective("green", "vert", "verte", COLOURED + " fruit"),
    adjective("white", "blanc", "blanche", COLOURED + " animal plant"),
    adjective("black", "noir", "noire", COLOURED + " animal"),
    adjective("grey", "gris", "grise", COLOURED + " animal"),
    adjective("brown", "marron", "marron", COLOURED + " animal", invariable=True),
    # Qualities of things.
    adjective(
        "expensive",
        "cher",
        "chère",
        "clothes owned furniture machine pricey",
        comparative="more expensive",
    ),
    adjective(
        "interesting",
        "intéressant",
        "intéressante",
        "text show study sight",
        comparative="more interesting",
    ),
    adjective("famous", "célèbre", "célèbre", "public sight told", comparative="more famous"),
    adjective("difficult", "difficile", "difficile", "study text", comparative="more difficult"),
    adjective("heavy", "lourd", "lourde", "heavy furniture container", comparative="heavier"),
    adjective("empty", "vide", "vide", "container building room transport"),
    adjective("dirty", "sale", "sale", "clothes vehicle dish container opening room"),
    adjective("modern", "moderne", "moderne", "building machine furniture", comparative="more modern"),
    adjective("quiet", "tranquille", "tranquille", "building outside room land", comparative="quieter"),
    adjective("fresh", "frais", "fraîche", "food"),
    adjective("hot", "chaud", "chaude", "warm"),
    adjective("cold", "froid", "froide", "warm drink"),
    adjective("delicious", "délicieux", "délicieuse", "food drink"),
    adjective("dangerous", "dangereux", "dangereuse", "danger vehicle", comparative="more dangerous"),
    adjective("useful", "utile", "utile", "tool taught small", comparative="more useful"),
    # Qualities of people and animals.
    adjective("strong", "fort", "forte", "person animal kin", comparative="stronger"),
    adjective("intelligent", "intelligent", "intelligente", "person pet kin", comparative="more intelligent"),
    adjective("tired", "fatigué", "fatiguée", "person animal kin"),
    adjective("sick", "malade", "malade", "person animal kin"),
    adjective("happy", "heureux", "heureuse", "person kin", comparative="happier"),
    adjective("sad", "triste", "triste", "person told kin"),
    # Nationalities.
    adjective("French", "français", "française", NATIONAL),
    adjective("Italian", "italien", "italienne", NATIONAL),
    adjective("German", "allemand", "allemande", NATIONAL),
    adjective("American", "américain", "américaine", NATIONAL),
)

# Adjectives of one family do not describe the same thing in one sentence (no black cat that is grey).
FAMILIES = (
    ("small", "big"),
    ("old", "new", "young"),
    ("red", "blue", "green", "white", "black", "grey", "brown"),
    ("French", "Italian", "German", "American"),
    ("hot", "cold"),
    ("happy", "sad"),
    ("good", "delicious"),
    ("tired", "sick", "strong"),
)
# Those that "very" and "too" go with, beside the ones that have a comparative.
GRADABLE = ("dirty", "fresh", "hot", "cold", "tired", "sick", "sad")
COLOURS = ("red", "blue", "green", "white", "black", "grey", "brown")
NATIONALITIES = ("French", "Italian", "German", "American")
ADJECTIVE = {entry.english: entry for entry in ADJECTIVES}
