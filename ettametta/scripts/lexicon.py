"""Small word lists the offline writer needs: what carries no meaning, what points back, what strikes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, all in lower case.

    Attributes:
        stop: carry no meaning of their own.
        back: at the start of a sentence they point back to the one before.
        joining: of these, those that also join words, so that only the very first word of a sentence tells.
        persons: pronouns that need a named person before them in the sentence.
        openers: connectives that may be dropped from the start together with their comma.
        striking: make a sentence worth opening with.
        relative: begin a clause between commas that may be left out.
        closing: a line to end with; empty: none.
    """

    stop: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    openers: tuple[str, ...] = ()
    striking: frozenset[str] = frozenset()
    relative: frozenset[str] = frozenset()
    closing: str = ""


def word_set(text: str) -> frozenset[str]:
    """The words of a text, parted by spaces."""
    return frozenset(re.findall(r"\S+", text))


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


_ENGLISH = Lexicon(
    stop=word_set(
        """a an the and or but nor so yet of in on at by for to from with without into onto over under about as than
        is are was were be been being am has have had having do does did will would shall should can could may might
        must not no it its he she they them his her their we our you your i me my us this that these those which who
        whom whose what when where why how there here if then else because while although though until since before
        after between during through around above below behind beside along across against near inside
        outside beyond toward towards upon within among out up down off again once just only very too also more most
        much many such own same other another some any each every all both few one ones very still ever even like"""
    ),
    back=word_set(
        """he she it they this that these those his her its their him them such but and so yet then instead also
        both another others neither either or nor still thus hence therefore afterwards later meanwhile similarly
        likewise consequently otherwise besides because which who there-by again"""
    ),
    joining=word_set(
        "but and so yet then instead also both another others neither either or nor still thus because which who again"
    ),
    persons=word_set("he she him his her hers"),
    openers=_list(
        """however|moreover|furthermore|additionally|in addition|in fact|indeed|of course|for example|for instance|
        meanwhile|consequently|therefore|thus|as a result|nevertheless|nonetheless|similarly|likewise|notably|overall|
        in other words|in general|generally|today, however|finally|also|besides|interestingly|importantly"""
    ),
    striking=word_set(
        """first only never nobody nothing single largest smallest biggest oldest fastest deadliest secret impossible
        saved killed invented discovered changed million billion thousand world king queen death alive war lost every
        too strange hidden unknown suddenly almost twice zero exactly dead"""
    ),
    relative=word_set("which who whose where"),
    closing="Sources in the description.",
)
_SPANISH = Lexicon(
    stop=word_set(
        """el la los las un una unos unas y o pero ni de del en a al por para con sin sobre entre hasta desde como que
        es son era eran fue fueron ser sido está están estaba ha han había no lo le les se su sus mi tu nos este esta
        estos estas ese esa eso esto aquel cual cuales quien quienes donde cuando porque si ya más menos muy también
        tan tanto todo toda todos todas otro otra otros otras cada uno dos"""
    ),
    back=word_set(
        """él ella ellos ellas este esta esto estos estas ese esa eso esos esas su sus pero y así entonces también
        además luego después por tal tales ambos otro otra sin
        es era fue son eran fueron está estaba están tiene tenía tienen había hay"""
    ),
    joining=word_set("pero y así entonces también además luego después por sin otra otro"),
    persons=word_set("él ella ellos ellas"),
    openers=_list("sin embargo|además|no obstante|por ejemplo|de hecho|por lo tanto|en cambio|así pues|por otro lado"),
    striking=word_set(
        "primero primera primer único única nunca nadie nada mayor menor secreto imposible millón millones mil mundo"
    ),
    relative=word_set("que quien cuyo cuya donde"),
    closing="Fuentes en la descripción.",
)
_FRENCH = Lexicon(
    stop=word_set(
        """le la les un une des et ou mais ni de du en à au aux par pour avec sans sur sous entre dans depuis comme que
        qui est sont était étaient fut furent être été a ont avait avaient ne pas n' il elle ils elles on se sa son ses
        leur leurs mon ton notre votre ce cet cette ces cela ça dont où quand parce si plus moins très aussi tout toute
        tous toutes autre autres chaque y l d s c j m t qu"""
    ),
    back=word_set(
        """il elle ils elles ce cet cette ces cela ça son sa ses leur leurs mais et ainsi alors donc puis ensuite
        aussi tel telle tels celui celle ceux celles cependant toutefois"""
    ),
    joining=word_set("mais et ainsi alors donc puis ensuite aussi tel telle celui celle ceux celles"),
    persons=word_set("il elle lui"),
    openers=_list(
        "cependant|toutefois|de plus|en outre|par exemple|en effet|par conséquent|néanmoins|d'ailleurs|enfin"
    ),
    striking=word_set(
        "premier première seul seule jamais personne rien plus secret impossible million millions mille monde"
    ),
    relative=word_set("qui dont où lequel laquelle"),
    closing="Les sources sont dans la description.",
)
_ITALIAN = Lexicon(
    stop=word_set(
        """il lo la i gli le un uno una e o ma né di del della dei delle in nel nella a al alla da dal dalla per con
        senza su sul sulla tra fra come che chi è sono era erano fu furono essere stato stata ha hanno aveva non si
        suo sua suoi sue loro questo questa questi queste quello quella ciò cui dove quando perché se più meno molto
        anche tutto tutta tutti tutte altro altra altri altre ogni"""
    ),
    back=word_set(
        """egli ella esso essa essi esse lui lei loro questo questa questi queste quello quella ciò suo sua ma e così
        allora quindi poi anche tale tali entrambi inoltre tuttavia è era fu sono erano furono ha aveva hanno"""
    ),
    joining=word_set("ma e così allora quindi poi anche quello quella"),
    persons=word_set("egli ella lui lei"),
    openers=_list("tuttavia|inoltre|per esempio|ad esempio|infatti|pertanto|di conseguenza|ciononostante|infine"),
    striking=word_set("primo prima unico unica mai nessuno niente segreto impossibile milione milioni mille mondo re"),
    relative=word_set("che cui quale dove"),
    closing="Le fonti sono nella descrizione.",
)
_PORTUGUESE = Lexicon(
    stop=word_set(
        """o a os as um uma uns umas e ou mas nem de do da dos das em no na nos nas ao à por para com sem sobre entre
        até desde como que é são era eram foi foram ser sido está estão tem têm tinha não se seu sua seus suas este
        esta estes estas esse essa isso isto aquele qual quem onde quando porque já mais menos muito também todo toda
        todos todas outro outra outros outras cada"""
    ),
    back=word_set(
        """ele ela eles elas este esta isto estes estas esse essa isso seu sua seus suas mas e assim então também além
        depois tal tais ambos porém é era foi são eram foram está tem tinha têm"""
    ),
    joining=word_set("mas e assim então também além depois"),
    persons=word_set("ele ela"),
    openers=_list("no entanto|porém|além disso|por exemplo|de fato|de facto|portanto|contudo|por fim"),
    striking=word_set(
        "primeiro primeira único única nunca ninguém nada segredo impossível milhão milhões mil mundo rei"
    ),
    relative=word_set("que quem cujo cuja onde"),
    closing="Fontes na descrição.",
)
_GERMAN = Lexicon(
    stop=word_set(
        """der die das den dem des ein eine einer eines einem einen und oder aber nicht kein keine von vom in im an am
        auf aus bei mit nach seit zu zum zur über unter vor zwischen durch für ohne um als wie dass ist sind war waren
        wird werden wurde wurden sein gewesen hat haben hatte es er sie sich ihr ihre sein seine dies diese dieser
        dieses jene welche was wer wo wenn weil auch noch nur sehr mehr alle jeder jede"""
    ),
    back=word_set(
        "er sie es dies diese dieser dieses das sein seine ihr ihre aber und so dann danach auch dabei dadurch"
    ),
    joining=word_set("aber und so dann danach auch das"),
    persons=word_set("er ihm ihn"),
    openers=_list("jedoch|allerdings|außerdem|zum beispiel|tatsächlich|daher|dennoch|schließlich"),
    striking=word_set(
        "erste ersten erster einzige nie niemand nichts größte geheim unmöglich million millionen tausend welt"
    ),
)
_NONE = Lexicon()

LEXICONS = MappingProxyType(
    {"en": _ENGLISH, "es": _SPANISH, "fr": _FRENCH, "it": _ITALIAN, "pt": _PORTUGUESE, "de": _GERMAN}
)


def lexicon(language: str) -> Lexicon:
    """The word lists of a language; empty ones for a language without."""
    return LEXICONS.get(language, _NONE)
