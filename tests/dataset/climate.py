"""The climate regime in a few rows, unlike any regional organisation: other parts, kinds of event and of instrument."""

from __future__ import annotations

from pathlib import Path

PARTIES = "CAN;EUU;IND;JPN;USA"
TABLES = {
    "account/regimes.csv": [
        "id,name,domain,scored,focal,lineage",
        "UNFCCC,Framework Convention on Climate Change,climate,yes,no,climate_1992",
        "KYOTO,Kyoto Protocol,climate,yes,no,climate_1992",
        "PARIS,Paris Agreement,climate,yes,yes,climate_1992",
    ],
    "account/lineage.csv": [
        "id,focal,regime,from,to,order,relation,section,source",
        "l01,PARIS,UNFCCC,1992-05-09,,1,origin,law,Convention",
        "l02,PARIS,KYOTO,1997-12-11,2020-12-31,2,protocol to the convention,law,Protocol",
        "l03,PARIS,PARIS,2015-12-12,,3,agreement under the convention,law,Agreement",
    ],
    "account/sections.csv": ["id,order,coded,heading,title", "law,1,yes,Law,Law", "conduct,2,yes,Conduct,Conduct"],
    "account/states.csv": [
        "iso3,name",
        *("CAN,Canada", "EUU,European Union", "IND,India", "JPN,Japan", "USA,United States"),
    ],
    "account/memberships.csv": [
        "id,regime,section,source,label,state,from,to,entry,exit",
        "m001,KYOTO,conduct,Depositary,Canada joins and leaves,CAN,2005,2012-12-15,founding,withdrawal",
        "m002,KYOTO,conduct,Depositary,Japan ratifies,JPN,2005,2020-12-31,founding,termination",
        *(
            f"m{number:03d},PARIS,conduct,Depositary,{state} is a party,{state},{since},{until},founding,{how}"
            for number, (state, since, until, how) in enumerate(
                [
                    *((state, "2016-11-04", "", "none") for state in ("CAN", "EUU", "IND", "JPN")),
                    ("USA", "2016-11-04", "2020-11-03", "withdrawal"),
                ],
                start=3,
            )
        ),
    ],
    "instruments/instruments.csv": [
        "id,regime,name,kind,binding,signed,in_force_from,in_force_to,parties,page,second_page,seen,verified,note",
        f"i01,PARIS,Paris Agreement,agreement,yes,2015-12-12,2016-11-04,,{PARTIES},https://unfccc.int/process-and-meetings/the-paris-agreement,,text,yes,",
        f"i02,PARIS,Katowice rulebook,rulebook,no,2018-12-15,2018-12-15,,{PARTIES},https://unfccc.int/,,page,yes,",
    ],
    "account/norms.csv": [
        "id,regime,section,source,label,krasner,component,aspect,valid_from,valid_to,instrument,status",
        *(
            f"n{number:03d},PARIS,law,Article {article},{label},{kind},{part},{aspect},2016-11-04,,{carrier},adopted"
            for number, (article, label, kind, part, aspect, carrier) in enumerate(
                [
                    ("2", "Warming stays well below two degrees", "principle", "all", "substance", "i01"),
                    (
                        "4(2)",
                        "Parties act on their pledges",
                        "norm",
                        "mitigation",
                        "substance",
                        "i01",
                    ),
                    (
                        "4(9)",
                        "A party pledges every five years",
                        "rule",
                        "mitigation",
                        "procedure",
                        "i01",
                    ),
                    ("7", "Parties plan adaptation", "norm", "adaptation", "substance", "i01"),
                    ("9(1)", "Developed parties provide finance", "norm", "climate finance", "substance", "i01"),
                    ("13", "Parties report by common formats", "rule", "mitigation", "procedure", "i02"),
                    ("15", "A committee facilitates compliance", "procedure", "all", "procedure", "i01"),
                ],
                start=1,
            )
        ),
    ],
    "account/events.csv": [
        "id,regime,section,source,label,date,date_end,actors,type,norm",
        "e001,PARIS,conduct,Registry,The Union communicates a higher pledge,2020-12-18,,EUU,pledge,n003",
        "e002,PARIS,conduct,Registry,Japan communicates its pledge,2020-03-31,,JPN,pledge,n003",
        "e003,PARIS,conduct,Registry,India communicates its pledge in 2022,2022-08-26,,IND,late_pledge,n003",
        "e004,PARIS,conduct,Depositary,The United States leave,2020-11-04,,USA,exit,",
        "e005,PARIS,conduct,Decision 1/CMA.5,First global stocktake ends,2023-12-13,,CAN;EUU;IND;JPN,stocktake,n001",
    ],
    "account/outlook.csv": [
        "id,regime,section,source,label,state,component,from,to,evidence,basis",
        "o001,PARIS,conduct,Speech,Canada counts on pledges,CAN,mitigation,2016,2020,e001,stated",
        "o002,PARIS,conduct,Speech,The Union counts on pledges,EUU,all,2016,2020,e001,stated",
        "o003,PARIS,conduct,Speech,India doubts finance,IND,climate finance,2016,2020,e003,stated",
    ],
    "account/functions.csv": [
        "id,regime,section,source,label,component,from,to,evidence",
        "u001,PARIS,law,Article 13,Parties show each other what they do,mitigation,2016,,e001",
    ],
}
VALUES = {
    "n": {"obligation": "2", "precision": "2", "delegation": "1", "implementation": "partly"},
    "e": {"compliance": "complied"},
    "o": {"outlook": "2"},
    "u": {"function_kind": "communicative", "strength": "2"},
}
STUDY = """title: Is the Paris Agreement a dead letter?
authors: [A. Student]
source: {called: the treaty, cite: Paris Agreement (2015), citation: "Paris Agreement, 12 December 2015"}
coders: human
"""
CODING = """title: Baseline
why: A test.
coder: coder-1
as_of: "2023-12-31"
argument: {placebo_draws: 19}
periods: {climate_1992: [2016/2019, 2020/2023]}
"""


def code_climate(study: Path) -> Path:
    """Fill an empty study with these rows and a rating for each variable of a unit."""
    for name, lines in TABLES.items():
        (study / "data" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    units = [line.split(",")[0] for lines in TABLES.values() for line in lines[1:]]
    ratings = [
        f"{unit},coder-1,{variable},{value},by the wording"
        for unit in units
        for variable, value in (VALUES.get(unit[0], {}) if unit[1:].isdigit() else {}).items()
    ]
    header = "unit,coder,variable,value,rationale"
    (study / "data/account/ratings.csv").write_text("\n".join([header, *ratings]) + "\n", encoding="utf-8")
    (study / "study.yaml").write_text(STUDY, encoding="utf-8")
    (study / "params/baseline.yaml").write_text(CODING, encoding="utf-8")
    return study
