//! Several values <-> one text that a program reads or prints, such as a JSON object or the manifest of a Secret.
//!
//! Names and values come in, text goes out, in which nothing of a value is taken for anything else; and the reverse, for
//! every format but tfvars. What else a text holds beside these names is no matter here.

mod held;
mod quoted;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use self::held::{HeldText, Manifest, Texts};
pub(super) use self::quoted::{in_quotes, longest};
use super::SinkError;
use super::env_file;
use crate::profile::{DocumentFormat, SinkValue};
use crate::secret::Secret;

/// A document of several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    format: DocumentFormat,
    variables: Vec<(String, SinkValue)>,
}

impl Document {
    pub(super) fn new(format: DocumentFormat, variables: Vec<(String, SinkValue)>) -> Self {
        Self { format, variables }
    }

    /// The names in it, with what each receives.
    pub(super) fn variables(&self) -> &[(String, SinkValue)] {
        &self.variables
    }

    /// The document with these values, in the order of the names.
    pub(super) fn write(&self, texts: &[Secret]) -> Result<Secret, SinkError> {
        let names = self.variables.iter().map(|(name, _)| name.as_str());
        let entries: Vec<(&str, &str)> = names.zip(texts.iter().map(Secret::expose)).collect();
        if let DocumentFormat::Env = self.format {
            let mut lines = env_file::Document::parse(b"").map_err(env_file::ValueError::Line)?;
            for (name, text) in &entries {
                lines.set(name, text)?;
            }
            return Ok(Secret::new(String::from_utf8_lossy(&lines.to_bytes()).into_owned()));
        }
        // A buffer that grew would leave copies of the secret behind.
        let frame = 256 + self.frame_length();
        let length = entries.iter().map(|(name, text)| longest(name) + longest(text) + 8).sum::<usize>();
        let mut out = String::with_capacity(frame + length);
        match &self.format {
            DocumentFormat::Env => {}
            DocumentFormat::Json => {
                out.push('{');
                for (position, (name, text)) in entries.iter().enumerate() {
                    out.push_str(if position == 0 { "" } else { "," });
                    in_quotes(&mut out, name);
                    out.push(':');
                    in_quotes(&mut out, text);
                }
                out.push('}');
            }
            DocumentFormat::Yaml => {
                for (name, text) in entries {
                    in_quotes(&mut out, name);
                    out.push_str(": ");
                    in_quotes(&mut out, text);
                    out.push('\n');
                }
            }
            DocumentFormat::Tfvars => {
                for (name, text) in entries {
                    out.push_str(name);
                    out.push_str(" = ");
                    quoted::in_quotes_of_terraform(&mut out, text);
                    out.push('\n');
                }
            }
            DocumentFormat::Kubernetes { name, namespace } => {
                out.push_str("apiVersion: v1\nkind: Secret\nmetadata:\n  name: ");
                in_quotes(&mut out, name);
                if let Some(namespace) = namespace {
                    out.push_str("\n  namespace: ");
                    in_quotes(&mut out, namespace);
                }
                // Not `stringData`, which does not go well with server-side apply:
                // https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data
                out.push_str("\ntype: Opaque\ndata:\n");
                for (name, text) in entries {
                    out.push_str("  ");
                    in_quotes(&mut out, name);
                    // In quotes, where nothing would be no text.
                    out.push_str(": \"");
                    BASE64.encode_string(text, &mut out);
                    out.push_str("\"\n");
                }
            }
        }
        Ok(Secret::new(out))
    }

    /// How long the names of a manifest can be.
    fn frame_length(&self) -> usize {
        match &self.format {
            DocumentFormat::Kubernetes { name, namespace } => {
                longest(name) + namespace.as_deref().map_or(0, longest)
            }
            _ => 0,
        }
    }

    /// What a document holds under each name, or what is wrong with it, without a word of it.
    pub(super) fn read(&self, printed: &Secret) -> Result<Vec<Vec<Secret>>, String> {
        if let DocumentFormat::Env = self.format {
            let lines = env_file::Document::parse(printed.expose().as_bytes())
                .map_err(|problem| problem.to_string())?;
            let values = self.variables.iter().map(|(name, _)| lines.values(name));
            return values.collect::<Result<_, _>>().map_err(|problem| problem.to_string());
        }
        let mut texts = match self.format {
            DocumentFormat::Kubernetes { .. } => held::parse::<Manifest>(printed)?.data.unwrap_or_default(),
            _ => held::parse::<Texts>(printed)?,
        };
        let mut found = Vec::new();
        for (name, _) in &self.variables {
            found.push(match texts.remove(name) {
                None | Some(HeldText::Nothing) => Vec::new(),
                Some(HeldText::Other) => return Err(format!("what it has as `{name}` is no text")),
                Some(HeldText::Text(text)) => match self.format {
                    DocumentFormat::Kubernetes { .. } => vec![decoded(name, &text)?],
                    _ => vec![text],
                },
            });
        }
        Ok(found)
    }
}

/// A value of a Secret.
fn decoded(name: &str, text: &Secret) -> Result<Secret, String> {
    let no_text = || format!("what it has as `{name}` is no text in base64");
    let bytes = Zeroizing::new(BASE64.decode(text.expose().trim()).map_err(|_| no_text())?);
    std::str::from_utf8(&bytes).map(|text| Secret::new(text.to_owned())).map_err(|_| no_text())
}

#[cfg(test)]
mod tests;
