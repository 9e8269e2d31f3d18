//! Packs to engine: resolves names, compiles patterns, and refuses what could not work.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use toml::Spanned;

use super::composite::order;
use super::engine::{Engine, Parts};
use super::lint::lint;
use super::matcher::Matcher;
use super::pack::{CueSource, HitSource, HitTable, MissSource, MissTable, Pack};
use super::pack::{RuleSource, Source, Status};
use super::pack_error::{Fault, PackError};
use super::parallel;
use super::pattern::{self, Pattern};
use super::program::Program;
use super::rule::{Composite, ContextId, Cue, Effect, MOST_EFFECTS, Rule, RuleId};
use super::shapes::{Shape, Shapes};
use super::{Concern, Level, Topic};

/// The strongest disguise seen through by a rule that does not say.
const DEFAULT_FOLD: u8 = 2;

/// Compiles packs; all mistakes are reported, not only the first.
pub(super) fn compile(
    sources: &[Source<'_>],
    rules_hash: String,
) -> Result<Engine, Vec<PackError>> {
    let mut compiler = Compiler::default();
    let mut packs = Vec::new();
    for (source, parsed) in sources.iter().zip(parallel::each(sources, Source::parse)) {
        match parsed {
            Ok(pack) => packs.push((*source, pack)),
            Err(error) => compiler.errors.push(error),
        }
    }
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    compiler.names(&packs);
    compiler.parse(&packs);
    let loaded = compiler.loaded.clone();
    let (shapes, matcher) = parallel::both(|| shapes(&loaded), || compiler.matcher(&packs));
    let Compiler {
        mut errors,
        contexts,
        cues,
        mut rules,
        ..
    } = compiler;
    let (shapes, matcher) = match (shapes, matcher) {
        (Ok(shapes), Some(matcher)) => (shapes, matcher),
        (shapes, _) => {
            errors.extend(shapes.err().unwrap_or_default());
            return Err(errors);
        }
    };
    let order = order(&rules).map_err(|circle| {
        let (source, rule) = loaded[circle];
        vec![source.error(rule.id.span(), "this composite is made of itself")]
    })?;
    for id in &order {
        let fold = rules[*id].composite.iter().flat_map(|composite| {
            composite
                .all
                .iter()
                .chain(&composite.any)
                .map(|member| rules[*member].fold)
        });
        rules[*id].fold = fold.min().unwrap_or(0);
    }
    let mut names: Vec<(ContextId, &str)> =
        contexts.into_iter().map(|(name, id)| (id, name)).collect();
    names.sort_unstable();
    let contexts: Vec<String> = names.into_iter().map(|(_, name)| name.to_owned()).collect();
    let cue_count = cues.len();
    let mut by_context: Vec<Vec<(usize, Cue)>> = contexts.iter().map(|_| Vec::new()).collect();
    for (number, (context, cue)) in cues.into_iter().enumerate() {
        by_context[context].push((number, cue));
    }
    let parts = Parts {
        rules,
        contexts,
        cues: by_context,
        cue_count,
        order,
        shapes,
        matcher,
    };
    Ok(Engine::new(parts, packs.len(), rules_hash))
}

/// The patterns of a list, a rule or a cue; of a wrong one, what is wrong with it.
type Parsed<'a> = Vec<Result<Pattern<'a>, Fault>>;

#[derive(Default)]
struct Compiler<'a> {
    errors: Vec<PackError>,
    /// Every id, and which loaded rule it is, if it is loaded.
    ids: HashMap<&'a str, Option<RuleId>>,
    loaded: Vec<(Source<'a>, &'a RuleSource)>,
    contexts: HashMap<&'a str, ContextId>,
    /// Rules that a context turns matches into; they need no pattern of their own.
    targets: BTreeSet<&'a str>,
    /// What is written in the lists, the loaded rules and the cues, in this order.
    parsed: std::vec::IntoIter<Parsed<'a>>,
    program: Program<'a>,
    rules: Vec<Rule>,
    /// Each with its context.
    cues: Vec<(ContextId, Cue)>,
}

impl<'a> Compiler<'a> {
    fn error(&mut self, source: Source<'_>, at: Range<usize>, fault: impl Into<Fault>) {
        self.errors.push(source.error(at, fault));
    }

    /// Numbers the rules and contexts.
    fn names(&mut self, packs: &'a [(Source<'a>, Pack)]) {
        for (source, pack) in packs {
            for rule in &pack.rules {
                let (id, at) = (rule.id.get_ref().as_str(), rule.id.span());
                let form = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit();
                let owned = id
                    .strip_prefix(pack.pack.get_ref().as_str())
                    .is_some_and(|name| {
                        name.len() > 1
                            && name.starts_with('.')
                            && name.chars().all(|ch| form(ch) || "._".contains(ch))
                    });
                if !owned {
                    let pack = pack.pack.get_ref();
                    let fault = Fault::new(format!("`{id}` is no id of this pack"))
                        .hint(format!("an id is `{pack}.some_name`"));
                    self.error(*source, at.clone(), fault);
                }
                let acts = matches!(rule.status, Status::Live | Status::Shadow);
                let number = acts.then_some(self.loaded.len());
                if self.ids.insert(id, number).is_some() {
                    let fault = Fault::new(format!("the id `{id}` is taken"))
                        .hint("an id is used once, over all packs and for ever");
                    self.error(*source, at, fault);
                }
                if acts {
                    self.loaded.push((*source, rule));
                    self.targets.extend(
                        rule.context
                            .values()
                            .map(|effect| effect.get_ref().as_str()),
                    );
                }
            }
            for cue in &pack.cues {
                let next = self.contexts.len();
                self.contexts
                    .entry(cue.name.get_ref().as_str())
                    .or_insert(next);
            }
        }
    }

    /// Reads the patterns, which is what takes the longest of reading a pack.
    fn parse(&mut self, packs: &'a [(Source<'a>, Pack)]) {
        let packs = || packs.iter().map(|(_, pack)| pack);
        let lists = packs().flat_map(|pack| pack.lists.values());
        let rules = self.loaded.iter().map(|(_, rule)| &rule.patterns);
        let cues = packs().flat_map(|pack| &pack.cues).map(|cue| &cue.patterns);
        let all: Vec<&Vec<Spanned<String>>> = lists.chain(rules).chain(cues).collect();
        let parsed = parallel::each(&all, |written| -> Parsed<'a> {
            let written = written.iter();
            written
                .map(|pattern| pattern::parse(pattern.get_ref()))
                .collect()
        });
        self.parsed = parsed.into_iter();
    }

    /// Compiles all that is made of patterns; none where there are mistakes.
    fn matcher(&mut self, packs: &'a [(Source<'a>, Pack)]) -> Option<Matcher> {
        self.lists(packs);
        self.rules();
        self.cues(packs);
        let program = std::mem::take(&mut self.program);
        self.errors.is_empty().then(|| program.build())
    }

    fn lists(&mut self, packs: &'a [(Source<'a>, Pack)]) {
        for (source, pack) in packs {
            for (name, entries) in &pack.lists {
                let mut patterns = Vec::new();
                for (entry, parsed) in entries.iter().zip(self.parsed.next().unwrap_or_default()) {
                    match parsed {
                        Ok(pattern) => patterns.push(pattern),
                        Err(fault) => self.errors.push(source.error_within(entry, fault)),
                    }
                }
                self.program
                    .list(pack.pack.get_ref(), name.get_ref(), patterns);
            }
        }
        if !self.errors.is_empty() {
            return;
        }
        for (source, pack) in packs {
            for (name, entries) in &pack.lists {
                let checked = self.program.check_list(pack.pack.get_ref(), name.get_ref());
                if let Err(fault) = checked {
                    let holds = |entry: &&Spanned<String>| {
                        let word = fault.word.as_deref();
                        word.is_some_and(|word| entry.get_ref().contains(word))
                    };
                    let error = match entries.iter().find(holds) {
                        Some(entry) => source.error_within(entry, fault),
                        None => source.error(name.span(), fault),
                    };
                    self.errors.push(error);
                }
            }
        }
    }

    fn patterns(
        &mut self,
        source: Source<'a>,
        patterns: &'a [Spanned<String>],
        owner: usize,
        fold: u8,
    ) {
        let pack = source.file.strip_suffix(".toml").unwrap_or(source.file);
        for (written, parsed) in patterns.iter().zip(self.parsed.next().unwrap_or_default()) {
            let compiled =
                parsed.and_then(|pattern| self.program.pattern(pack, &pattern, owner, fold));
            if let Err(fault) = compiled {
                self.errors.push(source.error_within(written, fault));
            }
        }
    }

    fn rules(&mut self) {
        for (number, (source, rule)) in self.loaded.clone().into_iter().enumerate() {
            let fold = match &rule.fold {
                Some(fold) if *fold.get_ref() > 3 => {
                    self.error(source, fold.span(), "fold is 0, 1, 2 or 3");
                    0
                }
                Some(fold) => *fold.get_ref(),
                None => DEFAULT_FOLD,
            };
            self.patterns(source, &rule.patterns, number, fold);
            let is_target = self.targets.contains(rule.id.get_ref().as_str());
            self.errors.extend(lint(source, rule, is_target));
            let compiled = Rule {
                file: source.file.to_owned(),
                id: rule.id.get_ref().clone(),
                rev: *rule.rev.get_ref(),
                level: rule.level,
                topics: rule.topics.clone(),
                concern: rule.concern,
                why: rule.why.get_ref().clone(),
                live: rule.status == Status::Live,
                part: rule.part,
                masks: masks(rule),
                // Shapes are looked for in V0 alone, so no more can be asked of the examples.
                fold: if rule.shapes.is_empty() { fold } else { 0 },
                effects: self.effects(source, rule),
                composite: self.composite(source, rule),
                hits: rule
                    .hit
                    .iter()
                    .map(|hit| hit_table(hit.get_ref()))
                    .collect(),
                misses: rule
                    .miss
                    .iter()
                    .map(|miss| miss_table(miss.get_ref()))
                    .collect(),
            };
            self.rules.push(compiled);
        }
    }

    fn effects(&mut self, source: Source<'_>, rule: &RuleSource) -> Vec<(ContextId, Effect)> {
        let mut effects = Vec::new();
        if rule.context.len() > MOST_EFFECTS {
            let message = format!("a rule may list {MOST_EFFECTS} contexts");
            self.error(source, rule.id.span(), message);
        }
        for (name, written) in &rule.context {
            let (at, known) = (written.span(), self.contexts.keys().copied());
            let Some(context) = self.contexts.get(name.get_ref().as_str()).copied() else {
                let name_of = name.get_ref();
                let fault = Fault::new(format!("there is no context `{name_of}`"));
                self.errors
                    .push(source.error(name.span(), fault.meant(name_of, known)));
                continue;
            };
            let (effect, level) = match (written.get_ref().as_str(), written.get_ref().parse()) {
                ("none", _) => (Effect::Drop, None),
                (_, Ok(level)) => (Effect::AtMost(level), Some(level)),
                (id, Err(_)) => match self.loaded_rule(id, rule.status == Status::Live) {
                    Ok(other) => (Effect::Become(other), Some(self.loaded[other].1.level)),
                    Err(fault) => {
                        let fault = fault.meant(id, ["none"].into_iter().chain(Level::names()));
                        let fault = match fault.hint {
                            Some(_) => fault,
                            None => fault.hint("an effect is a level, `none` or a rule's id"),
                        };
                        self.error(source, at, fault);
                        continue;
                    }
                },
            };
            let silenced = level.is_none_or(|level| level == Level::Green);
            if name.get_ref() == "negated"
                && silenced
                && rule.level > Level::Green
                && rule.topics.contains(&Topic::Suicide)
            {
                let fault = Fault::new("negation never silences a suicide rule");
                self.error(source, at, fault.hint("`amber` at the least"));
            }
            effects.push((context, effect));
        }
        effects
    }

    fn composite(&mut self, source: Source<'_>, rule: &RuleSource) -> Option<Composite> {
        let live = rule.status == Status::Live;
        let mut members = |written: &[Spanned<String>]| {
            let mut ids = Vec::new();
            for id in written {
                match self.loaded_rule(id.get_ref(), live) {
                    Ok(id) => ids.push(id),
                    Err(fault) => self.errors.push(source.error(id.span(), fault)),
                }
            }
            ids
        };
        let (all, any, none) = (members(&rule.all), members(&rule.any), members(&rule.none));
        let within = rule.within.as_ref().map(|words| *words.get_ref());
        (!rule.all.is_empty() || !rule.any.is_empty()).then_some(Composite {
            all,
            any,
            none,
            within,
        })
    }

    /// The rule that another one names; a live rule can only lean on live ones.
    fn loaded_rule(&self, id: &str, live: bool) -> Result<RuleId, Fault> {
        match self.ids.get(id) {
            None => {
                Err(Fault::new(format!("there is no rule `{id}`"))
                    .meant(id, self.ids.keys().copied()))
            }
            Some(None) => Err(Fault::new(format!(
                "the rule `{id}` is not loaded: it is a draft, or retired"
            ))),
            Some(Some(number)) if live && self.loaded[*number].1.status != Status::Live => {
                Err(Fault::new(format!("the rule `{id}` is a shadow"))
                    .hint("a live rule cannot lean on it: make that live, or this a shadow"))
            }
            Some(Some(number)) => Ok(*number),
        }
    }

    fn cues(&mut self, packs: &'a [(Source<'a>, Pack)]) {
        for (source, pack) in packs {
            for cue in &pack.cues {
                let owner = self.loaded.len() + self.cues.len();
                self.patterns(*source, &cue.patterns, owner, 3);
                let context = self.contexts[cue.name.get_ref().as_str()];
                let cue = self.cue(*source, cue);
                self.cues.push((context, cue));
            }
        }
    }

    fn cue(&mut self, source: Source<'_>, cue: &CueSource) -> Cue {
        let at = cue.name.span();
        let sides = cue.before.is_some() || cue.after.is_some() || cue.inside;
        if cue.patterns.is_empty() {
            self.error(source, at.clone(), "`match` is empty");
        }
        if sides == cue.anywhere {
            let fault = Fault::new("this cue does not say where it acts, or says it twice");
            let fault = fault.hint("say `before`, `after` or `inside`, or else `anywhere`");
            self.error(source, at, fault);
        }
        let mut unless = Vec::new();
        for id in &cue.unless {
            match self.loaded_rule(id.get_ref(), true) {
                Ok(rule)
                    if self.loaded[rule].1.all.is_empty() && self.loaded[rule].1.any.is_empty() =>
                {
                    unless.push(rule);
                }
                Ok(_) => self.error(source, id.span(), "`unless` takes no composites"),
                Err(fault) => self.error(source, id.span(), fault),
            }
        }
        Cue {
            before: cue.before,
            after: cue.after,
            inside: cue.inside,
            across: cue.across,
            anywhere: cue.anywhere,
            unless_red: cue.unless_red,
            unless,
        }
    }
}

/// The shapes of all rules.
fn shapes(loaded: &[(Source<'_>, &RuleSource)]) -> Result<Shapes, Vec<PackError>> {
    let (mut shapes, mut errors) = (Vec::new(), Vec::new());
    for (rule, (source, written)) in loaded.iter().enumerate() {
        for shape in &written.shapes {
            match Shape::new(rule, shape.get_ref()) {
                Ok(shape) => shapes.push(shape),
                Err(fault) => errors.push(source.error(shape.span(), fault)),
            }
        }
    }
    match errors.is_empty() {
        true => Ok(Shapes::new(shapes)),
        false => Err(errors),
    }
}

/// How much of what a rule finds is hidden from others, where that makes it harmless.
fn masks(rule: &RuleSource) -> Option<u8> {
    let personal = rule.concern == Some(Concern::PersonalInformation);
    let wanted = rule.mask.as_ref().is_none_or(|mask| *mask.get_ref());
    let after = rule.mask_after.as_ref().map_or(0, |words| *words.get_ref());
    (personal && wanted).then_some(after)
}

fn hit_table(hit: &HitSource) -> HitTable {
    match hit {
        HitSource::Table(table) => table.clone(),
        HitSource::Text(text) => HitTable {
            text: text.clone(),
            span: None,
            level: None,
        },
    }
}

fn miss_table(miss: &MissSource) -> MissTable {
    match miss {
        MissSource::Table(table) => table.clone(),
        MissSource::Text(text) => MissTable {
            text: text.clone(),
            by: "no-match".into(),
        },
    }
}
