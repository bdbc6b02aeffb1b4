"""The verbs of the lexicon, with the few rules that build regular forms."""

from .words import EnglishVerb, FrenchVerb, Verb


def english(base: str, past: str = "", *, third: str = "", ing: str = "") -> EnglishVerb:
    """Make an English verb ("look for" has a particle); irregular forms are given, others are built."""
    word, _, particle = base.partition(" ")
    silent_e = word.endswith("e")
    return EnglishVerb(
        base=word,
        third=third or word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s"),
        past=past or word + ("d" if silent_e else "ed"),
        ing=ing or (word[:-1] if silent_e else word) + "ing",
        particle=particle,
    )


def er_verb(
    infinitive: str, *, strong: str = "", future: str = "", etre: bool = False, reflexive: bool = False
) -> FrenchVerb:
    """Make a French verb in -er.

    Args:
        strong: The stem under stress where it differs: achèt-, appell-, nettoi-.
        future: The future stem where it follows neither rule: enverr-.
    """
    weak = infinitive[:-2]
    strong = strong or weak
    nous = weak + ("e" if weak.endswith("g") else "")
    return FrenchVerb(
        infinitive=infinitive,
        present=(strong + "e", strong + "e", nous + "ons", weak + "ez", strong + "ent"),
        participle=weak + "é",
        imperfect=nous,
        future=future or strong + "er",
        etre=etre,
        reflexive=reflexive,
    )


def ir_verb(infinitive: str) -> FrenchVerb:
    """Make a French verb like finir: finis, finissons."""
    stem = infinitive[:-1]
    long = stem + "ss"
    return FrenchVerb(
        infinitive=infinitive,
        present=(stem + "s", stem + "t", long + "ons", long + "ez", long + "ent"),
        participle=stem,
        imperfect=long,
        future=infinitive,
    )


def re_verb(infinitive: str) -> FrenchVerb:
    """Make a French verb like vendre: vends, vend, vendons."""
    stem = infinitive[:-2]
    return FrenchVerb(
        infinitive=infinitive,
        present=(stem + "s", stem, stem + "ons", stem + "ez", stem + "ent"),
        participle=stem + "u",
        imperfect=stem,
        future=infinitive[:-1],
    )


def irregular(
    infinitive: str, present: str, participle: str, future: str, *, imperfect: str = "", etre: bool = False
) -> FrenchVerb:
    """Make an irregular French verb; the imperfect stem is that of the `nous` form unless given.

    Args:
        present: The forms for je, il, nous, vous, ils, separated by spaces.
    """
    je, il, nous, vous, ils = present.split()
    stem = imperfect or nous.removesuffix("ons")
    return FrenchVerb(infinitive, (je, il, nous, vous, ils), participle, stem, future, etre)


ETRE = irregular("être", "suis est sommes êtes sont", "été", "ser", imperfect="ét")
AVOIR = irregular("avoir", "ai a avons avez ont", "eu", "aur")
ALLER = irregular("aller", "vais va allons allez vont", "allé", "ir", etre=True)
POUVOIR = irregular("pouvoir", "peux peut pouvons pouvez peuvent", "pu", "pourr")
DEVOIR = irregular("devoir", "dois doit devons devez doivent", "dû", "devr")
VOULOIR = irregular("vouloir", "veux veut voulons voulez veulent", "voulu", "voudr")
PRENDRE = irregular("prendre", "prends prend prenons prenez prennent", "pris", "prendr")
COMPRENDRE = irregular(
    "comprendre", "comprends comprend comprenons comprenez comprennent", "compris", "comprendr"
)
BOIRE = irregular("boire", "bois boit buvons buvez boivent", "bu", "boir")
LIRE = irregular("lire", "lis lit lisons lisez lisent", "lu", "lir")
ECRIRE = irregular("écrire", "écris écrit écrivons écrivez écrivent", "écrit", "écrir")
VOIR = irregular("voir", "vois voit voyons voyez voient", "vu", "verr")
OUVRIR = irregular("ouvrir", "ouvre ouvre ouvrons ouvrez ouvrent", "ouvert", "ouvrir")
CONNAITRE = irregular("connaître", "connais connaît connaissons connaissez connaissent", "connu", "connaîtr")
FAIRE = irregular("faire", "fais fait faisons faites font", "fait", "fer")
VENIR = irregular("venir", "viens vient venons venez viennent", "venu", "viendr", etre=True)
PARTIR = irregular("partir", "pars part partons partez partent", "parti", "partir", etre=True)
DORMIR = irregular("dormir", "dors dort dormons dormez dorment", "dormi", "dormir")


def verb(english_verb: EnglishVerb, french_verb: FrenchVerb, objects: str, places: str, **flags) -> Verb:
    """Make a verb; kinds are given as space-separated words, `flags` as the fields of `Verb`."""
    if "subjects" in flags:
        flags["subjects"] = tuple(flags["subjects"].split())
    return Verb(english_verb, french_verb, tuple(objects.split()), tuple(places.split()), **flags)


GOODS = "food drink clothes owned thing plant machine furniture print"
LIVING = "person kin animal"

HAVE = verb(english("have", "had", third="has"), AVOIR, "pet clothes owned machine thing several", "")
# parler à: the object is indirect in French.
SPEAK = verb(english("speak to", "spoke"), er_verb("parler"), "person kin", "venue outside")

TRANSITIVE = (
    verb(
        english("eat", "ate"),
        er_verb("manger"),
        "food",
        "home land meal world",
        subjects=LIVING,
        continuous=True,
    ),
    verb(english("drink", "drank"), BOIRE, "drink", "home land meal", continuous=True),
    verb(english("read", "read"), LIRE, "text", "home land reading", continuous=True),
    verb(english("write", "wrote"), ECRIRE, "written", "home reading world"),
    verb(english("buy", "bought"), er_verb("acheter", strong="achèt"), GOODS, "shopping world", future=True),
    verb(english("sell", "sold"), re_verb("vendre"), GOODS, "shopping world"),
    verb(english("watch"), er_verb("regarder"), "show animal", "home land", continuous=True),
    verb(english("listen to"), er_verb("écouter"), "sound known public", "home land"),
    verb(
        english("look for"),
        er_verb("chercher"),
        "small pet clothes owned known print",
        "home venue outside",
        continuous=True,
    ),
    verb(english("find", "found"), er_verb("trouver"), "small pet clothes print", "home venue outside"),
    verb(
        english("lose", "lost"), re_verb("perdre"), "small pet clothes", "venue outside world", accident=True
    ),
    verb(english("clean"), er_verb("nettoyer", strong="nettoi"), "room owned dish furniture opening", ""),
    verb(english("wash"), er_verb("laver"), "clothes dish fruit", "home"),
    verb(english("wear", "wore"), er_verb("porter"), "clothes", "venue world"),
    verb(english("visit"), er_verb("visiter"), "sight", "", future=True),
    verb(english("see", "saw"), VOIR, "animal person sight show vehicle", "outside world land", future=True),
    verb(english("take", "took"), PRENDRE, "small transport clothes", ""),
    verb(english("open"), OUVRIR, "opening shut", ""),
    verb(english("close"), er_verb("fermer"), "opening shut", ""),
    verb(english("make", "made"), FAIRE, "made", "home"),
    verb(
        english("like"),
        er_verb("aimer"),
        "food drink sound show told animal sight clothes plant",
        "",
        feeling=True,
    ),
    verb(english("hate"), er_verb("détester"), "food drink sound show animal taught", "", feeling=True),
    verb(english("know", "knew"), CONNAITRE, "known public sight job", "", feeling=True),
    verb(english("meet", "met"), er_verb("rencontrer"), "person", "venue outside world"),
    verb(english("help"), er_verb("aider"), "person kin", "home venue", future=True),
    verb(english("call"), er_verb("appeler", strong="appell"), "known kin", ""),
    verb(english("invite"), er_verb("inviter"), "person kin", ""),
    verb(english("wait for"), re_verb("attendre"), "person kin transport", "venue outside"),
    verb(english("understand", "understood"), COMPRENDRE, "study told text", ""),
    verb(english("forget", "forgot"), er_verb("oublier"), "small clothes study", "venue", accident=True),
    verb(english("repair"), er_verb("réparer"), "machine vehicle furniture", "home"),
    verb(english("choose", "chose"), ir_verb("choisir"), "clothes small show furniture print", ""),
    verb(english("finish"), ir_verb("finir"), "written taught", "home reading"),
)

# The receiver is an indirect object: to the teacher / au professeur, him / lui.
GIVING = (
    verb(english("give", "gave"), er_verb("donner"), "small food written clothes", ""),
    verb(english("show"), er_verb("montrer"), "small written clothes print", ""),
    verb(
        english("send", "sent"), er_verb("envoyer", strong="envoi", future="enverr"), "paper written gift", ""
    ),
)

# Verbs with a place.
GO = verb(english("go", "went", third="goes"), ALLER, "", "venue world", continuous=True, future=True)
COME = verb(english("come", "came"), VENIR, "", "venue world", future=True)
ARRIVE = verb(english("arrive"), er_verb("arriver", etre=True), "", "venue world")
LEAVE = verb(english("leave", "left"), PARTIR, "", "world")
STAY = verb(
    english("stay"), er_verb("rester", etre=True), "", "home venue world land", subjects=LIVING, future=True
)
LIVE = verb(english("live"), er_verb("habiter"), "", "lived world", continuous=True)
WORK = verb(english("work"), er_verb("travailler"), "", "venue world home", continuous=True, future=True)
SLEEP = verb(english("sleep", "slept"), DORMIR, "", "home land", subjects=LIVING, continuous=True)
PLAY = verb(
    english("play"), er_verb("jouer"), "", "home land outside", subjects="person pet", continuous=True
)
GET_UP = verb(english("get up", "got", ing="getting"), er_verb("lever", strong="lèv", reflexive=True), "", "")
COST = er_verb("coûter")

DOING = {entry.english.base: entry for entry in TRANSITIVE}
