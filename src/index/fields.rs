//! The fields of the engine. Every facet of every kind shares one of them, as `field=value`.

use tantivy::schema::BytesOptions;
use tantivy::schema::FAST;
use tantivy::schema::Field;
use tantivy::schema::INDEXED;
use tantivy::schema::IndexRecordOption;
use tantivy::schema::STORED;
use tantivy::schema::STRING;
use tantivy::schema::Schema;
use tantivy::schema::TextFieldIndexing;
use tantivy::schema::TextOptions;

use super::ANY;
use super::document::tie_of;
use super::facet_column;
use super::tokenizer;

/// Handles of the engine's fields.
#[derive(Clone, Copy, Debug)]
pub struct IndexFields {
    /// The path of the file it came from, as shown to people.
    pub path: Field,
    /// Address of the page.
    pub url: Field,
    /// Headline.
    pub title: Field,
    /// The article's text without its boilerplate.
    pub text: Field,
    /// What was set aside.
    pub boilerplate: Field,
    /// `broker=Russia`, `month=2020-10`, ...: all facets of all kinds; counted by [`super::FacetColumn`].
    pub facet: Field,
    /// The fields that the article has a value of.
    pub has: Field,
    /// First day of the period of publication, in days since 1970-01-01; missing if undated.
    pub published_min: Field,
    /// Last day of that period.
    pub published_max: Field,
    /// Each event of the article as one value, see [`super::EventValue`].
    pub event: Field,
    /// What near-duplicates are found by.
    pub signature: Field,
    /// A hash of the id: what an article is found and deleted by, its name among stories, and the order of equal scores
    /// in every build of the index. Which articles a file has is told by [`super::Sources`] alone.
    pub tie: Field,
    /// The article's text, which the engine writes out as it is.
    pub stored_text: Field,
    /// What else there is of the article, and its annotations, behind the text.
    pub stored: Field,
}

impl IndexFields {
    /// Makes the engine's schema.
    pub fn schema() -> (Schema, IndexFields) {
        let mut builder = Schema::builder();
        let words = |builder: &mut tantivy::schema::SchemaBuilder, name: &str| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(tokenizer::NAME)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions);
            builder.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
        };
        let plain = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic),
        );
        let fields = IndexFields {
            path: builder.add_text_field("path", STRING),
            url: builder.add_text_field("url", STRING),
            title: words(&mut builder, "title"),
            text: words(&mut builder, "text"),
            boilerplate: words(&mut builder, "boilerplate"),
            facet: builder.add_text_field(facet_column::FIELD, plain.clone()),
            published_min: builder.add_i64_field("published_min", FAST),
            published_max: builder.add_i64_field("published_max", FAST),
            has: builder.add_text_field("has", plain.clone()),
            event: builder.add_text_field("event", plain),
            signature: builder.add_bytes_field("signature", BytesOptions::default().set_fast()),
            tie: builder.add_u64_field("tie", FAST | INDEXED),
            stored_text: builder.add_text_field("stored_text", STORED),
            stored: builder.add_bytes_field("stored", BytesOptions::default().set_stored()),
        };
        (builder.build(), fields)
    }
}

impl IndexFields {
    /// Returns the engine's field that holds the values of a facet field, and what stands before them there.
    pub fn column(&self, field: &str) -> (Field, String) {
        match field {
            "path" => (self.path, String::new()),
            "url" => (self.url, String::new()),
            _ => (self.facet, format!("{field}=")),
        }
    }

    /// Makes the term of an article.
    pub fn article_term(&self, id: &str) -> tantivy::Term {
        tantivy::Term::from_field_u64(self.tie, tie_of(id))
    }

    /// Makes the term of a facet's value, or of any.
    pub fn facet_term(&self, field: &str, value: &str) -> tantivy::Term {
        if value == ANY {
            return tantivy::Term::from_field_text(self.has, field);
        }
        let (column, prefix) = self.column(field);
        tantivy::Term::from_field_text(column, &format!("{prefix}{value}"))
    }
}
