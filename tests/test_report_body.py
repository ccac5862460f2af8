"""What of a section stands in the body, and that the appendix has all the rest."""

from markupsafe import Markup

from crm_eval_lib.report.body import BODY_FIGURES, BODY_SENTENCES, bodied
from crm_eval_lib.report.sections import Answer, FigureView, Section


def figure(id):
    drawn = Markup("<svg/>")
    return FigureView(id, id.lower(), "h", "s", "", "a", drawn, "", None, None, f"step.{id}")


def section(id, *figures, answers=(), further=()):
    return Section(id, "Title", Markup(""), answers=tuple(answers),
                   figures=tuple(map(figure, figures)),
                   further_figures=tuple(map(figure, further)))  # fmt: skip


def ids(figures):
    return [figure.id for figure in figures]


def test_the_leading_figures_stay_in_the_body_and_the_others_are_kept():
    made = bodied(section("cost", *(f"COST-0{n}" for n in range(1, 10)), further=["COST-10"]), {})
    assert ids(made.figures) == ["COST-01", "COST-04", "COST-08"]
    assert ids(made.further_figures) == [
        "COST-02", "COST-03", "COST-05", "COST-06", "COST-07", "COST-09", "COST-10"
    ]  # fmt: skip


def test_other_figures_fill_the_places_of_leading_ones_that_could_not_be_drawn():
    made = bodied(section("efficiency", "EFF-01", "EFF-02", "EFF-04", "EFF-09"), {})
    assert ids(made.figures) == ["EFF-01", "EFF-02", "EFF-09"]


def test_a_factor_of_the_client_shows_its_first_figures():
    made = bodied(section("adoption", *"ABCDE"), {})
    assert ids(made.figures) == list("ABCDE"[:BODY_FIGURES])


def test_sentences_behind_a_score_stay_and_none_is_lost():
    told = [Answer(f"Sentence {n}.", f"step.{n}") for n in range(9)]
    told.append(Answer("Scored.", "step.scored", ("cost.eac[x]",)))
    made = bodied(section("cost", answers=told), {"cost.eac": 5.0})
    assert [a.text for a in made.answers] == [
        "Sentence 0.", "Sentence 1.", "Sentence 2.", "Sentence 3.", "Sentence 4.", "Scored."
    ]  # fmt: skip
    assert len(made.answers) == BODY_SENTENCES
    assert {*made.answers, *made.further_answers} == set(told)
