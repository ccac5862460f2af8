"""client.yml: what is read, what it defaults to, and the sentence for every mistake."""

import json
import pickle

import pandas as pd
import pytest
from pydantic import ValidationError
from python_calamine import CalamineWorkbook

from crm_eval_lib.config import ClientConfig, load_config
from crm_eval_lib.config.section import names_of
from crm_eval_lib.errors import ConfigError, UsageError
from crm_eval_lib.tables import CORE_TABLES, TABLES
from crm_eval_lib.tables.dictionary import keys_of
from crm_eval_lib.tables.template import write_template

DATES = "dates: {go_live: 2024-09-02, status_date: 2025-08-31}\n"
# The example of the contract, each key in the contract's own form.
WHOLE = """
schema: 1
client: acme
name: Acme Trading Co., Ltd.
language: en
currency: CNY
timezone: Asia/Shanghai
calendar: {country: CN, days: [mon, tue, wed, thu, fri], hours: ["09:00-12:00", "13:00-18:00"],
           overrides: {2024-12-31: off}}
periods: {month_end: last}
dates: {project_start: 2024-01-08, planned_go_live: 2024-07-01, forecast_go_live: null,
        go_live: 2024-09-02, status_date: 2025-08-31, blackout: [2024-09-02, 2024-11-30]}
weights: {cost: 20, problems: 30, efficiency: 25, controls: 25}
bands: {pass: 60, good: 75, excellent: 90}
scoring: {anchors: {cost.schedule_ratio: [0.5, 0.0],
                    cost.deviation_original: [0.50, 0, -0.15, -0.65]},
          indicator_weights: {adoption.active_share: 100}, veto: {V4: off}, weight_spread: 0.25}
not_applicable: {controls.price.unapproved_rate: {reason: no price list, role: finance director}}
finance: {discount_rate: 0.10, realisation: 0.5, horizon_years: 3}
efficiency: {mix: [region, amount_band], comparison: "region = 'North'"}
complaints: {rank: max}
price: {floor_share_of_list: null, approval_before: shipped_at}
parameters: {03_efficiency: {confidence: 0.95}}
report: {project: "", status: draft, prepared_by: "", reviewed_by: "", independence: independent,
         countersigned_by: "", decision_sought: "", confidentiality: "", logo: logo.png,
         consultancy: ""}
privacy: {pseudonymise: true, person_level: false, basis: "", approver: ""}
roots: []
sources:
  orders: {query: "SELECT 1"}
  complaints: {file: incidents.zip, columns: {complaint_id: number},
               values: {status: {Closed: closed}}, nulls: ["?"],
               formats: {opened_at: "%d/%m/%Y %H:%M"}}
"""


@pytest.fixture
def load(tmp_path):
    """Return a reader of a client.yml with the given text."""

    def read(text, name="acme", **more):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        content = text if isinstance(text, bytes) else text.encode()
        (folder / "client.yml").write_bytes(content)
        return load_config(folder, **more)

    return read


@pytest.fixture
def refused(load):
    """Return the lines of the message a client.yml is refused with."""

    def read(text, *args, **more):
        with pytest.raises(ConfigError) as caught:
            load(text, *args, **more)
        return str(caught.value).splitlines()

    return read


def test_the_example_of_the_contract_is_read(load):
    config = load(WHOLE)
    assert config.dates.blackout == (pd.Timestamp("2024-09-02"), pd.Timestamp("2024-11-30"))
    assert config.dates.forecast_go_live is None
    assert config.scoring.anchors["cost.deviation_original"] == (0.5, 0.0, -0.15, -0.65)
    assert config.scoring.veto == {"V4": False}
    assert config.calendar.overrides == {pd.Timestamp("2024-12-31"): "off"}
    assert config.parameters == {"03_efficiency": {"confidence": 0.95}}
    assert config.sources["complaints"].columns == {"complaint_id": "number"}
    assert getattr(config.bands, "pass") == 60


def test_two_dates_are_enough(load):
    config = load(DATES)
    assert (config.client, config.name, config.language) == ("acme", "acme", "en")
    assert (config.currency, config.timezone) == ("CNY", "Asia/Shanghai")
    assert config.weights == {"cost": 20, "problems": 30, "efficiency": 25, "controls": 25}
    assert config.bands.model_dump() == {"pass": 60, "good": 75, "excellent": 90}
    assert config.scoring.weight_spread == 0.25
    assert config.privacy.pseudonymise and not config.privacy.person_level
    assert config.finance.model_dump() == {
        "discount_rate": 0.10, "realisation": 0.5, "horizon_years": 3
    }  # fmt: skip


def test_dates_are_naive_midnights(load):
    assert load(DATES).dates.go_live == pd.Timestamp("2024-09-02")
    assert load(DATES).dates.go_live.tz is None
    assert load(DATES).dates.project_start is None


def test_every_key_is_described_in_both_languages():
    for path, field in keys_of(ClientConfig):
        assert field.description, path
        assert field.json_schema_extra["zh"], path
        assert field.json_schema_extra["allowed"], path


@pytest.mark.parametrize("client", ["007", "1e3", "no", "2024-01-01", "0x1f"])
def test_ids_stay_text(load, client):
    assert load(f"client: {client}\n{DATES}", client).client == client


def test_no_is_norway_and_not_false(load):
    assert load(f"calendar: {{country: NO}}\n{DATES}").calendar.country == "NO"


def test_the_country_follows_from_a_chinese_time_zone_only(load):
    assert load(DATES).calendar.country == "CN"
    assert load(f"timezone: Europe/Berlin\n{DATES}").calendar.country is None
    assert load(f"calendar: {{country: null}}\n{DATES}").calendar.country is None


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030"], ids=["UTF-8", "with BOM", "GB18030"]
)
def test_chinese_names_are_read_in_every_encoding(load, encoding):
    assert load(f"name: 宏远商贸有限公司\n{DATES}".encode(encoding)).name == "宏远商贸有限公司"


def test_parameters_keep_their_yaml_types(load):
    knobs = "{whole: 3, share: .5, exact: 1e-3, yes: true, nothing: null, id: 007, text: '1'}"
    found = load(f"parameters: {{01_cost: {knobs}}}\n{DATES}").parameters["01_cost"]
    assert found == {
        "whole": 3, "share": 0.5, "exact": 0.001, "yes": True, "nothing": None, "id": "007",
        "text": "1",
    }  # fmt: skip
    assert type(found["whole"]) is int and type(found["share"]) is float


def test_weights_not_named_keep_their_default(load):
    assert load(f"weights: {{cost: 50}}\n{DATES}").weights["problems"] == 30


def test_an_own_factor_is_known_by_its_notebook(load, tmp_path):
    notebooks = tmp_path / "acme" / "notebooks"
    notebooks.mkdir(parents=True)
    (notebooks / "06_adoption.ipynb").write_text("{}")
    assert load(f"weights: {{adoption: 10}}\n{DATES}").weights["adoption"] == 10


def test_an_own_factor_may_be_passed_in(load):
    config = load(f"weights: {{adoption: 10}}\n{DATES}", known_factors=["adoption"])
    assert config.weights["adoption"] == 10


@pytest.mark.parametrize(("word", "holds"), [("off", False), ("on", True), ("no", False)])
def test_a_veto_is_switched_by_a_word(load, word, holds):
    assert load(f"scoring: {{veto: {{V4: {word}}}}}\n{DATES}").scoring.veto == {"V4": holds}


def test_overrides_are_off_on_or_hours(load):
    days = '{2024-12-31: off, 2024-09-14: on, 2024-09-15: ["09:00-12:00"], 2024-09-16: 9:00-10:00}'
    found = load(f"calendar: {{overrides: {days}}}\n{DATES}").calendar.overrides
    assert list(found.values()) == ["off", "on", ("09:00-12:00",), ("09:00-10:00",)]


def test_a_whole_day_is_allowed(load):
    found = load(f'calendar: {{hours: ["00:00-24:00"]}}\n{DATES}').calendar
    assert found.hours == ("00:00-24:00",)


def test_language_and_status_date_can_be_overridden(load):
    config = load(DATES, language="zh-Hans", status_date="2025-01-31")
    assert config.language == "zh-Hans"
    assert config.dates.status_date == pd.Timestamp("2025-01-31")


def test_the_configuration_is_frozen(load):
    with pytest.raises(ValidationError, match="frozen"):
        load(DATES).language = "zh-Hans"


def test_a_saved_configuration_is_read_again_with_its_own_factors(load):
    weights = "weights: {adoption: 10}\nscoring: {indicator_weights: {adoption.share: 1}}\n"
    config = load(weights + WHOLE.split("weights:")[0], known_factors=["adoption"])
    saved = json.loads(json.dumps(config.model_dump(mode="json", by_alias=True)))
    assert ClientConfig.model_validate(saved) == config


def test_the_configuration_travels_between_processes(load):
    config = load(WHOLE)
    assert pickle.loads(pickle.dumps(config)) == config


MISTAKES = [
    ("langauge: en", "langauge: there is no such key; did you mean 'language'?"),
    ("schema: 2", "schema: found '2'; allowed: 1."),
    ("client: ACME", "client: found 'ACME'; allowed: small letters, digits, _ and -, at most 63"),
    ("client: ../x", "client: found '../x'; allowed: small letters"),
    ("client: other", "client: found 'other' in the folder 'acme'; the two must be equal."),
    ("language: zh", "language: found 'zh'; allowed: en or zh-Hans."),
    ("language: zh-Hant", "Did you mean 'zh-Hans'?"),
    ("currency: RMB", "currency: found 'RMB'; allowed: a currency code of ISO 4217, such as CNY. "
     "Did you mean 'CNY'?"),
    ("currency: QQQ", "currency: found 'QQQ'; allowed: a currency code"),
    ("timezone: asia/shanghai", "Did you mean 'Asia/Shanghai'?"),
    ("timezone: Asia/Shanghia", "Did you mean 'Asia/Shanghai'?"),
    ("timezone: ../etc/passwd", "timezone: found '../etc/passwd'; allowed: a name of the IANA"),
    ("calendar: {country: China}", "calendar.country: found 'China'; allowed: two letters"),
    ("calendar: {days: [mon, fun, xyz]}", "'fun' is no weekday, did you mean 'sun'?; 'xyz' is no"),
    ("calendar: {days: []}", "Name at least one day."),
    ('calendar: {hours: ["22:00-06:00"]}', "write a night as '22:00-24:00' and '00:00-06:00'."),
    ('calendar: {hours: ["9-5"]}', "'9-5' is not like '09:00-12:00'."),
    ('calendar: {hours: ["09:00-24:30"]}', "the clock runs from 00:00 to 24:00."),
    ("calendar: {overrides: {2024-02-30: off}}", "'2024-02-30': the calendar has no such day."),
    ("calendar: {overrides: {2024-02-03: closed}}", "'2024-02-03': 'closed' is not like"),
    ("calendar: weekdays", "calendar: found 'weekdays'; allowed: a mapping with the keys country"),
    ("periods: {month_end: 32}", "periods.month_end: found '32'; allowed: last, or a day from 1"),
    ("periods: {fiscal_year_start: 13}", "fiscal_year_start: found '13'; allowed: a month from 1"),
    ("weights: {cots: 1}", "weights.cots: there is no factor 'cots'; did you mean 'cost'? A factor "
     "of your own needs a notebook NN_cots.ipynb"),
    ("weights: {cost: -1}", "weights.cost: found '-1'; allowed: a number of at least 0."),
    ("weights: {cost: many}", "weights.cost: found 'many'; allowed: a number of at least 0."),
    ("weights: {cost: .nan}", "weights.cost: found '.nan'; allowed: a number of at least 0."),
    ("weights: {cost: 0, problems: 0, efficiency: 0, controls: 0}",
     "weights: all weights are zero; give at least one factor a weight above 0."),
    ("weights: 5", "weights: found '5'; allowed: a mapping such as {cost: 20"),
    ("bands: {pass: 80}", "bands: found pass 80, good 75, excellent 90; allowed: 0 ≤ pass < good"),
    ("bands: {pass: 101}", "bands.pass: found '101'; allowed: a number from 0 to 100."),
    ("scoring: {anchors: {cost.schedul_ratio: [0.5, 0]}}",
     "cost.schedul_ratio: no scored indicator has this id; did you mean 'cost.schedule_ratio'?"),
    ("scoring: {anchors: {cost.schedule_ratio: [0.5]}}",
     "found ['0.5']; allowed: [zero, full], two different numbers, or [zero, full, full, zero]"),
    ("scoring: {anchors: {cost.schedule_ratio: [1, 1]}}", "found ['1', '1']; allowed: [zero,"),
    ("scoring: {anchors: {controls.coverage: [0.95, 0.5]}}", "the other way round a better value"),
    ("scoring: {anchors: {cost.schedule_ratio: [1, 0, 2, 3]}}", "[zero, full, full, zero] in"),
    ("scoring: {anchors: {ratio: [1, 0]}}", "ratio: this is no indicator id; write factor.name"),
    ("scoring: {indicator_weights: {csot.x: 1}}", "no factor 'csot'; did you mean 'cost'?"),
    ("scoring: {indicator_weights: {controls.coverage: -1}}", "allowed: a number of at least 0."),
    ("scoring: {veto: {V9: off}}", "scoring.veto.V9: there is no veto 'V9'; known are: V1, V2"),
    ("scoring: {veto: {V4: maybe}}", "scoring.veto.V4: found 'maybe'; allowed: on or off."),
    ("scoring: {weight_spread: 2}", "weight_spread: found '2'; allowed: a number from 0 to 1."),
    ("not_applicable: {cost.cpi: {reason: small}}",
     "not_applicable.cost.cpi.role: is missing; allowed: text. Add it."),
    ("not_applicable: {cost.cpi: {reason: '', role: boss}}", "reason: found ''; allowed: text."),
    ("not_applicable: {prices: {reason: a, role: b}}", "not_applicable.prices: this is no"),
    ("finance: {discount_rate: 10}", "found '10'; allowed: a number from 0 to below 1 (0.10"),
    ("finance: {realisation: half}", "realisation: found 'half'; allowed: a number from 0 to 1."),
    ("finance: {horizon_years: 2.5}", "found '2.5'; allowed: a whole number from 1 to 30."),
    ("efficiency: {mix: [[a]]}", "allowed: a list of column names. Every entry is one text."),
    ("efficiency: {comparison: [a]}", "allowed: a condition such as region = 'North', or nothing."),
    ("complaints: {rank: maximum}", "allowed: max, product or importance. Did you mean 'max'?"),
    ("price: {floor_share_of_list: 0}", "found '0'; allowed: a number above 0, up to 1, or null."),
    ("price: {approval_before: shipped}", "allowed: shipped_at or ordered_at. Did you mean"),
    ("parameters: {01_cost: 5}", "parameters.01_cost: found 5; allowed: {03_efficiency:"),
    ("report: {independence: none}", "independent, consultant, vendor, implementer or owner."),
    ("report: {colour: red}", "report.colour: there is no such key; known are: project, status"),
    ("privacy: {pseudonymise: maybe}", "pseudonymise: found 'maybe'; allowed: true or false."),
    ("privacy: {person_level: yes, basis: law}", "privacy.approver: is empty; person_level: true "
     "needs a basis and an approver."),
    ("roots: [[a]]", "roots: found [['a']]; allowed: a list of folders."),
    ("sources: {order: {file: a.csv}}", "sources.order: there is no table 'order'; did you mean "
     "'orders'?"),
    ("sources: {orders: {}}", "sources.orders: found neither query nor file; allowed: exactly one"),
    ("sources: {orders: {query: a, file: b}}", "sources.orders: found both query and file;"),
    ("sources: {orders: {file: a, colums: {}}}", "no such key; did you mean 'columns'?"),
    ("sources: {orders: a.csv}", "sources.orders: found 'a.csv'; allowed: a mapping with the keys"),
    ("language: en\nlanguage: en", "language: stands here twice, first in line 1; keep one"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "sentence"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_mistake_gets_its_sentence(refused, line, sentence):
    lines = refused(f"{line}\n{DATES}")
    assert any(sentence in text for text in lines), lines


DATE_MISTAKES = [
    ("dates: {go_live: 2024-09-02}", "dates.status_date: is missing; allowed: a date such as"),
    ("dates: {status_date: 2024-09-02}", "dates.go_live: is missing, and so is planned_go_live;"),
    ("dates:", "dates.status_date: is missing"),
    ("name: x", "dates.status_date: is missing"),
    ("dates: {go_live: 02/09/2024, status_date: 2024-09-03}",
     "dates.go_live: found '02/09/2024'; allowed: a date such as 2024-09-02, or null. Write it"),
    ("dates: {go_live: 2024-09-02, status_date: 2024-02-30}", "The calendar has no such day."),
    ("dates: {go_live: 0204-09-02, status_date: 2024-02-03}", "must lie between 1900 and 2199."),
    ("dates: {go_live: 2024-09-02, status_date: 2025-01-01, blackout: [2024-11-30, 2024-09-02]}",
     "The first day must not come after the last; swap them."),
    ("dates: {go_live: 2024-09-02, status_date: 2025-01-01, blackout: 2024-11-30}",
     "Write two dates: [2024-09-02, 2024-11-30]."),
    ("dates: today", "dates: found 'today'; allowed: a mapping with the keys project_start"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), DATE_MISTAKES)
def test_a_mistake_in_the_dates_gets_its_sentence(refused, text, sentence):
    lines = refused(text)
    assert any(sentence in line for line in lines), lines


def test_planned_go_live_alone_is_enough(load):
    dates = load("dates: {planned_go_live: 2024-09-02, status_date: 2024-08-01}").dates
    assert dates.go_live is None


def test_all_mistakes_come_out_together_with_their_lines(refused):
    lines = refused("language: xx\ncurrency: RMB\nbands: {pass: 80}\ndates: {blackout: [1]}\n")
    assert lines[0] == "acme/client.yml has 6 mistakes:"
    places = [line.split(": ")[0].removeprefix("  - ") for line in lines[1:]]
    assert places == [
        "line 1, language", "line 2, currency", "line 3, bands", "line 4, dates.status_date",
        "line 4, dates.blackout", "line 4, dates.go_live",
    ]  # fmt: skip


@pytest.mark.parametrize("jargon", ["pydantic", "Input should", "value_error", "type="])
def test_messages_are_plain(refused, jargon):
    text = "\n".join(refused("\n".join(line for line, _ in MISTAKES)))
    assert jargon not in text


def test_an_overridden_value_is_named_as_the_parameter_it_is(refused):
    lines = refused(DATES, language="fr", status_date="soon")
    assert lines[1].startswith("  - parameter language: found 'fr'; allowed: en or zh-Hans")
    assert lines[2].startswith("  - parameter status_date: found 'soon'; allowed: a date")


def test_broken_yaml_is_refused_with_its_line(refused):
    assert refused("name: x\nweights: {cost: 1")[0].startswith("acme/client.yml: line 2, column ")
    assert "Indent with blanks, not tabs" in refused("name: x\ndates:\n\tgo_live: x")[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "acme/client.yml is empty. It needs at least dates: status_date"),
        (b"# only a comment\n", "is empty"),
        (b"- a\n- b\n", "acme/client.yml is no list of keys; write lines like 'language: en'."),
        (b"\xff\xfe\x00", "neither UTF-8 nor GB18030 text; save it as UTF-8."),
        (b"a\x00b: 1", "not readable as YAML: unacceptable character"),
        (b"a: &a [*a]", "line 1: too large or too deeply nested"),
        (b"? [a]\n: 1\n", "line 1: a key must be one word"),
        (b"a: 1\n---\nb: 2\n", "not readable as YAML"),
    ],
)
def test_an_unreadable_file_is_refused(refused, content, sentence):
    assert sentence in refused(content)[0]


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    with pytest.raises(ConfigError, match=r"acme/client.yml is missing. Make a new client with"):
        load_config(folder)
    (folder / "client.yaml").write_text("")
    with pytest.raises(ConfigError, match=r"Rename client.yaml to client.yml"):
        load_config(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ConfigError, match="There is no folder"):
        load_config(tmp_path / "nobody")


FILLED = {"status_date:": "status_date: 2025-08-31", "go_live:": "go_live: 2024-09-02"}


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_new_client_is_valid_once_its_dates_are_filled_in(tmp_path, language):
    write_template(tmp_path / "007", "007", language)
    path = tmp_path / "007" / "client.yml"
    with pytest.raises(
        ConfigError, match=r"2 mistakes(.|\n)*dates.go_live(.|\n)*dates.status_date"
    ):
        load_config(path.parent)
    text = path.read_text(encoding="utf-8")
    for empty, filled in FILLED.items():
        text = text.replace(f"\n  {empty}", f"\n  {filled}")
    path.write_text(text, encoding="utf-8")
    config = load_config(path.parent)
    assert (config.client, config.language) == ("007", language)


def test_the_commented_keys_of_a_new_client_exist(tmp_path):
    write_template(tmp_path / "acme", "acme", "en")
    text = (tmp_path / "acme" / "client.yml").read_text(encoding="utf-8")
    offered = {line[2:].split(":")[0] for line in text.splitlines() if line.startswith("# ")}
    named = {name for name in offered if name.isidentifier()}
    assert {"weights", "bands", "not_applicable", "sources"} <= named <= set(names_of(ClientConfig))


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_workbook_has_a_sheet_with_headers_for_every_core_table(tmp_path, language):
    write_template(tmp_path / "acme", "acme", language)
    book = CalamineWorkbook.from_path(str(tmp_path / "acme" / "intake.xlsx"))
    assert tuple(book.sheet_names) == CORE_TABLES
    for name in CORE_TABLES:
        rows = book.get_sheet_by_name(name).to_python()
        assert rows == [[column.name for column in TABLES[name].columns]]


@pytest.mark.parametrize(("language", "word"), [("en", "Planned amount"), ("zh-Hans", "计划金额")])
def test_the_workbook_explains_columns_and_offers_values(tmp_path, language, word):
    import zipfile

    write_template(tmp_path / "acme", "acme", language)
    with zipfile.ZipFile(tmp_path / "acme" / "intake.xlsx") as book:
        comments = book.read("xl/comments1.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert word in comments
    offered = "hardware,software" if language == "en" else "硬件,软件"
    assert "<dataValidation " in sheet and offered in sheet


def test_nothing_is_overwritten(tmp_path):
    write_template(tmp_path / "acme", "acme", "en")
    before = (tmp_path / "acme" / "client.yml").read_bytes()
    with pytest.raises(
        UsageError, match=r"client.yml and intake.xlsx already; nothing was changed"
    ):
        write_template(tmp_path / "acme", "acme", "zh-Hans")
    assert (tmp_path / "acme" / "client.yml").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "language", "sentence"),
    [
        ("ACME", "en", "'ACME' cannot be a client's id"),
        ("acme", "fr", "Language 'fr' is not available"),
        ("other", "en", "must be named like the client, 'other'"),
    ],
)
def test_a_new_client_needs_a_good_name_and_language(tmp_path, name, language, sentence):
    with pytest.raises(UsageError, match=sentence):
        write_template(tmp_path / "acme", name, language)
    assert not (tmp_path / "acme").exists()
