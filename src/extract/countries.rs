//! Which countries an article is about: those of its headline, dateline and lead, and those it comes back to.
//!
//! A country that is named once, far down, is an actor of the article and no subject of it.

use super::Who;
use super::names::Name;
use super::sentences::Reading;
use crate::annotation::Annotations;
use crate::annotation::Kind;
use crate::article::BlockKind;
use crate::schema::EntityIndex;
use crate::schema::Lexicon;

/// What makes a country a subject.
const ENOUGH: u32 = 2;
/// Sentences below the headline that say what an article is about.
const LEAD: usize = 2;

/// How often each country is named, by weight, in the order of the text.
#[derive(Default)]
pub(super) struct Tally(Vec<(EntityIndex, u32)>);

impl Tally {
    fn add(&mut self, country: EntityIndex, weight: u32) {
        match self.0.iter_mut().find(|(c, _)| *c == country) {
            Some((_, sum)) => *sum += weight,
            None => self.0.push((country, weight)),
        }
    }

    /// Counts the countries of a text; `dateline` is where its dateline stands.
    pub fn read(&mut self, reading: &Reading, names: &[Name], dateline: Option<(usize, usize)>) {
        let body = reading.sentences.iter().filter(|s| s.kind != BlockKind::Title && s.to - s.from > 7);
        let lead = body.take(LEAD).last().map_or(0, |s| s.to);
        let mut sentences = reading.sentences.iter().peekable();
        for name in names {
            let Some(Who::Known(entity)) = &name.who else { continue };
            while sentences.next_if(|s| s.to <= name.from).is_some() {}
            let title = sentences.peek().is_some_and(|s| s.kind == BlockKind::Title);
            let from = dateline.is_some_and(|(from, to)| from <= name.from && name.from < to);
            match name.kind {
                Kind::Country if title || from || name.from < lead => self.add(*entity, ENOUGH),
                Kind::Country => self.add(*entity, 1),
                Kind::Place if from => {
                    for country in &reading.lexicon.actors.entity(*entity).countries {
                        self.add(*country, ENOUGH);
                    }
                }
                _ => {}
            }
        }
    }

    /// The subjects by name, those who take part in an event among them.
    pub fn subjects(&self, annotations: &Annotations, lexicon: &Lexicon) -> Vec<String> {
        let name = |country: EntityIndex| &lexicon.actors.entity(country).name;
        let taking_part = |country| {
            annotations.events.iter().any(|e| e.participants.iter().any(|p| p.name == *name(country)))
        };
        let chosen = self.0.iter().filter(|(country, sum)| *sum >= ENOUGH || taking_part(*country));
        chosen.map(|(country, _)| name(*country).clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::name_testing::annotate;

    #[test]
    fn a_dateline_makes_a_subject_and_a_passing_mention_does_not() {
        let found = annotate(
            "Mill burns down\n\nTORONTO, March 3 - A paper mill burnt down on Monday, its owner said.\n\n\
             The cause of the fire was not known in the evening.\n\n\
             The owner has two more mills, one of them in Norway, and he wants to sell both.",
        );
        assert_eq!(found.countries, ["Canada"]);
        assert!(found.mentions.iter().any(|m| m.entity.as_deref() == Some("Norway") && m.actor));
    }

    #[test]
    fn a_country_that_is_named_again_is_a_subject() {
        let found = annotate(
            "Mill burns down\n\nA paper mill burnt down on Monday, its owner said.\n\n\
             The cause of the fire was not known in the evening.\n\n\
             The owner has a mill in Norway. The Norwegian press wrote of it.",
        );
        assert_eq!(found.countries, ["Norway"]);
    }
}
