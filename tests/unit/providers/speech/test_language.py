"""What is refused as not English: strong evidence only."""

from __future__ import annotations

import pytest

from ettametta.providers.speech.language import not_english

ENGLISH = [
    "Hello there.",
    "Yes.",
    "2026: 1,250 km",
    "Taylor Swift, Beyoncé, Rihanna and Lizzo.",
    "Angela Merkel met Emmanuel Macron in Aachen.",
    "Jürgen Klopp, Mohamed Salah, Virgil van Dijk.",
    "Paris, Lyon, Marseille",
    "Zlatan Ibrahimović scored twice.",
    "Quick tip: sauté the jalapeños, then add crème fraîche.",
    "Kubernetes pods restart kubelet",
    "Dr. Müller's Käsespätzle recipe from Baden-Württemberg.",
    "São Paulo, Rio de Janeiro, Belo Horizonte: three cities, one league.",
    "NASA, ESA, JAXA and Roscosmos agree.",
    "El Niño returns to Peru.",
    "The Japanese word 木漏れ日 means sunlight through leaves.",
    "Buy now! Limited offer!",
    "Lewis Hamilton wins Gran Premio d'Italia",
    "François Truffaut's Les Quatre Cents Coups changed cinema.",
    "Wir schaffen das, said Angela Merkel, and the phrase stuck with her.",
    "Bitcoin Ethereum Solana Dogecoin",
    "E = mc² is what Einstein wrote",
    "Café society",
    "Mount Kilimanjaro, Tanzania",
    "Nyerere, Kenyatta and Mandela",
    "Deutsche Bahn, Lufthansa und Siemens",
    "iPhone 17 Pro Max unboxing",
]

OTHERS = {
    "fr": "Bonjour, je m'appelle Pierre et j'habite à Paris.",
    "de": "Guten Morgen, wie geht es Ihnen heute?",
    "es": "El perro come carne todos los días en el parque.",
    "it": "Ciao a tutti, benvenuti nel nostro canale.",
    "pt": "Olá mundo, hoje vamos falar de futebol brasileiro.",
    "nl": "De kat zit op de mat en kijkt naar buiten.",
    "fi": "Tervetuloa kanavalle, tänään puhumme säästä.",
    "pl": "W Szczebrzeszynie chrząszcz brzmi w trzcinie.",
    "sw": "Habari ya asubuhi, leo tutazungumza kuhusu hali ya hewa.",
    "tr": "Merhaba arkadaşlar, bugün hava durumundan bahsedeceğiz.",
    "ru": "Привет, мир!",
    "ja": "こんにちは、世界。",
    "zh": "你好，世界",
    "ar": "مرحبا بالعالم",
    "hi": "नमस्ते दुनिया",
    "el": "Γειά σου Κόσμε",
    "ko": "안녕하세요 여러분",
    "he": "שלום עולם",
    "th": "สวัสดีชาวโลก",
}


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_names_is_not_refused(text: str) -> None:
    assert not_english(text) is None


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_are_refused(language: str) -> None:
    assert not_english(OTHERS[language]) in (language, "another script")


@pytest.mark.parametrize("text", ["", "...", "123 456", "🎉"])
def test_nothing_to_judge(text: str) -> None:
    assert not_english(text) is None
