//! What a deployment has to be allowed for each kind of binding.
//!
//! Most bindings take nothing: they are written into the Worker's metadata with the upload, which *Workers Scripts
//! Write* allows, and used by the Worker, not by the token. What follows is read from Wrangler's own code (workers-sdk
//! f8308360, packages/deploy-helpers) and named where a rule stands:
//!
//! - provision: `src/deploy/helpers/provision-bindings.ts`, where Wrangler looks for what a binding names, and makes what
//!   it does not find. It inherits a binding that the deployed Worker has, so that most of this is for a first deployment.
//! - queues: `src/triggers/queue-consumers.ts` lists and changes queues; the API takes *Workers Scripts* for all of it.
//! - workflows: `src/triggers/deploy.ts` puts `/workflows/{name}`, which *Workers Scripts Write* allows.

use serde_json::{Map, Value};

/// What a binding takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing beyond the upload.
    Nothing,
    /// A group of the account's, whatever the binding says.
    Always(Asked),
    /// Where it names what it is for by this key, the first, otherwise the second.
    Named(&'static str, Option<Asked>, Asked),
}

/// A group of the account's, and what Wrangler does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// The API's name of the group.
    pub(super) group: &'static str,
    /// What Wrangler does, as the end of a sentence about the binding.
    pub(super) does: &'static str,
}

/// A kind of binding.
pub(super) struct Kind {
    /// Where it stands in the configuration; a dot leads into a table.
    pub(super) key: &'static str,
    /// What it is called.
    pub(super) noun: &'static str,
    /// What it takes.
    pub(super) takes: Takes,
}

const fn nothing(key: &'static str, noun: &'static str) -> Kind {
    Kind { key, noun, takes: Takes::Nothing }
}

const fn asked(group: &'static str, does: &'static str) -> Asked {
    Asked { group, does }
}

/// Every kind that is known.
pub(super) const KINDS: &[Kind] = &[
    // provision, KVHandler: one with an id is not looked up; one without is made.
    Kind {
        key: "kv_namespaces",
        noun: "KV namespace",
        takes: Takes::Named("id", None, asked("Workers KV Storage Write", "has no id, so wrangler makes it")),
    },
    // provision, D1Handler: one with an id is not looked up; one with a name alone is, and is made if it is not there.
    // Migrations are another command (`wrangler d1 migrations apply`).
    Kind {
        key: "d1_databases",
        noun: "D1 database",
        takes: Takes::Named(
            "database_id",
            None,
            asked("D1 Write", "has no id, so wrangler looks for it, or makes it"),
        ),
    },
    // provision, R2Handler: a bucket is looked up by its name until the deployed Worker has the binding.
    Kind {
        key: "r2_buckets",
        noun: "R2 bucket",
        takes: Takes::Named(
            "bucket_name",
            Some(asked(
                "Workers R2 Storage Read",
                "is looked for by wrangler; edit, if wrangler is to make it",
            )),
            asked("Workers R2 Storage Write", "has no name, so wrangler makes it"),
        ),
    },
    // provision, AISearchNamespaceHandler.
    Kind {
        key: "ai_search_namespaces",
        noun: "AI Search namespace",
        takes: Takes::Named(
            "namespace",
            Some(asked("AI Search Read", "is looked for by wrangler; edit, if wrangler is to make it")),
            asked("AI Search Write", "has no name, so wrangler makes it"),
        ),
    },
    // provision, FlagshipHandler.
    Kind {
        key: "flagship",
        noun: "Flagship app",
        takes: Takes::Named("app_id", None, asked("Flagship Write", "has no id, so wrangler makes it")),
    },
    // Cloudflare checks the upload: code 10021 with Secrets Store Read alone (workers-sdk issue 8964); the documentation
    // of Secrets Store asks for Edit (cloudflare-docs 31724).
    Kind {
        key: "secrets_store_secrets",
        noun: "secret",
        takes: Takes::Always(asked(
            "Secrets Store Write",
            "is bound, which Cloudflare allows with edit alone",
        )),
    },
    // Cloudflare checks the upload: code 10000 without it (workers-sdk issue 11884).
    Kind {
        key: "vpc_services",
        noun: "VPC service",
        takes: Takes::Always(asked("Connectivity Directory Bind", "is bound")),
    },
    Kind {
        key: "vpc_networks",
        noun: "VPC network",
        takes: Takes::Always(asked("Connectivity Directory Bind", "is bound")),
    },
    // packages/wrangler/src/containers: pushes the image to the registry, and changes the application.
    Kind {
        key: "containers",
        noun: "container",
        takes: Takes::Always(asked("Workers Containers Write", "is pushed and put in place by wrangler")),
    },
    // packages/wrangler/src/sites.ts: the files go into a KV namespace that wrangler makes and fills.
    Kind {
        key: "site",
        noun: "Workers Site",
        takes: Takes::Always(asked("Workers KV Storage Write", "keeps its files in a KV namespace")),
    },
    nothing("ai", "Workers AI"),
    nothing("analytics_engine_datasets", "Analytics Engine dataset"),
    nothing("assets", "static assets"),
    nothing("browser", "Browser Rendering"),
    nothing("dispatch_namespaces", "dispatch namespace"),
    nothing("durable_objects.bindings", "Durable Object"),
    nothing("hyperdrive", "Hyperdrive"),
    nothing("images", "Images"),
    nothing("media", "Media"),
    nothing("mtls_certificates", "mTLS certificate"),
    nothing("pipelines", "Pipeline"),
    // queues.
    nothing("queues.producers", "Queue"),
    nothing("queues.consumers", "Queue consumer"),
    nothing("ratelimits", "rate limit"),
    nothing("send_email", "e-mail binding"),
    nothing("services", "service"),
    nothing("stream", "Stream"),
    nothing("streaming_tail_consumers", "tail consumer"),
    nothing("tail_consumers", "tail consumer"),
    nothing("vectorize", "Vectorize index"),
    nothing("version_metadata", "version metadata"),
    nothing("worker_loaders", "Worker loader"),
    // workflows.
    nothing("workflows", "Workflow"),
];

/// Keys that are no bindings, so that one that is unknown can be told.
pub(super) const OTHERS: &[&str] = &[
    "$schema",
    "account_id",
    "addresses",
    "alias",
    "base_dir",
    "build",
    "cache",
    "cloudchamber",
    "compatibility_date",
    "compatibility_flags",
    "compliance_region",
    "data_blobs",
    "define",
    "dev",
    "durable_objects",
    "env",
    "exports",
    "find_additional_modules",
    "first_party_worker",
    "jsx_factory",
    "jsx_fragment",
    "keep_names",
    "keep_vars",
    "legacy_env",
    "limits",
    "logfwdr",
    "logpush",
    "main",
    "migrations",
    "minify",
    "name",
    "no_bundle",
    "node_compat",
    "observability",
    "pages_build_output_dir",
    "placement",
    "preserve_file_names",
    "preview_urls",
    "previews",
    "python_modules",
    "queues",
    "route",
    "routes",
    "rules",
    "secrets",
    "send_metrics",
    "text_blobs",
    "triggers",
    "tsconfig",
    "type",
    "upload_source_maps",
    "usage_model",
    "userLogicFile",
    "vars",
    "wasm_modules",
    "workers_dev",
];

impl Kind {
    /// The bindings of this kind in a section.
    pub(super) fn found<'a>(&self, section: &'a Map<String, Value>) -> Vec<&'a Map<String, Value>> {
        let mut parts = self.key.split('.');
        let mut value = parts.next().and_then(|key| section.get(key));
        for part in parts {
            value = value.and_then(|table| table.get(part));
        }
        match value {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).collect(),
            Some(Value::Object(table)) => vec![table],
            _ => Vec::new(),
        }
    }

    /// What a binding is called in a reason: its kind, and the name in the code or the name of what it is for.
    pub(super) fn shown(&self, binding: &Map<String, Value>) -> String {
        let named = ["binding", "name", "queue", "service", "class_name", "bucket"];
        let name = named.iter().find_map(|key| binding.get(*key).and_then(Value::as_str));
        name.map_or_else(|| self.noun.to_owned(), |name| format!("{} {name}", self.noun))
    }
}

impl Takes {
    /// What one binding takes.
    pub(super) fn of(self, binding: &Map<String, Value>) -> Option<Asked> {
        match self {
            Self::Nothing => None,
            Self::Always(asked) => Some(asked),
            Self::Named(key, named, unnamed) => {
                let is_named = binding.get(key).and_then(Value::as_str).is_some_and(|name| !name.is_empty());
                if is_named { named } else { Some(unnamed) }
            }
        }
    }
}
