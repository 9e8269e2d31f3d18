//! Charts, drawn here as SVG: they need no script, and whoever cannot see them has their title,
//! what they show in words, and the table that stands beside each.

use maud::{Markup, html};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
/// Where the axes are: room for the numbers on the left and the labels below.
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 212.0;
const TOP: f64 = 12.0;
const RIGHT: f64 = 712.0;
/// Labels below the axis at the most; more would run into each other.
const LABELS: usize = 8;

/// What is drawn in one colour.
pub struct Series {
    /// What it is called.
    pub name: &'static str,
    /// The end of its classes in the style sheet.
    pub class: &'static str,
    /// A value for each label; none where there is none.
    pub values: Vec<Option<f64>>,
}

/// A chart.
pub struct Chart<'a> {
    /// Names it on its page.
    pub id: &'static str,
    /// What it is.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub description: String,
    /// What stands below, from left to right.
    pub labels: Vec<String>,
    /// What is drawn.
    pub series: Vec<Series>,
}

impl Chart<'_> {
    /// Bars, the series upon each other.
    pub fn bars(&self) -> Markup {
        let totals = (0..self.labels.len()).map(|at| {
            let values = self
                .series
                .iter()
                .filter_map(|series| series.values.get(at));
            values.flatten().sum()
        });
        let top = top(totals.fold(0.0, f64::max));
        let step = self.step();
        let bars = (0..self.labels.len()).flat_map(|at| {
            let mut below = 0.0;
            let x = LEFT + step * at as f64 + step * 0.1;
            self.series.iter().filter_map(move |series| {
                let value = (*series.values.get(at)?).filter(|value| *value > 0.0)?;
                let y = y(below + value, top);
                let height = y_height(value, top);
                below += value;
                Some(html! {
                    rect class={ "bar-" (series.class) } x=(px(x)) y=(px(y))
                        width=(px(step * 0.8)) height=(px(height)) {}
                })
            })
        });
        let bars = bars.collect();
        self.frame(top, bars)
    }

    /// Lines, with a dot at each value; a line breaks off where there is none.
    pub fn lines(&self) -> Markup {
        let values = self
            .series
            .iter()
            .flat_map(|series| series.values.iter().flatten());
        let top = top(values.copied().fold(0.0, f64::max));
        let step = self.step();
        let at = |at: usize, value: f64| (LEFT + step * (at as f64 + 0.5), y(value, top));
        let lines = self.series.iter().map(|series| {
            let points: Vec<Option<(f64, f64)>> = (series.values.iter().enumerate())
                .map(|(n, value)| value.map(|value| at(n, value)))
                .collect();
            html! {
                @for run in points.split(Option::is_none).filter(|run| run.len() > 1) {
                    polyline class={ "line line-" (series.class) } points=(joined(run)) {}
                }
                @for (x, y) in points.iter().flatten() {
                    circle class={ "dot-" (series.class) } cx=(px(*x)) cy=(px(*y)) r="3" {}
                }
            }
        });
        let lines = lines.collect();
        self.frame(top, lines)
    }

    fn frame(&self, top: f64, drawn: Vec<Markup>) -> Markup {
        let (title, description) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        let every = self.labels.len().div_ceil(LABELS).max(1);
        let labels = self.labels.iter().enumerate().step_by(every);
        html! {
            figure {
                svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                    aria-labelledby={ (title) " " (description) } {
                    title id=(title) { (self.title) }
                    desc id=(description) { (self.description) }
                    @for quarter in 0..=4 {
                        @let value = top * f64::from(quarter) / 4.0;
                        line.grid x1=(LEFT) x2=(RIGHT) y1=(px(y(value, top))) y2=(px(y(value, top))) {}
                        text x=(LEFT - 6.0) y=(px(y(value, top) + 4.0)) text-anchor="end" {
                            (number(value))
                        }
                    }
                    @for drawn in drawn { (drawn) }
                    @for (at, label) in labels {
                        text x=(px(LEFT + self.step() * (at as f64 + 0.5))) y=(BOTTOM + 18.0)
                            text-anchor="middle" { (label) }
                    }
                }
                figcaption.small.row {
                    @for series in &self.series {
                        span { span class={ "key key-" (series.class) } {} " " (series.name) }
                    }
                }
            }
        }
    }

    fn step(&self) -> f64 {
        (RIGHT - LEFT) / self.labels.len().max(1) as f64
    }
}

/// The end of the axis: the next round number, of which a quarter is round, too.
fn top(largest: f64) -> f64 {
    if largest <= 4.0 {
        return 4.0;
    }
    let power = 10_f64.powf((largest / 4.0).log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| 4.0 * step * power);
    let fits = |top: &f64| *top >= largest && (*top / 4.0).fract() == 0.0;
    steps.into_iter().find(fits).unwrap_or(40.0 * power)
}

fn y(value: f64, top: f64) -> f64 {
    BOTTOM - y_height(value, top)
}

fn y_height(value: f64, top: f64) -> f64 {
    (BOTTOM - TOP) * value / top
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}

fn number(value: f64) -> String {
    format!("{value:.0}")
}

fn joined(points: &[Option<(f64, f64)>]) -> String {
    let points = points.iter().flatten();
    let points: Vec<String> = points
        .map(|(x, y)| format!("{},{}", px(*x), px(*y)))
        .collect();
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_with_a_round_number() {
        let tops = [0.0, 3.0, 5.0, 9.0, 11.0, 41.0, 99.0, 100.0, 101.0, 1_234.0].map(top);
        assert_eq!(
            tops,
            [
                4.0, 4.0, 8.0, 20.0, 20.0, 80.0, 100.0, 100.0, 200.0, 2_000.0
            ]
        );
    }

    #[test]
    fn what_is_missing_breaks_a_line() {
        let chart = Chart {
            id: "x",
            title: "Five & more",
            description: "It goes up.".into(),
            labels: ["a", "b", "c", "d", "e"].map(String::from).into(),
            series: vec![Series {
                name: "all",
                class: "first",
                values: vec![Some(1.0), Some(2.0), None, Some(4.0), None],
            }],
        };
        let lines = chart.lines().into_string();
        assert_eq!(lines.matches("<polyline").count(), 1, "{lines}");
        assert_eq!(lines.matches("<circle").count(), 3, "{lines}");
        assert!(
            lines.contains("role=\"img\" aria-labelledby=\"x-title x-desc\""),
            "{lines}"
        );
        assert!(lines.contains("Five &amp; more"), "{lines}");
        assert_eq!(chart.bars().into_string().matches("<rect").count(), 3);
    }
}
