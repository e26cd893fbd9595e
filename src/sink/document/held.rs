//! A document that a program printed -> the texts in it, each in a [`Secret`] from the moment it is read.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::secret::Secret;

/// The texts of a map, by their names.
pub(super) type Texts = BTreeMap<String, HeldText>;

/// What matters of the manifest of a Secret, as `kubectl get secret NAME -o json` prints it.
#[derive(Deserialize)]
pub(super) struct Manifest {
    /// Each value in base64.
    pub(super) data: Option<Texts>,
}

/// A value of a map.
pub(super) enum HeldText {
    /// A text.
    Text(Secret),
    /// Nothing.
    Nothing,
    /// Something that is no text.
    Other,
}

/// Reads JSON, or else YAML. The reason why neither can be read repeats nothing of it.
pub(super) fn parse<T: DeserializeOwned>(printed: &Secret) -> Result<T, String> {
    serde_json::from_str(printed.expose())
        .ok()
        .or_else(|| serde_yaml::from_str(printed.expose()).ok())
        .ok_or_else(|| "it printed no map of texts in JSON or YAML".to_owned())
}

impl<'de> Deserialize<'de> for HeldText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HeldVisitor)
    }
}

struct HeldVisitor;

impl<'de> Visitor<'de> for HeldVisitor {
    type Value = HeldText;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<HeldText, E> {
        Ok(HeldText::Text(Secret::new(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<HeldText, E> {
        Ok(HeldText::Text(Secret::new(text)))
    }

    fn visit_unit<E>(self) -> Result<HeldText, E> {
        Ok(HeldText::Nothing)
    }

    fn visit_none<E>(self) -> Result<HeldText, E> {
        Ok(HeldText::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<HeldText, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<HeldText, E> {
        Ok(HeldText::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<HeldText, E> {
        Ok(HeldText::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<HeldText, E> {
        Ok(HeldText::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<HeldText, E> {
        Ok(HeldText::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeldText, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(HeldText::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<HeldText, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(HeldText::Other)
    }
}
