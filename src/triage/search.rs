//! Finding patterns in the views of a text: first which may match, then where some of them do.

use std::cell::RefCell;

use super::matcher::{Candidate, Hit, Matcher, WIDEST_PATTERN};
use super::owners::Owners;
use super::rows::Rows;
use super::verdict::View;
use super::window::{Room, WINDOW, Window};
use super::words::{Word, Words};

/// Each window begins so many words after the one before, so that every match lies within one.
const STEP: usize = WINDOW - WIDEST_PATTERN;

/// The views of a text; those that read nothing otherwise are not there.
pub(super) type Views<'a> = [Option<&'a Words>; View::ALL.len()];

thread_local! {
    /// A room for each view: made once for a thread, since clearing them for each text would cost
    /// more than reading the text.
    static ROOMS: RefCell<[Room; View::ALL.len()]> = RefCell::default();
}

/// A text that is being read.
pub(super) struct Search<'a> {
    matcher: &'a Matcher,
    views: Views<'a>,
    rooms: &'a mut [Room],
    /// By window of each view: what may match in it.
    candidates: Rows<Candidate>,
    possible: Owners,
}

impl Matcher {
    /// Reads the views of a text, and lets `run` look for patterns in them.
    /// `possible` are owners that match anyway.
    pub fn search<R>(
        &self,
        views: Views<'_>,
        possible: Owners,
        run: impl FnOnce(&mut Search<'_>) -> R,
    ) -> R {
        ROOMS.with_borrow_mut(|rooms| {
            let mut search = Search {
                matcher: self,
                views,
                rooms,
                candidates: Rows::default(),
                possible,
            };
            search.survey();
            run(&mut search)
        })
    }
}

impl Search<'_> {
    /// The owners of which a pattern may match: the words that it cannot do without are there.
    pub fn possible(&self) -> &Owners {
        &self.possible
    }

    fn survey(&mut self) {
        for (view, words) in self.views.iter().enumerate() {
            let Some(words) = words else {
                continue;
            };
            for part in windows(words) {
                let room = &mut self.rooms[view];
                let mut window = Window::read(self.matcher, room, words, part);
                let candidates = window.candidates(view as u8);
                for candidate in &candidates {
                    self.possible.insert(candidate.owner as usize);
                }
                self.candidates.push(candidates);
            }
        }
    }

    /// Calls `found` with each match of the patterns of some owners: in view 0 all, in another
    /// those that have to do with the words that it reads otherwise. Matches of one pattern do not
    /// overlap within a window; the longest wins.
    pub fn find(&mut self, wanted: &Owners, mut found: impl FnMut(Hit, View)) {
        let mut candidates = self.candidates.iter();
        for ((words, room), view) in self.views.iter().zip(&mut *self.rooms).zip(View::ALL) {
            let Some(words) = words else {
                continue;
            };
            for (part, candidates) in windows(words).zip(&mut candidates) {
                let is_wanted = |candidate: &&Candidate| wanted.has(candidate.owner as usize);
                let mut candidates = candidates.iter().filter(is_wanted).peekable();
                if candidates.peek().is_none() {
                    continue;
                }
                // The only window is still as it was read.
                let mut window = match part.len() == words.as_slice().len() {
                    true => Window::again(self.matcher, room),
                    false => Window::read(self.matcher, room, words, part),
                };
                window.find(candidates, part, &mut |hit| found(hit, view));
            }
        }
    }
}

/// The words in overlapping windows, of which there is at least one.
fn windows(words: &Words) -> impl Iterator<Item = &[Word]> {
    let all = words.as_slice();
    let more = all.len().saturating_sub(WINDOW).div_ceil(STEP);
    (0..=more).map(move |at| {
        let start = at * STEP;
        &all[start..all.len().min(start + WINDOW)]
    })
}
