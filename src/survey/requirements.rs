//! What profiles ask of their sinks and cannot have: found out before the first request, it costs no token.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::Wanted;
use crate::profile::{Diagnostic, DiagnosticCode, Profile, Severity, SinkValue};
use crate::sink::{Sink, SinkError};

/// The values that are asked for and that this token does not have.
pub(super) fn lacking(asked: Vec<SinkValue>, wanted: &Wanted) -> Result<(), Vec<SinkError>> {
    let has = |value: SinkValue| match value {
        SinkValue::AccountId => wanted.account.is_some(),
        SinkValue::ZoneId => wanted.zone.is_some(),
        SinkValue::R2Endpoint => wanted.buckets.is_some(),
        SinkValue::Token
        | SinkValue::TokenId
        | SinkValue::ExpiresOn
        | SinkValue::R2AccessKeyId
        | SinkValue::R2SecretAccessKey => true,
    };
    let lacking = asked.into_iter().filter(|value| !has(*value));
    let lacking: Vec<SinkError> = lacking.map(|value| SinkError::NoValue { value: value.word() }).collect();
    if lacking.is_empty() { Ok(()) } else { Err(lacking) }
}

/// A token whose secret goes nowhere would be lost the moment it is made.
pub(super) fn undelivered(profile: &Profile, sinks: &[Box<dyn Sink>]) -> Option<Diagnostic> {
    let delivers = sinks.iter().flat_map(|sink| sink.values()).any(SinkValue::is_secret);
    (!delivers).then(|| Diagnostic {
        severity: Severity::Error,
        code: DiagnosticCode::UndeliveredSecret,
        message: format!("no sink takes the secret of `{}`, and it is shown only once", profile.name.value),
        source: Arc::clone(&profile.source),
        place: Some((profile.name.span, String::new())),
        also: None,
        hint: "sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]".to_owned(),
    })
}

/// Two profiles of one run that write one variable would overwrite each other's secret.
pub(super) fn shared_variables(profiles: &[Profile], sinks: &[Vec<Box<dyn Sink>>]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (position, (profile, sinks)) in profiles.iter().zip(sinks).enumerate() {
        for sink in sinks {
            for (claim, value) in sink.claims() {
                let variable = claim.rsplit('\0').next().unwrap_or_default().to_owned();
                let first = *seen.entry(claim).or_insert(position);
                if first != position && value.dies_with_token() {
                    found.push(Diagnostic {
                        severity: Severity::Error,
                        code: DiagnosticCode::SameVariable,
                        message: format!(
                            "`{variable}` in {} is also written for `{}`",
                            sink.shown(),
                            profiles.get(first).map_or("", |profile| &profile.name.value)
                        ),
                        source: Arc::clone(&profile.source),
                        place: Some((profile.name.span, String::new())),
                        also: None,
                        hint: "give each its own variable or file, such as `env_file: .env.${environment}`"
                            .to_owned(),
                    });
                }
            }
        }
    }
    found
}
