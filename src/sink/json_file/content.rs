//! A JSON file's content: where the value of a name stands in it.

use std::ops::Range;

use jsonc_parser::CollectOptions;
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged as _;
use zeroize::Zeroizing;

use super::edit::{self, Edit, Place};
use super::problem::JsonProblem;
use crate::secret::Secret;
use crate::text::json_with_comments;

/// The content of a JSON file. It is taken apart anew for each question: it is short, and nothing of it is copied.
pub(in crate::sink) struct JsonContent {
    text: Zeroizing<String>,
}

impl JsonContent {
    /// Takes what is JSON, with comments and with commas at the end of lists.
    pub(in crate::sink) fn parse(bytes: &[u8]) -> Result<Self, JsonProblem> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonProblem::NoText)?;
        let content = Self { text: Zeroizing::new(text.to_owned()) };
        content.root("it")?;
        Ok(content)
    }

    /// The values of every definition of a name, in order.
    pub(in crate::sink) fn values(&self, name: &str) -> Result<Vec<Secret>, JsonProblem> {
        let root = self.root(name)?;
        let mut values = Vec::new();
        for place in self.places(root.as_ref(), name)? {
            match &place.value {
                Found::Text(text) => values.push(text.clone()),
                Found::Nothing => {}
                Found::Other => {
                    return Err(JsonProblem::NoString {
                        line: self.line(place.range.start),
                        name: name.to_owned(),
                    });
                }
            }
        }
        Ok(values)
    }

    /// Sets a name wherever it is defined, or adds it behind the last key of its object.
    pub(in crate::sink) fn set(&mut self, name: &str, value: &str) -> Result<(), JsonProblem> {
        // What is no text is somebody else's.
        self.values(name)?;
        let root = self.root(name)?;
        let places = self.places(root.as_ref(), name)?;
        let edits = if places.is_empty() {
            let (object, rest) = Self::deepest(root.as_ref(), name);
            vec![edit::addition(&self.text, object, &rest, value)]
        } else {
            places.iter().map(|place| Edit::new(place.range.clone(), edit::quoted(value))).collect()
        };
        let after = edit::apply(&self.text, edits);
        let is_meant =
            |values: &[Secret]| !values.is_empty() && values.iter().all(|found| found.expose() == value);
        self.take(after, name, is_meant)
    }

    /// Takes every definition of a name out.
    pub(in crate::sink) fn remove(&mut self, name: &str) -> Result<(), JsonProblem> {
        loop {
            let root = self.root(name)?;
            let Some(place) = self.places(root.as_ref(), name)?.pop() else { return Ok(()) };
            let left = self.places(root.as_ref(), name)?.len() - 1;
            let after = edit::apply(&self.text, edit::removal(&self.text, &place.key));
            self.take(after, name, |values| values.len() <= left)?;
        }
    }

    /// The content, byte for byte.
    pub(in crate::sink) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.text.as_bytes().to_vec())
    }

    /// Takes an edited text, if it holds what is meant.
    fn take(
        &mut self,
        text: Zeroizing<String>,
        name: &str,
        is_meant: impl FnOnce(&[Secret]) -> bool,
    ) -> Result<(), JsonProblem> {
        let after = Self { text };
        let values = after.values(name).ok();
        if !values.is_some_and(|values| is_meant(&values)) {
            return Err(JsonProblem::NotEdited { name: name.to_owned() });
        }
        *self = after;
        Ok(())
    }

    /// The object that the file is; `None` where nothing is in it.
    fn root(&self, name: &str) -> Result<Option<Object<'_>>, JsonProblem> {
        match parsed(&self.text)? {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(other) => Err(self.no_object(other.start(), name)),
        }
    }

    /// Every place where a name is defined.
    fn places(&self, root: Option<&Object<'_>>, name: &str) -> Result<Vec<Definition>, JsonProblem> {
        let mut places = Vec::new();
        if let Some(root) = root {
            self.places_in(root, name, name, &mut places)?;
        }
        Ok(places)
    }

    fn places_in(
        &self,
        object: &Object<'_>,
        path: &str,
        name: &str,
        places: &mut Vec<Definition>,
    ) -> Result<(), JsonProblem> {
        let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
        for (position, property) in object.properties.iter().enumerate() {
            if property.name.as_str() != key {
                continue;
            }
            match (rest, &property.value) {
                (None, value) => places.push(Definition {
                    range: value.start()..value.end(),
                    key: Place::of(object, position),
                    value: match value {
                        Value::StringLit(text) => Found::Text(Secret::new(text.value.clone().into_owned())),
                        Value::NullKeyword(_) => Found::Nothing,
                        _ => Found::Other,
                    },
                }),
                (Some(rest), Value::Object(inner)) => self.places_in(inner, rest, name, places)?,
                (Some(_), other) => return Err(self.no_object(other.start(), name)),
            }
        }
        Ok(())
    }

    /// The innermost object on the way to a name, and what is left of the way.
    fn deepest<'n>(root: Option<&Object<'_>>, name: &'n str) -> (Option<Place>, Vec<&'n str>) {
        let mut path: Vec<&str> = name.split('.').collect();
        let Some(mut object) = root else { return (None, path) };
        while path.len() > 1
            && let Some(inner) = object.properties.iter().rev().find_map(|property| match &property.value {
                Value::Object(inner) if path.first() == Some(&property.name.as_str()) => Some(inner),
                _ => None,
            })
        {
            object = inner;
            path.remove(0);
        }
        (Some(Place::of(object, object.properties.len().saturating_sub(1))), path)
    }

    fn no_object(&self, at: usize, name: &str) -> JsonProblem {
        JsonProblem::NoObject { line: self.line(at), name: name.to_owned() }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }
}

/// The text of an object within others, byte for byte.
pub(in crate::sink) fn object_at<'a>(text: &'a str, path: &[&str]) -> Option<&'a str> {
    let mut value = parsed(text).ok()??;
    for key in path {
        let Value::Object(mut object) = value else { return None };
        value = object.take(key)?.value;
    }
    match value {
        Value::Object(object) => text.get(object.start()..object.end()),
        _ => None,
    }
}

/// What is JSON, with comments and with commas at the end of lists.
fn parsed(text: &str) -> Result<Option<Value<'_>>, JsonProblem> {
    jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &json_with_comments())
        .map(|parsed| parsed.value)
        .map_err(|error| JsonProblem::NoJson { line: error.line_display() })
}

/// Where a name is defined.
struct Definition {
    /// Its value's bytes.
    range: Range<usize>,
    /// Its key among the others.
    key: Place,
    value: Found,
}

/// What stands there.
enum Found {
    Text(Secret),
    Nothing,
    Other,
}
