"""A made-up regime by its rows: of each table of the account, and the ratings of each unit."""

from __future__ import annotations

ROWS = {
    "regimes": ["RIVER,River Commission,general,yes,yes,rivers"],
    "lineage": ["l90,RIVER,RIVER,1990,,1,origin,intro,some made up words,"],
    "memberships": [
        "m901,RIVER,intro,some made up words,,Moldova belongs,MDA,1990,,founding,none",
        "m902,RIVER,intro,some made up words,,Ukraine belongs for a time,UKR,1990,2005,founding,withdrawal",
    ],
    "instruments": ["i901,RIVER,River Treaty,treaty,yes,1991,1991,,MDA;UKR,,,,yes,,made up,,text,yes,made up"],
    "norms": [
        f"n9{i:02d},RIVER,intro,some made up words,,Norm {i} on the river,{kind},all,substance,1991,,{carrier},adopted"
        for i, kind in enumerate(["principle", "norm", "norm", "rule", "rule", "procedure"], start=1)
        for carrier in ["i901" if kind != "procedure" else ""]
    ],
    "events": [
        f"e9{i:02d},RIVER,intro,some made up words,,Event {i} on the river,{1990 + 3 * i},,MDA;UKR,decision,n902,,"
        for i in range(1, 8)
    ],
    "plans": ["p901,RIVER,intro,some made up words,,A lock is planned,1993,e903,1999,yes"],
    "expectations": ["x901,RIVER,intro,some made up words,,Water all year,MDA,1990,"],
    "outlook": [
        f"o9{i:02d},RIVER,intro,some made up words,,Outlook {i},{state},all,{first},{first + 9},e901,stated"
        for i, (state, first) in enumerate([("MDA", 1990), ("UKR", 1990), ("MDA", 2000), ("UKR", 2000)], start=1)
    ],
    "functions": ["u901,RIVER,intro,some made up words,,Keeps the river open,all,1990,,e901"],
    "roles": ["r901,RIVER,intro,some made up words,,Moldova goes between,MDA,regime,1990,"],
    "claims": ["c901,RIVER,intro,some made up words,,The river will be shared,forecast,,e901"],
}
VALUES = {
    "n": {"obligation": "2", "precision": "2", "delegation": "1", "implementation": "partly"},
    "e": {"compliance": "complied"},
    "x": {"expectation_kind": "strategic", "met": "1", "norm_related": "yes"},
    "o": {"outlook": "2"},
    "u": {"function_kind": "communicative", "strength": "2"},
    "r": {"role": "bridge", "act": "words"},
}
