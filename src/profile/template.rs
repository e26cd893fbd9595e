//! Variables in texts: `${NAME}`, `${NAME:-default}`, `${environment}`, and `$${` for a literal `${`.
//!
//! A template is filled in after the YAML was read, so that no value can change the structure of a profile.

/// A text that may hold variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// As written.
    pub(super) written: String,
    pieces: Vec<TemplatePart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePart {
    Text(String),
    Variable { name: String, default: Option<String> },
}

/// How a `${` is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// Without its brace.
    #[error("`${{` is not closed")]
    Open,
    /// With something else than a name.
    #[error("`${{` is not followed by the name of a variable")]
    Name,
    /// With a variable inside the default.
    #[error("a default cannot hold a variable")]
    Nested,
}

impl Template {
    /// Takes a text apart.
    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                literal.push_str(before);
                literal.push_str("${");
                rest = after;
                continue;
            }
            literal.push_str(before);
            let (inside, after) = after.split_once('}').ok_or(Malformed::Open)?;
            if inside.contains("${") {
                return Err(Malformed::Nested);
            }
            let (name, default) = match inside.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (inside, None),
            };
            if !is_variable_name(name) {
                return Err(Malformed::Name);
            }
            pieces.push(TemplatePart::Text(std::mem::take(&mut literal)));
            pieces.push(TemplatePart::Variable { name: name.to_owned(), default });
            rest = after;
        }
        literal.push_str(rest);
        pieces.push(TemplatePart::Text(literal));
        Ok(Self { written: text.to_owned(), pieces })
    }

    /// The first name that follows a `$` without braces, if it is written as variables are: in capitals.
    pub(super) fn bare_variable(&self) -> Option<&str> {
        self.pieces.iter().find_map(|piece| {
            let TemplatePart::Text(text) = piece else { return None };
            text.split('$').skip(1).find_map(|after| {
                let is_of_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
                let name = after.split_once(|sign| !is_of_name(sign)).map_or(after, |(name, _)| name);
                let is_meant = name == "environment" || (name.len() > 1 && name.to_ascii_uppercase() == name);
                (is_meant && is_variable_name(name)).then_some(name)
            })
        })
    }

    /// The text itself, where it holds no variable.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The names of its variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            TemplatePart::Text(_) => None,
            TemplatePart::Variable { name, .. } => Some(name.as_str()),
        })
    }

    /// Puts values in. A variable that is empty counts as unset where it has a default.
    pub(super) fn fill(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Filled {
        let mut text = String::new();
        let mut unset = Vec::new();
        for piece in &self.pieces {
            match piece {
                TemplatePart::Text(literal) => text.push_str(literal),
                TemplatePart::Variable { name, default } => match (lookup(name), default) {
                    (Some(value), None) => text.push_str(&value),
                    (Some(value), Some(_)) if !value.is_empty() => text.push_str(&value),
                    (_, Some(default)) => text.push_str(default),
                    (None, None) => unset.push(name.clone()),
                },
            }
        }
        if unset.is_empty() { Filled::Whole(text) } else { Filled::Unset(unset) }
    }
}

/// What came of filling in a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// The text.
    Whole(String),
    /// The variables that have no value.
    Unset(Vec<String>),
}

/// Whether a text can name a variable: a letter or `_`, then letters, digits and `_`.
pub(super) fn is_variable_name(text: &str) -> bool {
    text.bytes().enumerate().all(|(index, byte)| {
        byte == b'_' || byte.is_ascii_alphabetic() || (index > 0 && byte.is_ascii_digit())
    }) && !text.is_empty()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    fn fill(text: &str) -> Filled {
        let lookup = |name: &str| match name {
            "NAME" => Some("value".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        Template::parse(text).unwrap().fill(&lookup)
    }

    #[test]
    fn variables_are_filled_in() {
        for (text, expected) in [
            ("plain $ text", "plain $ text"),
            ("a-${NAME}-b", "a-value-b"),
            ("${NAME}${NAME}", "valuevalue"),
            ("$${NAME}", "${NAME}"),
            ("$$${NAME}", "$${NAME}"),
            ("${MISSING:-default}", "default"),
            ("${EMPTY:-default}", "default"),
            ("${NAME:-default}", "value"),
            ("${MISSING:-}", ""),
            ("${EMPTY}", ""),
        ] {
            assert_eq!(fill(text), Filled::Whole(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_value_is_not_filled_in_again() {
        let template = Template::parse("${NAME}").unwrap();
        assert_eq!(template.fill(&|_| Some("${NAME}".to_owned())), Filled::Whole("${NAME}".to_owned()));
    }

    #[test]
    fn every_unset_variable_is_named() {
        assert_eq!(fill("${ONE}-${NAME}-${TWO}"), Filled::Unset(vec!["ONE".to_owned(), "TWO".to_owned()]));
    }

    #[test]
    fn a_variable_without_braces_is_seen() {
        for (text, expected) in [
            ("b-$ENV", Some("ENV")),
            ("$environment.b", Some("environment")),
            ("$a.b", None),
            ("US$X", None),
            ("${SET}-$ENV", Some("ENV")),
            ("a $ b", None),
            ("$5", None),
            ("$${ENV}", None),
            ("${ENV}", None),
        ] {
            assert_eq!(Template::parse(text).unwrap().bare_variable(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_variable_is_malformed() {
        for (text, expected) in [
            ("${NAME", Malformed::Open),
            ("${}", Malformed::Name),
            ("${1}", Malformed::Name),
            ("${A B}", Malformed::Name),
            ("${A-b}", Malformed::Name),
            ("${A:-${B}}", Malformed::Nested),
        ] {
            assert_eq!(Template::parse(text), Err(expected), "{text}");
        }
    }
}
