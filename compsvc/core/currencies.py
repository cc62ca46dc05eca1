"""ISO 4217: how many decimals each currency has.

Pinned, so that an update of a package never changes a cent; made from the `iso4217` package, with which a test compares
it. Codes that stand for no money anyone is paid in (gold, special drawing rights, test codes) have no decimals in the
standard and are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_BY_EXPONENT = {
    0: ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "),
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
        "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
        "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK "
        "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD "
        "RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
        "USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
    ),
    3: ("BHD IQD JOD KWD LYD OMR TND "),
    4: ("CLF UYW "),
}

EXPONENTS: Mapping[str, int] = {code: exponent for exponent, codes in _BY_EXPONENT.items() for code in codes.split()}
NOT_PAYABLE = frozenset({"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"})

_MEANT = {
    "CAD": "CAN",
    "CHF": "SFR SF FR FRANKEN",
    "CNY": "RMB YUAN",
    "DKK": "DKR",
    "EUR": "EURO EUROS EU \u20ac",
    "GBP": "UKP STG UK POUND \u00a3",
    "INR": "RS RUPEE",
    "JPY": "YEN",
    "NOK": "NKR",
    "PLN": "ZLOTY",
    "SEK": "SKR",
    "USD": "US US$ DOLLAR $",
}
USUAL_MISTAKES: Mapping[str, str] = {word: code for code, words in _MEANT.items() for word in words.split()}


def near_currencies(text: str) -> Sequence[str]:
    """What was meant by a text that is no code: a code in capitals, a usual mistake, or every code that one letter,
    or two that change places, turn it into."""
    word = text.strip().upper()
    if word in EXPONENTS:
        return [word]
    if word in USUAL_MISTAKES:
        return [USUAL_MISTAKES[word]]
    swapped = [code for code in EXPONENTS if sorted(code) == sorted(word) and _differ(code, word) == 2]
    return swapped or sorted(code for code in EXPONENTS if len(word) == len(code) and _differ(code, word) == 1)


def _differ(one: str, two: str) -> int:
    return sum(a != b for a, b in zip(one, two, strict=True))
