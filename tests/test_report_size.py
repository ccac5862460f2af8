"""What keeps a page small: drawings, code, saved rows and the font written short."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from lxml import etree
from lxml import html as lxml_html
from problem_rows import PROVEN, register
from report_sample import code, deviation, prose, step_output
from test_report import rendered

from crm_eval_lib import charts, problems
from crm_eval_lib.report.code import html_of_code
from crm_eval_lib.report.compact import short_path
from crm_eval_lib.report.svg import safe_svg
from crm_eval_lib.report.tables import csv_link

WEEKS = pd.Timedelta(days=2000)  # every day another height of the curve
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'


def drawn(body):
    text = safe_svg(f"{HEAD}{body}</svg>", prefix="p-", title="T", description="D")
    return etree.fromstring(text)[2:]


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("M 0 0 L 1 1 L 2 5", "M0 0 1 1 2 5"),
        ("M 0 0 L 5 0 L 9 0 L 9 4 z", "M0 0H9V4z"),
        ("M 0 0 L 5 0 L 3 0", "M0 0H5 3"),  # back on itself: the far end stays
        ("M 1 1 L 1 1", "M1 1H1"),  # a point drawn with round caps
        ("M 0 0 C 1 1 2 -2 3 3", "M0 0C1 1 2-2 3 3"),
        ("M 0 0 L 1 1 M 4 4 L 5 6", "M0 0 1 1M4 4 5 6"),
    ],
)
def test_a_path_keeps_its_course(long, short):
    assert short_path(long) == short


def test_coordinates_are_rounded_but_markers_are_not():
    marker, path = drawn(
        "<defs><path id='m' d='M 0.25 0 L 1.25 1' stroke='red'/></defs>"
        "<path d='M 0.26 0 L 1.04 7.349' stroke='red'/><use href='#m' x='1.26' y='2'/>"
    )[:2]
    assert marker[0].get("d") == "M0.25 0 1.25 1"
    assert path.get("d") == "M0.3 0 1 7.3"


def test_what_cannot_be_seen_is_left_out():
    assert len(drawn("<path d='M 0 0 L 9 9' fill='none'/><rect width='9' fill='none'/>")) == 0


def test_solid_lines_of_one_look_become_one_and_see_through_ones_do_not():
    line = "<path d='M 0 {} L 9 {}' fill='none' stroke='red'/>"
    (joined,) = drawn(line.format(1, 2) + line.format(3, 4))
    assert joined.get("d") == "M0 1 9 2M0 3 9 4"
    see_through = line.replace("/>", " stroke-opacity='.5'/>")
    (group,) = drawn(see_through.format(1, 2) + see_through.format(3, 4))
    assert len(group) == 2 and group.get("stroke-opacity") == ".5"


def test_labels_of_one_look_say_it_once():
    text = "<text x='{}' font-size='8' fill='#262626'>{}</text>"
    (group,) = drawn(text.format(1, "a") + text.format(2, "b"))
    assert dict(group.attrib) == {"font-size": "8", "class": "f-ink"}
    assert [(item.get("x"), item.text) for item in group] == [("1", "a"), ("2", "b")]


def test_opacity_and_transforms_are_never_shared():
    shape = (
        "<rect x='1' width='9' fill='red' opacity='.5' clip-path='url(#c)' transform='scale(2)'/>"
    )
    (group,) = drawn(f"<clipPath id='c'><rect width='5'/></clipPath>{shape}{shape}")[1:]
    assert dict(group.attrib) == {"fill": "red"}
    assert all({"opacity", "transform", "clip-path"} <= set(item.attrib) for item in group)


def test_code_is_escaped_and_only_what_is_coloured_has_a_class():
    page = html_of_code("a = b('<x>')")
    assert page == (
        '<div class="code"><pre>a = b(<i class=s>&#39;&lt;x&gt;&#39;</i>)\n</pre></div>'
    )


def test_saved_numbers_have_no_noise_and_no_mark_ends_the_address():
    link = csv_link(["a"], [[0.1 + 0.2], ['"#%<&>\n喆']])
    assert link.endswith("a%0A0.3%0A%22%22%22%23%25%3C%26%3E%0A喆%22%0A")


def test_a_page_leaves_out_only_marks_that_html_does_without(tmp_path):
    page = rendered(tmp_path)
    assert "</td>" not in page and "</tr>" not in page
    rows = lxml_html.fromstring(page).xpath("//table[@class='indicators']/tbody/tr")
    assert rows[0].get("data-ref") == "indicators/cost.deviation_original"
    assert [len(row) for row in rows] == [7, 7, 5]  # the third is not assessed: cells joined


def page_of(step, folder):
    return rendered(
        folder, cells=[prose("# Cost\n\nHow much?"), code("spending", step_output(step))]
    )


def test_a_page_does_not_grow_with_the_rows_behind_it(tmp_path):
    def step(rows):
        table = pd.DataFrame({"line_id": [f"L{n:06d}" for n in range(rows)], "amount": 123456.78})
        return replace(deviation(), table=table, tables={"rows": table})

    few, many = (len(page_of(step(rows), tmp_path / str(rows))) for rows in (51, 50_000))
    assert many - few < 100  # a longer count of rows, nothing else


def test_the_longest_curve_of_fifty_thousand_rows_stays_small():
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(range(50_000), unit="D") % WEEKS
    rows = register(*[PROVEN]).loc[[0] * 50_000].reset_index(drop=True)
    rows = rows.assign(problem_id=rows.index.astype(str), raised_on=days[0], solved_on=days)
    dates = SimpleNamespace(status_date=pd.Timestamp("2026-01-01"), go_live=days[0])
    figure = charts.figure("PROB-03", charts.plot_solution_time,
                           problems.solution_time(rows, dates=dates))  # fmt: skip
    assert len(safe_svg(figure.svg, prefix="p-", title="T", description="D")) < 40_000
