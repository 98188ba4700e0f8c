"""What each language calls things when a text is read aloud: marks, money, units, months, abbreviations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: One of it, several of it.
Forms = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language as the reader needs it."""

    tag: str
    decimal_mark: str
    point: str
    minus: str
    to: str
    months: tuple[str, ...]
    #: Whether 10/12 is the tenth of December.
    day_first: bool
    #: Between day and month ("de"), and between month and year.
    of: str
    hours: str
    money: Mapping[str, Forms]
    cents: Mapping[str, Forms]
    units: Mapping[str, Forms]
    per: str
    symbols: Mapping[str, str]
    big: frozenset[str]
    #: Between a large number and its coin: two millions OF euros.
    big_of: str = ""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    #: What may follow the digits of an ordinal, as a regular expression; empty: none is read.
    ordinal_mark: str = ""
    feminine_mark: str = ""
    #: ICU's name of the masculine ordinals.
    ordinal_rule: str = "spellout-ordinal-masculine"


_EN_UNITS = (
    "km=kilometer m=meter cm=centimeter mm=millimeter mi=mile ft=foot/feet kg=kilogram g=gram mg=milligram t=ton "
    "lb=pound lbs=pound oz=ounce L=liter l=liter ml=milliliter h=hour hr=hour hrs=hour min=minute mins=minute "
    "s=second "
    "sec=second ms=millisecond GB=gigabyte MB=megabyte KB=kilobyte kB=kilobyte TB=terabyte Hz=hertz/hertz "
    "kHz=kilohertz/kilohertz MHz=megahertz/megahertz GHz=gigahertz/gigahertz W=watt kW=kilowatt MW=megawatt "
    "GW=gigawatt "
    "kWh=kilowatt-hour MWh=megawatt-hour V=volt ha=hectare mph=mile_per_hour/miles_per_hour yd=yard px=pixel "
    "nm=nanometer "
    "kph=kilometer_per_hour/kilometers_per_hour Mbps=megabit_per_second/megabits_per_second "
    "Gbps=gigabit_per_second/gigabits_per_second fps=frame_per_second/frames_per_second dB=decibel/decibels "
    "m²=square_meter m2=square_meter km²=square_kilometer km2=square_kilometer cm²=square_centimeter m³=cubic_meter "
    "m3=cubic_meter cm³=cubic_centimeter °C=degree_Celsius/degrees_Celsius °F=degree_Fahrenheit/degrees_Fahrenheit "
    "°=degree %=percent/percent ‰=per_mille/per_mille ¢=cent"
)


def _units(text: str, plural: str = "s") -> dict[str, Forms]:
    forms: dict[str, Forms] = {}
    for item in text.split():
        symbol, _, names = item.partition("=")
        one, _, many = names.replace("_", " ").partition("/")
        forms[symbol] = (one, many or one + plural)
    return forms


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _pairs(text: str) -> dict[str, str]:
    return {key: said for key, _, said in (item.rpartition("=") for item in text.split("|"))}


_EN = Tongue(
    tag="en", decimal_mark=".", point="point", minus="minus", to="to", day_first=False, of="of", hours="o'clock",
    months=_names("January February March April May June July August September October November December"),
    money={"$": ("dollar", "dollars"), "US$": ("US dollar", "US dollars"), "USD": ("US dollar", "US dollars"),
           "€": ("euro", "euros"), "EUR": ("euro", "euros"), "£": ("pound", "pounds"), "GBP": ("pound", "pounds"),
           "¥": ("yen", "yen"), "JPY": ("yen", "yen"), "₹": ("rupee", "rupees"), "₩": ("won", "won"),
           "₽": ("ruble", "rubles"), "₿": ("bitcoin", "bitcoins"), "CHF": ("Swiss franc", "Swiss francs")},
    cents={"$": ("cent", "cents"), "US$": ("cent", "cents"), "€": ("cent", "cents"), "£": ("penny", "pence")},
    units=_units(_EN_UNITS), per="per", big=frozenset(_names("hundred thousand million billion trillion")),
    symbols=_pairs("&=and|+=plus|==equals|@=at|/=slash|~=about|≈=about|×=times|÷=divided by|±=plus or minus|"
                 "<=less than|"
                   ">=greater than|≤=at most|≥=at least|→=to|.=dot|_=underscore|-=dash|#=hashtag|№=number|"
                 "§=section|*= |"
                   "©=copyright|°=degrees|%=percent"),
    abbreviations=_pairs("Dr.=Doctor|Mr.=Mister|Mrs.=Missus|Ms.=Miz|Prof.=Professor|St.=Saint|Mt.=Mount|Sr.=Senior|"
                         "Jr.=Junior|vs.=versus|vs=versus|e.g.=for example|i.e.=that is|etc.=et cetera|"
                 "approx.=approximately|"
                         "No.=number|Nos.=numbers|Fig.=figure|Gen.=General|Sen.=Senator|Rep.=Representative|"
                 "Gov.=Governor|"
                         "Lt.=Lieutenant|Capt.=Captain|Sgt.=Sergeant|Rev.=Reverend|Hon.=Honorable|Pres.=President|"
                         "Inc.=Incorporated|Ltd.=Limited|Corp.=Corporation|Co.=Company|dept.=department|"
                 "Dept.=Department|"
                         "est.=established|w/=with|w/o=without|a.k.a.=also known as|Jan.=January|Feb.=February|"
                         "Mar.=March|Apr.=April|Aug.=August|Sept.=September|Sep.=September|Oct.=October|"
                 "Nov.=November|"
                         "Dec.=December|ca.=circa|c.=circa|vol.=volume|Vol.=Volume|pp.=pages|p.=page"),
    ordinal_mark="st|nd|rd|th", ordinal_rule="spellout-ordinal",
)  # fmt: skip

_ES = Tongue(
    tag="es", decimal_mark=",", point="coma", minus="menos", to="a", day_first=True, of="de", hours="horas",
    months=_names("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    money={"$": ("dólar", "dólares"), "US$": ("dólar", "dólares"), "€": ("euro", "euros"), "£": ("libra", "libras"),
           "¥": ("yen", "yenes")},
    cents={"$": ("centavo", "centavos"), "€": ("céntimo", "céntimos"), "£": ("penique", "peniques")},
    units=_units("km=kilómetro m=metro cm=centímetro mm=milímetro kg=kilogramo g=gramo t=tonelada l=litro L=litro "
                 "h=hora min=minuto s=segundo GB=gigabyte MB=megabyte TB=terabyte kW=kilovatio MW=megavatio "
                 "kWh=kilovatio_hora "
                 "Hz=hercio m²=metro_cuadrado/metros_cuadrados km²=kilómetro_cuadrado/kilómetros_cuadrados "
                 "m³=metro_cúbico/metros_cúbicos °C=grado_Celsius/grados_Celsius °=grado %=por_ciento/por_ciento"),
    per="por", big=frozenset(_names("mil millón millones billón billones")), big_of="de",
    symbols=_pairs("&=y|+=más|==igual a|@=arroba|/=barra|~=unos|≈=unos|×=por|→=a|.=punto|_=guion bajo|-=guion|"
                 "#=almohadilla|*= "),
    abbreviations=_pairs("Sr.=señor|Sra.=señora|Dr.=doctor|Dra.=doctora|Prof.=profesor|etc.=etcétera|p. ej.=por "
                 "ejemplo|"
                         "EE.=Estados|UU.=Unidos|núm.=número|Núm.=número|aprox.=aproximadamente|pág.=página|"
                 "vs.=versus|"
                         "Ud.=usted|Uds.=ustedes|Av.=avenida"),
    ordinal_mark=r"\.?[ºo]|er|ro|do|to", feminine_mark=r"\.?ª|ra|da|ta",
)  # fmt: skip

_FR = Tongue(
    tag="fr", decimal_mark=",", point="virgule", minus="moins", to="à", day_first=True, of="", hours="heures",
    months=_names("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    money={"$": ("dollar", "dollars"), "US$": ("dollar", "dollars"), "€": ("euro", "euros"), "£": ("livre", "livres"),
           "¥": ("yen", "yens")},
    cents={"$": ("cent", "cents"), "€": ("centime", "centimes"), "£": ("penny", "pence")},
    units=_units("km=kilomètre m=mètre cm=centimètre mm=millimètre kg=kilogramme g=gramme t=tonne l=litre L=litre "
                 "h=heure "
                 "min=minute s=seconde Go=gigaoctet Mo=mégaoctet To=téraoctet GB=gigaoctet MB=mégaoctet "
                 "kW=kilowatt MW=mégawatt "
                 "kWh=kilowattheure Hz=hertz/hertz ha=hectare m²=mètre_carré/mètres_carrés "
                 "km²=kilomètre_carré/kilomètres_carrés "
                 "km/h=kilomètre_heure/kilomètres_heure m³=mètre_cube/mètres_cubes "
                 "°C=degré_Celsius/degrés_Celsius °=degré %=pour_cent/pour_cent"),
    per="par", big=frozenset(_names("mille million millions milliard milliards billion billions")), big_of="de",
    symbols=_pairs("&=et|+=plus|==égale|@=arobase|/=barre|~=environ|≈=environ|×=fois|→=à|.=point|_=tiret bas|"
                 "-=tiret|#=dièse|*= "),
    abbreviations=_pairs("M.=monsieur|Mme=madame|Mlle=mademoiselle|Dr=docteur|Dr.=docteur|Pr=professeur|etc.=et "
                 "cetera|"
                         "env.=environ|St=saint|Ste=sainte|av.=avant|apr.=après|J.-C.=Jésus-Christ|vs.=contre|"
                 "n°=numéro|"
                         "N°=numéro|p.=page"),
    ordinal_mark="er|e|ème|eme|d", feminine_mark="re|ère|ère",
)  # fmt: skip

_IT = Tongue(
    tag="it", decimal_mark=",", point="virgola", minus="meno", to="a", day_first=True, of="", hours="",
    months=_names("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    money={"$": ("dollaro", "dollari"), "US$": ("dollaro", "dollari"), "€": ("euro", "euro"),
           "£": ("sterlina", "sterline"), "¥": ("yen", "yen")},
    cents={"$": ("centesimo", "centesimi"), "€": ("centesimo", "centesimi"), "£": ("penny", "pence")},
    units=_units("km=chilometro/chilometri m=metro/metri cm=centimetro/centimetri mm=millimetro/millimetri "
                 "kg=chilogrammo/chilogrammi g=grammo/grammi t=tonnellata/tonnellate l=litro/litri h=ora/ore "
                 "min=minuto/minuti "
                 "s=secondo/secondi GB=gigabyte/gigabyte MB=megabyte/megabyte kW=chilowatt/chilowatt "
                 "kWh=chilowattora/chilowattora "
                 "Hz=hertz/hertz m²=metro_quadrato/metri_quadrati km²=chilometro_quadrato/chilometri_quadrati "
                 "m³=metro_cubo/metri_cubi °C=grado_Celsius/gradi_Celsius °=grado/gradi %=per_cento/per_cento"),
    per="all'", big=frozenset(_names("mila milione milioni miliardo miliardi")), big_of="di",
    symbols=_pairs("&=e|+=più|==uguale a|@=chiocciola|/=barra|~=circa|≈=circa|×=per|→=a|.=punto|_=trattino basso|"
                 "-=trattino|"
                   "#=cancelletto|*= "),
    abbreviations=_pairs("Sig.=signor|Sig.ra=signora|Dott.=dottor|Dr.=dottor|Prof.=professor|ecc.=eccetera|"
                 "es.=esempio|"
                         "a.C.=avanti Cristo|d.C.=dopo Cristo|n.=numero|pag.=pagina"),
    ordinal_mark="º|°", feminine_mark="ª",
)  # fmt: skip

_PT = Tongue(
    tag="pt", decimal_mark=",", point="vírgula", minus="menos", to="a", day_first=True, of="de", hours="horas",
    months=_names("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    money={"$": ("dólar", "dólares"), "US$": ("dólar", "dólares"), "R$": ("real", "reais"), "€": ("euro", "euros"),
           "£": ("libra", "libras"), "¥": ("iene", "ienes")},
    cents={"$": ("centavo", "centavos"), "R$": ("centavo", "centavos"), "€": ("cêntimo", "cêntimos")},
    units=_units("km=quilômetro m=metro cm=centímetro mm=milímetro kg=quilograma g=grama t=tonelada l=litro "
                 "L=litro h=hora "
                 "min=minuto s=segundo GB=gigabyte MB=megabyte TB=terabyte kW=quilowatt MW=megawatt "
                 "kWh=quilowatt-hora Hz=hertz/hertz "
                 "ha=hectare m²=metro_quadrado/metros_quadrados km²=quilômetro_quadrado/quilômetros_quadrados "
                 "m³=metro_cúbico/metros_cúbicos °C=grau_Celsius/graus_Celsius °=grau/graus %=por_cento/por_cento"),
    per="por", big=frozenset(_names("mil milhão milhões bilhão bilhões")), big_of="de",
    symbols=_pairs("&=e|+=mais|==igual a|@=arroba|/=barra|~=cerca de|≈=cerca de|×=vezes|→=a|.=ponto|_=sublinhado|"
                 "-=traço|"
                   "#=hashtag|*= "),
    abbreviations=_pairs("Sr.=senhor|Sra.=senhora|Dr.=doutor|Dra.=doutora|Prof.=professor|etc.=etcétera|ex.=exemplo|"
                         "nº=número|pág.=página|Av.=avenida|aprox.=aproximadamente|vs.=versus"),
    ordinal_mark=r"\.?[ºo]", feminine_mark=r"\.?ª",
)  # fmt: skip

_DE = Tongue(
    tag="de", decimal_mark=",", point="Komma", minus="minus", to="bis", day_first=True, of="", hours="Uhr",
    months=_names("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    money={"$": ("Dollar", "Dollar"), "US$": ("US-Dollar", "US-Dollar"), "€": ("Euro", "Euro"),
           "£": ("Pfund", "Pfund"), "¥": ("Yen", "Yen")},
    cents={"$": ("Cent", "Cent"), "€": ("Cent", "Cent"), "£": ("Penny", "Pence")},
    units=_units("km=Kilometer m=Meter cm=Zentimeter mm=Millimeter kg=Kilogramm g=Gramm t=Tonne/Tonnen l=Liter "
                 "L=Liter "
                 "h=Stunde/Stunden min=Minute/Minuten s=Sekunde/Sekunden GB=Gigabyte MB=Megabyte TB=Terabyte "
                 "kW=Kilowatt "
                 "MW=Megawatt kWh=Kilowattstunde/Kilowattstunden Hz=Hertz ha=Hektar m²=Quadratmeter "
                 "km²=Quadratkilometer "
                 "m³=Kubikmeter °C=Grad_Celsius °=Grad %=Prozent", plural=""),
    per="pro", big=frozenset(_names("tausend Million Millionen Milliarde Milliarden Billion Billionen")),
    symbols=_pairs("&=und|+=plus|==gleich|@=at|/=Schrägstrich|~=etwa|≈=etwa|×=mal|→=zu|.=Punkt|_=Unterstrich|"
                 "-=Bindestrich|"
                   "#=Hashtag|§=Paragraf|*= "),
    abbreviations=_pairs("Dr.=Doktor|Prof.=Professor|Hr.=Herr|Fr.=Frau|usw.=und so weiter|z.B.=zum Beispiel|"
                 "z.=zum|B.=Beispiel|"
                         "d.h.=das heißt|bzw.=beziehungsweise|ca.=circa|Nr.=Nummer|St.=Sankt|u.a.=unter anderem|"
                 "Mio.=Millionen|"
                         "Mrd.=Milliarden|vs.=gegen|evtl.=eventuell|ggf.=gegebenenfalls|S.=Seite"),
    ordinal_rule="spellout-ordinal-n",
)  # fmt: skip

#: All languages whose texts are read, by ISO 639-1 code.
TONGUES: Mapping[str, Tongue] = {tongue.tag: tongue for tongue in (_EN, _ES, _FR, _IT, _PT, _DE)}
