//! Text to verdict.

use std::collections::BTreeSet;
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::abuse::{self, Opinions};
use super::check::{self, ExampleFailure, PackFacts};
use super::compile::compile;
use super::composite::{self, Quiet};
use super::context::{self, Acting, Outcome};
use super::demand::Demand;
use super::fold::{Glyph, fold};
use super::matcher::Matcher;
use super::owners::Owners;
use super::pack::Source;
use super::pack_error::PackError;
use super::place::{Place, Places, best_of_each};
use super::rule::{Cue, Rule, RuleFacts, RuleId};
use super::second_opinion::{self, SecondOpinion};
use super::shapes::Shapes;
use super::shipped;
use super::verdict::{self, RuleMatch, Span, Verdict, View};
use super::words::Words;
use super::{Concern, Level, Topic};

/// The file beside the packs that is not one.
const POLICY_FILE: &str = "policy.toml";

/// Of one rule or cue, so many places are looked at; more say nothing new.
const MOST_PLACES: usize = 512;

/// Compiled rule packs. Immutable: to reload is to build another.
#[derive(Debug)]
pub struct Engine {
    parts: Parts,
    second_opinion: Option<SecondOpinion>,
    opinions: Opinions,
    demand: Demand,
    packs: usize,
    rules_hash: String,
    sources: Vec<(String, String)>,
}

/// What the compiler makes of the packs.
#[derive(Debug)]
pub(super) struct Parts {
    pub rules: Vec<Rule>,
    /// The contexts' names.
    pub contexts: Vec<String>,
    /// By context: each cue with its number.
    pub cues: Vec<Vec<(usize, Cue)>>,
    /// How many cues there are.
    pub cue_count: usize,
    /// The composites, each after its members.
    pub order: Vec<RuleId>,
    pub shapes: Shapes,
    /// Its owners are the rules, and after them the cues.
    pub matcher: Matcher,
}

/// A match of a rule, and what context has made of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finding {
    /// The rule whose words matched.
    pub source: RuleId,
    pub place: Place,
    pub acting: Acting,
    pub outcome: Outcome,
}

/// What is looked for in a text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// What a verdict depends on.
    Verdict,
    /// All that any rule or cue sees.
    Everything,
}

/// All that the rules see in a text.
#[derive(Debug, Default)]
pub(super) struct Examined {
    pub findings: Vec<Finding>,
    /// Composites whose members matched in vain.
    pub quiet: Vec<(RuleId, Quiet)>,
    /// Rules that match in more places than were looked at.
    pub crowded: Vec<RuleId>,
}

impl Engine {
    /// The packs built into the binary.
    ///
    /// # Errors
    /// Every mistake in them; a test keeps them free of any.
    pub fn shipped() -> Result<Engine, Vec<PackError>> {
        Engine::from_files(shipped::PACKS)
    }

    /// Every `*.toml` of a folder, but for `policy.toml` and hidden files.
    ///
    /// # Errors
    /// Every mistake in every pack, with its place; or that the folder cannot be read or holds none.
    pub fn load(dir: &Path) -> Result<Engine, Vec<PackError>> {
        let files = read(dir).map_err(|error| {
            vec![PackError::whole(
                &dir.display().to_string(),
                error.to_string(),
            )]
        })?;
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        Engine::from_files(&files)
    }

    /// Packs as (file name, text): what [`Engine::sources`] gives, in any order.
    ///
    /// # Errors
    /// Every mistake in every pack, with its place.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Engine, Vec<PackError>> {
        let mut files = files.to_vec();
        files.sort_unstable();
        let mut sources: Vec<Source<'_>> = files
            .iter()
            .map(|(file, text)| Source { file, text })
            .collect();
        let second_opinion = take_second_opinion(&mut sources)?;
        let mut hasher = Sha256::new();
        for (file, text) in &files {
            for part in [file, text] {
                hasher.update((part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        let rules_hash = HEXLOWER.encode(&hasher.finalize());
        let mut engine = compile(&sources, rules_hash)?;
        engine.second_opinion = second_opinion;
        engine.sources = (files.iter())
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
            .collect();
        Ok(engine)
    }

    pub(super) fn new(parts: Parts, packs: usize, rules_hash: String) -> Engine {
        Engine {
            opinions: Opinions::new(parts.matcher.lexicon()),
            demand: Demand::new(&parts.rules, &parts.order, &parts.cues),
            second_opinion: None,
            parts,
            packs,
            rules_hash,
            sources: Vec::new(),
        }
    }

    /// The packs that it was made of, by file name, each with its text.
    pub fn sources(&self) -> &[(String, String)] {
        &self.sources
    }

    /// What is known of a rule that is loaded; the second opinion counts as one.
    pub fn facts(&self, id: &str) -> Option<RuleFacts> {
        if id == second_opinion::SECOND_OPINION {
            return self.second_opinion.as_ref().map(SecondOpinion::facts);
        }
        let rule = self.parts.rules.iter().find(|rule| rule.id == id)?;
        Some(RuleFacts {
            level: rule.level,
            concern: rule.concern,
            live: rule.live,
        })
    }

    /// Hexadecimal SHA-256 over the names and contents of all packs, whatever their order.
    pub fn rules_hash(&self) -> &str {
        &self.rules_hash
    }

    /// How many rules are loaded: live, shadow and parts.
    pub fn rule_count(&self) -> usize {
        self.parts.rules.len()
    }

    /// How many packs there are.
    pub fn pack_count(&self) -> usize {
        self.packs
    }

    /// Every word that the packs look for, in no order; of a word with an open end, its beginning.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.parts.matcher.lexicon().words()
    }

    /// Runs every pack's own examples, and disguises made of them, through the whole pipeline.
    /// Empty means that all is well.
    pub fn check(&self) -> Vec<ExampleFailure> {
        check::check(self)
    }

    /// What each pack holds.
    pub fn packs(&self) -> Vec<PackFacts> {
        check::packs(self)
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.parts.rules
    }

    pub(super) fn context_names(&self) -> &[String] {
        &self.parts.contexts
    }

    pub(super) fn second_opinion(&self) -> Option<&SecondOpinion> {
        self.second_opinion.as_ref()
    }

    /// What the rules say of a text. Time is linear in its length, whatever it holds.
    pub fn verdict(&self, text: &str) -> Verdict {
        self.verdict_by(text, Wanted::Verdict)
    }

    /// The verdict is the same, whatever is looked for besides.
    pub(super) fn verdict_by(&self, text: &str, wanted: Wanted) -> Verdict {
        let glyphs = fold(text);
        let plain = Words::plain(&glyphs);
        let examined = self.examine_words(&glyphs, &plain, wanted);
        let mut level = Level::Green;
        let mut topics: BTreeSet<Topic> = BTreeSet::new();
        let mut concerns: BTreeSet<Concern> = BTreeSet::new();
        let mut matches = Vec::new();
        for finding in &examined.findings {
            let (source, rule) = (self.rule(finding.source), self.rule(finding.outcome.rule));
            if finding.outcome.dropped || rule.part {
                continue;
            }
            let live = source.live && rule.live;
            if live {
                level = level.max(finding.outcome.level);
                topics.extend(&rule.topics);
                concerns.extend(rule.concern);
            }
            matches.push(RuleMatch {
                rule: rule.id.clone(),
                rev: rule.rev,
                why: rule.why.clone(),
                span: finding.place.span,
                view: finding.place.view,
                level: finding.outcome.level,
                shadow: !live,
            });
        }
        if level < Level::Amber
            && let Some(found) = self.second_opinion.as_ref().and_then(|one| one.of(&plain))
        {
            if !found.shadow {
                level = level.max(found.level);
            }
            matches.push(found);
        }
        if level < Level::Amber && concerns.is_empty() {
            matches.extend(abuse::find(
                &plain,
                self.parts.matcher.lexicon(),
                &self.opinions,
            ));
        }
        Verdict {
            level,
            topics: topics.into_iter().collect(),
            concerns: concerns.into_iter().collect(),
            masks: self.masks(&examined, text, &glyphs, &plain),
            matches: verdict::worth_reporting(matches),
            rules_hash: self.rules_hash.clone(),
        }
    }

    /// What to hide of what is personal; nothing where that would not be enough.
    fn masks(&self, examined: &Examined, text: &str, glyphs: &[Glyph], words: &Words) -> Vec<Span> {
        let personal = examined.findings.iter().filter_map(|finding| {
            let (source, rule) = (self.rule(finding.source), self.rule(finding.outcome.rule));
            let counts = !finding.outcome.dropped && !rule.part && source.live && rule.live;
            (counts && rule.concern == Some(Concern::PersonalInformation)).then(|| {
                let whole = !examined.crowded.contains(&finding.source);
                (rule.masks.filter(|_| whole), finding.place.span)
            })
        });
        let hidden: Option<Vec<Span>> = personal
            .map(|(masks, span)| {
                let span = words.followed(span, masks?);
                // Marks that belong to the last character go with it.
                let after = glyphs.partition_point(|glyph| (glyph.at as usize) < span.to);
                let to = match glyphs.get(after) {
                    Some(next) => next.at as usize,
                    None => text.chars().count(),
                };
                Some(Span { to, ..span })
            })
            .collect();
        verdict::joined(hidden.unwrap_or_default())
    }

    /// All that the rules see in a text, for the checker.
    pub(super) fn examine(&self, text: &str) -> Examined {
        let glyphs = fold(text);
        self.examine_words(&glyphs, &Words::plain(&glyphs), Wanted::Everything)
    }

    fn rule(&self, id: RuleId) -> &Rule {
        &self.parts.rules[id]
    }

    fn examine_words(&self, glyphs: &[Glyph], plain: &Words, wanted: Wanted) -> Examined {
        let rules = &self.parts.rules;
        let (places, cue_places, crowded) = self.places(glyphs, plain, wanted);
        let matched = |rule: RuleId| places.has(rule);
        let mut examined = Examined {
            crowded,
            ..Examined::default()
        };
        let note = |examined: &mut Examined, source: RuleId, place: Place| {
            let cues = &self.parts.cues;
            let acting = context::acting(&rules[source], &place, cues, &cue_places, matched);
            let outcome = context::outcome(rules, source, acting.all());
            examined.findings.push(Finding {
                source,
                place,
                acting,
                outcome,
            });
            (!outcome.dropped).then_some(outcome.rule)
        };
        let mut counted = Vec::new();
        for (source, place) in places.iter() {
            if let Some(rule) = note(&mut examined, source, place) {
                counted.push((rule as u32, place));
            }
        }
        let mut counted = Places::new(counted, rules.len());
        for id in &self.parts.order {
            let Some(composite) = &rules[*id].composite else {
                continue;
            };
            match composite::find(composite, &counted) {
                Ok(found) => {
                    let mut members = composite.all.iter().chain(&composite.any);
                    if members.any(|member| examined.crowded.contains(member)) {
                        examined.crowded.push(*id);
                    }
                    // What is hidden is hidden wherever it stands; else one place says it all.
                    let hides = rules[*id].masks.is_some();
                    let most = if hides { found.len() } else { 1 };
                    for place in found.into_iter().take(most) {
                        if let Some(rule) = note(&mut examined, *id, place) {
                            counted.add(rule, place);
                        }
                    }
                }
                Err(quiet) => examined.quiet.push((*id, quiet)),
            }
        }
        self.restore_beside_red(&mut examined.findings);
        examined
    }

    /// Where rules and where cues match, in every view; and the rules that match in more places.
    fn places(
        &self,
        glyphs: &[Glyph],
        plain: &Words,
        wanted: Wanted,
    ) -> (Places, Places, Vec<RuleId>) {
        let Parts {
            rules,
            cue_count,
            matcher,
            shapes,
            ..
        } = &self.parts;
        let alike = Words::alike(glyphs);
        let first = alike.as_ref().unwrap_or(plain);
        let mended = first.mended(matcher.lexicon());
        let second = mended.as_ref().unwrap_or(first);
        let joined = second.joined(matcher.lexicon());
        // Distances are counted in the words of the last view, so that disguise adds none.
        let measure = joined.as_ref().unwrap_or(second).as_slice();
        let mut places: Vec<(u32, Place)> = Vec::new();
        let mut add = |owner: usize, span: Span, view: View| {
            places.push((owner as u32, Place::new(span, view, measure)));
        };
        let mut matched = Owners::none(rules.len() + cue_count);
        shapes.find(glyphs, MOST_PLACES + 1, |rule, span| {
            matched.insert(rule);
            add(rule, span, View::V0);
        });
        let views = [
            Some(plain),
            alike.as_ref(),
            mended.as_ref(),
            joined.as_ref(),
        ];
        matcher.search(views, matched.clone(), |search| match wanted {
            Wanted::Everything => {
                let all = search.possible().clone();
                search.find(&all, |hit, view| add(hit.owner, hit.span, view));
            }
            Wanted::Verdict => {
                let wanted = self.demand.rules(rules, search.possible().clone());
                search.find(&wanted, |hit, view| {
                    matched.insert(hit.owner);
                    add(hit.owner, hit.span, view);
                });
                let may_act =
                    |rule: &RuleId| matched.has(*rule) || rules[*rule].composite.is_some();
                let cues = self.demand.cues(rules, wanted.iter().filter(may_act));
                search.find(&cues, |hit, view| add(hit.owner, hit.span, view));
            }
        });
        let (mut of_rules, crowded) = best_of_each(places, MOST_PLACES);
        let first_cue = of_rules.partition_point(|(owner, _)| (*owner as usize) < rules.len());
        let of_cues = of_rules.split_off(first_cue).into_iter();
        let of_cues = of_cues.map(|(owner, place)| (owner - rules.len() as u32, place));
        (
            Places::new(of_rules, rules.len()),
            Places::new(of_cues.collect(), *cue_count),
            crowded.into_iter().map(|owner| owner as usize).collect(),
        )
    }

    /// Some contexts (hyperbole) do not act where another red match stands elsewhere in the text.
    fn restore_beside_red(&self, findings: &mut [Finding]) {
        let reds = findings.iter().filter(|finding| {
            !finding.outcome.dropped
                && finding.outcome.level >= Level::Red
                && self.rule(finding.source).live
        });
        let Some((earliest_end, latest_start)) = reds
            .map(|finding| (finding.place.span.to, finding.place.span.from))
            .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
        else {
            return;
        };
        for finding in findings
            .iter_mut()
            .filter(|finding| finding.acting.unless_red != 0)
        {
            let span = finding.place.span;
            if earliest_end <= span.from || latest_start >= span.to {
                finding.acting.unless_red = 0;
                finding.outcome =
                    context::outcome(&self.parts.rules, finding.source, finding.acting.firm);
            }
        }
    }
}

/// Takes the model out of the files: it is no pack.
fn take_second_opinion(
    sources: &mut Vec<Source<'_>>,
) -> Result<Option<SecondOpinion>, Vec<PackError>> {
    let Some(at) = sources
        .iter()
        .position(|source| source.file == second_opinion::FILE)
    else {
        return Ok(None);
    };
    let source = sources.remove(at);
    match SecondOpinion::parse(source.text) {
        Ok(model) => Ok(Some(model)),
        Err((at, message)) => Err(vec![source.error(at..at, message)]),
    }
}

fn read(dir: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Editors leave locks and half-written copies beside a file, and hide them.
        if name.ends_with(".toml") && name != POLICY_FILE && !name.starts_with('.') {
            files.push((name, std::fs::read_to_string(entry.path())?));
        }
    }
    if files.is_empty() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "no rule packs here",
        ));
    }
    Ok(files)
}
