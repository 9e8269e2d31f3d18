//! How often first and second decisions agree, as a table.

use maud::{Markup, html};

use crate::moderation::reviews::agreement::{Agreement, Figures, Measured};

/// The agreement of the last days, over all and by queue.
pub fn figures(agreement: &Agreement) -> Markup {
    html! {
        div.scrolls tabindex="0" {
            table {
                caption.visually-hidden { "How often first and second decisions agree" }
                thead { tr {
                    th scope="col" { "Days" }
                    th scope="col" { "Queue" }
                    th.number scope="col" { "Second opinions" }
                    th.number scope="col" { "Agree" }
                    th.number scope="col" { "95 % interval" }
                    th.number scope="col" { abbr title="Cohen's kappa" { "κ" } }
                } }
                tbody {
                    @for window in &agreement.windows {
                        tr {
                            th scope="row" { (window.days) }
                            th scope="row" { "all" }
                            (cells(&window.overall, agreement.minimum))
                        }
                        @for of in &window.queues {
                            tr {
                                td { (window.days) }
                                td { (of.queue.as_str()) }
                                (cells(&of.figures, agreement.minimum))
                            }
                        }
                    }
                }
            }
        }
        p.note.small {
            "It says how clear our rules are, and nothing about any one of us: there are no numbers "
            "by person. κ says how much better they agree than by chance would: 1 is always, 0 no "
            "better. Numbers are shown from " (agreement.minimum) " second opinions on."
        }
    }
}

fn cells(figures: &Figures, minimum: u32) -> Markup {
    html! {
        td.number { (figures.opinions) }
        @match figures.measured {
            Some(measured) => (numbers(measured)),
            None => td.note colspan="3" { "fewer than " (minimum) },
        }
    }
}

fn numbers(
    Measured {
        share,
        low,
        high,
        kappa,
    }: Measured,
) -> Markup {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    html! {
        td.number { (percent(share)) }
        td.number { (percent(low)) " to " (percent(high)) }
        td.number {
            @match kappa {
                Some(kappa) => (format!("{kappa:.2}")),
                None => "–",
            }
        }
    }
}
