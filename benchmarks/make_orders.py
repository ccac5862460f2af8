"""Write millions of order lines and complaints, their price rules and controls, from seed.

Every value comes from the hash of its row's number, so from the row alone; nothing is held in
memory.
"""

from pathlib import Path

import duckdb
from large import CLIENT, client_yml

LINES_AN_ORDER, PRODUCTS = 3, 2_000
FIRST_DAY, DAYS = "2022-01-03", 1458
CONTROLS = """\
control_id,risk,kind,required_mode,configured_mode,critical,likelihood,impact,log_check
C1,Sold below the floor,preventive,block,block,yes,4,4,price_floor
C2,Low price without approval,preventive,dual,warn,yes,4,4,approval
C3,Complaint without an owner,preventive,suggest,suggest,no,3,3,complaint_owner
"""
LIMITS = "role,limit,valid_from\nsales lead,30000,\ndirector,300000,\n"
# Three lines an order, evenly over four years; every third order is approved, about half of those
# after shipment; unit prices lie between 75 % and 100 % of list.
_ORDERS = """
SELECT 'SO-' || lpad(o::VARCHAR, 9, '0') AS order_id, i % {each} + 1 AS line_no, ordered_at,
       'P' || lpad(p::VARCHAR, 5, '0') AS product, hash(i, 2) % 40 + 1 AS quantity,
       round((20 + p) * (0.75 + hash(i, 3) % 1000 / 4000.0), 2) AS unit_price,
       20 + p AS list_price,
       CASE hash(o, 4) % 4 WHEN 0 THEN 'key' WHEN 1 THEN 'dealer' END AS customer_class,
       'C' || lpad((hash(o, 5) % 20000)::VARCHAR, 6, '0') AS customer,
       'Group ' || (hash(p, 9) % 25) AS product_group,
       'E' || lpad((hash(o, 6) % 300)::VARCHAR, 4, '0') AS created_by, 'sales' AS creator_role,
       CASE WHEN asked THEN 'M' || m END AS approved_by,
       CASE WHEN asked THEN if(m < 15, 'sales lead', 'director') END AS approver_role,
       CASE WHEN asked THEN ordered_at + to_seconds((hash(o, 11) % 400000)::BIGINT) END
         AS approved_at,
       ordered_at + to_seconds((100000 + hash(o, 12) % 200000)::BIGINT) AS shipped_at,
       ['ui', 'import', 'api'][(hash(o, 13) % 3 + 1)::BIGINT] AS channel,
       CASE WHEN hash(i, 14) % 10 = 0 THEN 1 END AS free_quantity,
       CASE WHEN hash(i, 15) % 8 = 0 THEN hash(i, 15) % 50 END AS rebate
FROM (SELECT i, i // {each} AS o, hash(i, 1) % {products} AS p,
             hash(i // {each}, 7) % 3 = 0 AS asked, hash(i // {each}, 8) % 20 AS m,
             TIMESTAMP '{first}' + to_seconds((i // {each} * {each} * {days} * 86400.0
                                               / {rows})::BIGINT) AS ordered_at
      FROM range({rows}) t(i))
"""
# A floor for each product, class of customer, quantity break and year.
_RULES = """
SELECT 'P' || lpad(p::VARCHAR, 5, '0') AS product, [NULL, 'key', 'dealer'][c + 1] AS customer_class,
       [NULL, 20][b + 1] AS min_quantity,
       round((20 + p) * (0.82 - 0.02 * c - 0.03 * b + 0.01 * y), 2) AS floor_price,
       (2022 + y) || '-01-01' AS valid_from, (2022 + y) || '-12-31' AS valid_to
FROM range({products}) t(p), range(3) u(c), range(2) v(b), range(4) w(y)
"""
# Answered after half a day on average, solved after four; one in thirty is still open.
_COMPLAINTS = """
SELECT 'CP-' || lpad(i::VARCHAR, 9, '0') AS complaint_id, opened_at,
       'C' || lpad((hash(i, 2) % 20000)::VARCHAR, 6, '0') AS customer,
       importance, severity,
       if(hash(i, 5) % 5 = 0, hash(i, 6) % 5 + 1, 6 - greatest(importance, severity)) AS priority,
       answered AS first_response_at,
       CASE WHEN hash(i, 7) % 30 > 0 THEN answered + wait * 7 END AS resolved_at,
       CASE WHEN hash(i, 8) % 20 > 0 THEN 'E' || lpad((hash(i, 8) % 300)::VARCHAR, 4, '0') END
         AS owner,
       CASE WHEN hash(i, 9) % 12 = 0 THEN 1 ELSE 0 END AS reopened,
       opened_at + INTERVAL 1 DAY AS response_due, opened_at + INTERVAL 7 DAY AS resolve_due,
       ['phone', 'mail', 'visit'][(hash(i, 10) % 3 + 1)::BIGINT] AS channel,
       'Category ' || (hash(i, 11) % 12) AS category
FROM (SELECT *, opened_at + wait AS answered
      FROM (SELECT i, hash(i, 3) % 5 + 1 AS importance, hash(i, 4) % 5 + 1 AS severity,
                   TIMESTAMP '{first}' + to_seconds((i * {days} * 86400.0 / {rows})::BIGINT)
                     AS opened_at,
                   to_seconds((-43200 * ln((hash(i, 12) % 999983 + 1) / 999984.0))::BIGINT) AS wait
            FROM range({rows}) t(i)))
"""


def write_client(folder: Path, lines: int, complaints: int) -> Path:
    """Write the client's folder below ``folder`` and return it."""
    client = folder / CLIENT
    client.mkdir(parents=True)
    plain = {
        "client.yml": client_yml("Large orders"),
        "controls.csv": CONTROLS,
        "approval_limits.csv": LIMITS,
    }
    for name, text in plain.items():
        (client / name).write_text(text, encoding="utf-8")
    sized = {"orders": (_ORDERS, lines), "price_rules": (_RULES, 0),
             "complaints": (_COMPLAINTS, complaints)}  # fmt: skip
    facts = {"each": LINES_AN_ORDER, "products": PRODUCTS, "first": FIRST_DAY, "days": DAYS}
    with duckdb.connect() as database:
        for name, (query, rows) in sized.items():
            path = client / f"{name}.csv"
            database.execute(f"COPY ({query.format(rows=rows, **facts)}) TO '{path}' (HEADER)")
    return client
