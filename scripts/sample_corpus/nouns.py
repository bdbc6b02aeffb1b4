"""The nouns and names of the lexicon."""

from .words import City, Country, Name, Noun

VOWELS = "aeiou"


def english_plural(singular: str) -> str:
    """Form the regular English plural: cars, boxes, stories."""
    if singular.endswith(("s", "x", "ch", "sh")):
        return singular + "es"
    if singular.endswith("y") and singular[-2] not in VOWELS:
        return singular[:-1] + "ies"
    return singular + "s"


def french_plural(singular: str) -> str:
    """Form the regular French plural of a noun or adjective: voitures, bus, bateaux, chevaux."""
    if singular.endswith(("s", "x", "z")):
        return singular
    if singular.endswith(("au", "eu")):
        return singular + "x"
    if singular.endswith("al"):
        return singular[:-2] + "aux"
    return singular + "s"


def noun(english: str, french: str, gender: str, kinds: str, plural: str = "", pluriel: str = "") -> Noun:
    """Make a noun; irregular plurals are given, the others follow the rules.

    Args:
        gender: "m" or "f".
        kinds: Space-separated kinds; "mass" marks a noun without plural that takes `du`, `de la`, `de l'`.
    """
    return Noun(
        english=english,
        english_plural=plural or english_plural(english),
        french=french,
        french_plural=pluriel or french_plural(french),
        feminine=gender == "f",
        mass="mass" in kinds.split(),
        kinds=tuple(kinds.split()),
    )


NOUNS = (
    # People. "friend", "teacher" and the like are masculine by convention.
    noun("man", "homme", "m", "person adult", plural="men"),
    noun("woman", "femme", "f", "person adult", plural="women"),
    noun("boy", "garçon", "m", "person"),
    noun("girl", "fille", "f", "person"),
    noun("child", "enfant", "m", "person", plural="children"),
    noun("teacher", "professeur", "m", "person known job adult"),
    noun("student", "étudiant", "m", "person"),
    noun("doctor", "médecin", "m", "person known job adult"),
    noun("neighbour", "voisin", "m", "person known adult"),
    noun("friend", "ami", "m", "person known adult relation"),
    noun("singer", "chanteur", "m", "person public job adult"),
    noun("actress", "actrice", "f", "person public job adult"),
    noun("baker", "boulanger", "m", "person job adult"),
    noun("lawyer", "avocat", "m", "person public job adult"),
    noun("hero", "héros", "m", "person public adult", plural="heroes"),
    noun("queen", "reine", "f", "person public adult"),
    # Family: always with a possessor.
    noun("brother", "frère", "m", "kin several adult"),
    noun("sister", "sœur", "f", "kin several adult"),
    noun("mother", "mère", "f", "kin adult"),
    noun("father", "père", "m", "kin adult"),
    noun("uncle", "oncle", "m", "kin several adult"),
    noun("aunt", "tante", "f", "kin several adult"),
    # Animals.
    noun("cat", "chat", "m", "animal pet"),
    noun("dog", "chien", "m", "animal pet danger"),
    noun("horse", "cheval", "m", "animal danger"),
    noun("bird", "oiseau", "m", "animal"),
    noun("cow", "vache", "f", "animal"),
    noun("mouse", "souris", "f", "animal", plural="mice"),
    noun("hamster", "hamster", "m", "animal pet"),
    noun("owl", "hibou", "m", "animal", pluriel="hiboux"),
    # Food and drink.
    noun("apple", "pomme", "f", "food fruit"),
    noun("orange", "orange", "f", "food fruit"),
    noun("egg", "œuf", "m", "food"),
    noun("cake", "gâteau", "m", "food made portion"),
    noun("sandwich", "sandwich", "m", "food made portion"),
    noun("tomato", "tomate", "f", "food fruit", plural="tomatoes"),
    noun("carrot", "carotte", "f", "food fruit"),
    noun("bean", "haricot", "m", "food"),
    noun("bread", "pain", "m", "mass food made"),
    noun("cheese", "fromage", "m", "mass food foreign"),
    noun("meat", "viande", "f", "mass food"),
    noun("soup", "soupe", "f", "mass food made warm"),
    noun("water", "eau", "f", "mass drink warm"),
    noun("coffee", "café", "m", "mass drink made warm"),
    noun("tea", "thé", "m", "mass drink made warm"),
    noun("milk", "lait", "m", "mass drink warm"),
    noun("wine", "vin", "m", "mass drink foreign"),
    # Things to read.
    noun("book", "livre", "m", "text foreign written print"),
    noun("letter", "lettre", "f", "text paper written"),
    noun("newspaper", "journal", "m", "text paper foreign print"),
    noun("story", "histoire", "f", "text told written"),
    noun("article", "article", "m", "text written"),
    # Small things.
    noun("key", "clé", "f", "small thing"),
    noun("phone", "téléphone", "m", "small thing machine"),
    noun("umbrella", "parapluie", "m", "small thing opening"),
    noun("bag", "sac", "m", "small thing container heavy opening"),
    noun("plate", "assiette", "f", "small thing dish container"),
    noun("glass", "verre", "m", "small thing dish container"),
    noun("bottle", "bouteille", "f", "small thing container opening"),
    noun("ticket", "billet", "m", "small paper print ticket pricey"),
    noun("photo", "photo", "f", "small paper picture"),
    noun("gift", "cadeau", "m", "small thing gift"),
    noun("flower", "fleur", "f", "small plant"),
    noun("box", "boîte", "f", "small thing container heavy opening"),
    # Clothes.
    noun("dress", "robe", "f", "clothes"),
    noun("shirt", "chemise", "f", "clothes"),
    noun("coat", "manteau", "m", "clothes"),
    noun("hat", "chapeau", "m", "clothes"),
    noun("jacket", "veste", "f", "clothes"),
    noun("uniform", "uniforme", "m", "clothes"),
    # Vehicles.
    noun("car", "voiture", "f", "vehicle owned"),
    noun("bicycle", "vélo", "m", "vehicle owned"),
    noun("bus", "bus", "m", "vehicle transport"),
    noun("train", "train", "m", "vehicle transport"),
    noun("plane", "avion", "m", "vehicle transport"),
    noun("boat", "bateau", "m", "vehicle owned"),
    # Furniture and machines.
    noun("table", "table", "f", "furniture surface"),
    noun("chair", "chaise", "f", "furniture surface"),
    noun("bed", "lit", "m", "furniture surface"),
    noun("wardrobe", "armoire", "f", "furniture"),
    noun("clock", "horloge", "f", "furniture machine"),
    noun("computer", "ordinateur", "m", "machine tool"),
    noun("radio", "radio", "f", "machine tool sound"),
    noun("door", "porte", "f", "opening"),
    noun("window", "fenêtre", "f", "opening"),
    # Buildings and places. "inside" takes in/dans; "venue" takes at or to/à.
    noun("kitchen", "cuisine", "f", "room inside home"),
    noun("house", "maison", "f", "building inside home owned lived"),
    noun("school", "école", "f", "building venue meal reading pricey attended"),
    noun("hotel", "hôtel", "m", "building venue meal pricey"),
    noun("hospital", "hôpital", "m", "building venue"),
    noun("restaurant", "restaurant", "m", "building venue foreign meal pricey"),
    noun("museum", "musée", "m", "building venue sight pricey"),
    noun("station", "gare", "f", "building venue"),
    noun("church", "église", "f", "building inside sight"),
    noun("market", "marché", "m", "building venue shopping pricey"),
    noun("shop", "magasin", "m", "building inside shopping shut"),
    noun("library", "bibliothèque", "f", "building venue reading"),
    noun("castle", "château", "m", "building inside sight lived"),
    noun("theatre", "théâtre", "m", "building venue sight pricey"),
    noun("university", "université", "f", "building venue foreign reading pricey"),
    noun("garden", "jardin", "m", "outside inside home land sight"),
    noun("park", "parc", "m", "outside inside land reading"),
    noun("beach", "plage", "f", "outside venue land"),
    noun("street", "rue", "f", "outside inside land danger"),
    noun("island", "île", "f", "land sight danger"),
    noun("city", "ville", "f", "outside inside sight shopping land lived"),
    noun("village", "village", "m", "outside inside sight shopping land lived"),
    # The rest.
    noun("song", "chanson", "f", "sound told foreign written"),
    noun("music", "musique", "f", "mass sound foreign"),
    noun("film", "film", "m", "show told foreign"),
    noun("question", "question", "f", "study"),
    noun("lesson", "leçon", "f", "study taught"),
    noun("exercise", "exercice", "m", "study taught"),
    noun("problem", "problème", "m", "study"),
)

NAMES = (
    Name("Paul", False),
    Name("Marc", False),
    Name("Antoine", False),
    Name("Lucas", False),
    Name("Daniel", False),
    Name("Marie", True),
    Name("Anne", True),
    Name("Sophie", True),
    Name("Claire", True),
    Name("Emma", True),
)

COUNTRIES = (
    Country("France", "la France", feminine=True),
    Country("Italy", "l'Italie", feminine=True),
    Country("Spain", "l'Espagne", feminine=True),
    Country("Germany", "l'Allemagne", feminine=True),
    Country("Belgium", "la Belgique", feminine=True),
    Country("Japan", "le Japon"),
    Country("Canada", "le Canada"),
    Country("Brazil", "le Brésil"),
    Country("Portugal", "le Portugal"),
    Country("Iran", "l'Iran"),
    Country("the United States", "les États-Unis", plural=True),
    Country("the Netherlands", "les Pays-Bas", plural=True),
)

CITIES = (
    City("Paris", "Paris"),
    City("London", "Londres"),
    City("Rome", "Rome"),
    City("Madrid", "Madrid"),
    City("Brussels", "Bruxelles"),
    City("Geneva", "Genève"),
    City("Athens", "Athènes"),
    City("Lisbon", "Lisbonne"),
)
