//! A `CronJob`. Each run has its own container, and nothing of it has to survive: Cloudflare's list of tokens is the
//! record. The profiles come from a config map, at the paths that they have here.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::quote::{self, container, sh, yaml};
use super::source::Source;
use super::template::fill;
use super::{Bootstrap, Printed, Schedule, comments};

/// The folder that paths start from in the container, as the template has it.
const FOLDER: &str = "/work";
/// Where the profiles are in the container, as the template has it.
const PROFILES: &str = "/profiles";
/// The state folder, below where its volume is mounted: that folder itself belongs to root, and its group may write to it.
const STATE: &str = "cfmint";

/// An image with nothing but what TLS needs, for a program that was built outside of it.
const BARE: &str = "gcr.io/distroless/static-debian12:nonroot";
/// Where the program is that was built.
const BUILT: &str = "/cfmint/bin/cfmint";
/// What builds it, where no image has it: Alpine's programs need no libraries.
const BUILD: &str = concat!(
    r#"          initContainers:
            # It takes minutes, at every run. An image saves that: cfmint schedule --kubernetes --image IMAGE
            - name: build
              image: docker.io/library/rust:1-alpine
              command: [cargo, install, cfmint, --version, ""#,
    env!("CARGO_PKG_VERSION"),
    r#"", --locked, --root, /cfmint]
              env:
                - { name: HOME, value: /build }
                - { name: CARGO_HOME, value: /build/cargo }
                - { name: CARGO_TARGET_DIR, value: /build/target }
                - { name: TMPDIR, value: /build }
              resources:
                requests: { cpu: "1", memory: 1Gi }
                limits: { memory: 3Gi }
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities: { drop: [ALL] }
              volumeMounts:
                - { name: cfmint, mountPath: /cfmint }
                - { name: build, mountPath: /build }
"#
);
const BUILD_MOUNT: &str = "                - { name: cfmint, mountPath: /cfmint, readOnly: true }\n";
const BUILD_VOLUME: &str = "            - name: cfmint
              emptyDir: { sizeLimit: 64Mi }
            - name: build
              emptyDir: { sizeLimit: 4Gi }
";

/// What hands a secret on: `create` alone would refuse the second time.
const SINK: [&str; 2] = [
    "pass the secret on with a sink such as  command: [sh, -c, \"kubectl create secret generic shop",
    "--from-file=token=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -\"].",
];

pub(super) fn print(schedule: &Schedule) -> Printed {
    let path = format!("{}.cronjob.yaml", schedule.name);
    let name = quote::name(&schedule.name);
    let mounted = mounted(&schedule.files);
    let state = schedule.state.as_ref().map(|folder| Path::new(FOLDER).join(folder));
    let arguments = arguments(schedule, &mounted, state.as_deref());
    let (state_mount, state_volume) = state.as_deref().map(volume).unwrap_or_default();
    let items: Vec<String> = mounted
        .iter()
        .map(|mount| {
            format!("                  - {{ key: {}, path: {} }}\n", yaml(&mount.key), yaml(&mount.path))
        })
        .collect();
    let items = items.concat();
    let bootstrap = match schedule.bootstrap {
        Bootstrap::Unsaid => format!(
            "              env:
                - name: CLOUDFLARE_BOOTSTRAP_TOKEN
                  valueFrom:
                    secretKeyRef: {{ name: {name}, key: bootstrap }}
"
        ),
        _ => String::new(),
    };
    // The role is proven by the token of the service account.
    let vault = if schedule.logs_in_to_vault {
        format!(
            "              envFrom:\n                - configMapRef: {{ name: {} }}\n",
            quote::name(&format!("{}-vault", schedule.name))
        )
    } else {
        String::new()
    };
    let image = schedule.source.image();
    let (command, build, build_mount, build_volume) = match image {
        Some(_) => ("cfmint", "", "", ""),
        None => (BUILT, BUILD, BUILD_MOUNT, BUILD_VOLUME),
    };
    let values = [
        ("head", &*head(schedule, &mounted, &path)),
        ("name", &*name),
        ("times", &*yaml(&schedule.times().cron())),
        ("patience", &*(schedule.pace.length().num_seconds() / 2).to_string()),
        ("limit", &*(schedule.limit() + schedule.source.delay()).to_string()),
        (
            "account",
            if schedule.programs.is_empty() && !schedule.logs_in_to_vault { "false" } else { "true" },
        ),
        ("vault", &*vault),
        ("build", build),
        ("image", &*yaml(&image.unwrap_or_else(|| BARE.to_owned()))),
        ("command", command),
        ("build mount", build_mount),
        ("build volume", build_volume),
        ("arguments", &*arguments),
        ("bootstrap", &*bootstrap),
        ("state mount", &*state_mount),
        ("state volume", &*state_volume),
        ("profiles", &*items),
    ];
    let text = fill(include_str!("templates/kubernetes.yaml"), &values);
    Printed { path, text }
}

/// Where the volume of a state folder that was said is mounted, and the volume.
fn volume(state: &Path) -> (String, String) {
    let mount =
        format!("                - {{ name: state, mountPath: {} }}\n", yaml(&state.display().to_string()));
    let volume = "            # With a volume that lasts, the run after a dead one does not have to wait.
            - name: state
              emptyDir: { sizeLimit: 16Mi }\n";
    (mount, volume.to_owned())
}

/// What to know before it is installed.
fn head(schedule: &Schedule, mounted: &[Mount<'_>], path: &str) -> String {
    let name = &schedule.name;
    let files: Vec<String> =
        mounted.iter().map(|mount| sh(&format!("--from-file={}={}", mount.key, mount.file))).collect();
    let mut lines = vec![
        path.to_owned(),
        String::new(),
        schedule.title(),
        String::new(),
        "To install it, in the namespace where it should run:".to_owned(),
        format!("  kubectl create configmap {name} {}", files.join(" ")),
    ];
    if schedule.bootstrap == Bootstrap::Unsaid {
        lines.push(format!("  kubectl create secret generic {name} --from-file=bootstrap=/dev/stdin"));
    }
    if schedule.logs_in_to_vault {
        lines.push(format!(
            "  kubectl create configmap {name}-vault --from-literal=VAULT_ADDR=\"$VAULT_ADDR\" --from-literal=VAULT_K8S_ROLE=cfmint"
        ));
    }
    lines.extend([
        format!("  kubectl apply -f {path}"),
        format!("To try it at once:  kubectl create job --from=cronjob/{name} {name}-now"),
    ]);
    if !schedule.env_files.is_empty() {
        let files = schedule.env_files.join(", ");
        lines.push(format!("WARNING: the container is deleted after the run, together with {files}:"));
        lines.extend(SINK.map(str::to_owned));
    }
    if !schedule.programs.is_empty() {
        let programs = schedule.programs.join(", ");
        match &schedule.source {
            Source::Image(image) => {
                lines.push(format!("Profiles run programs, which {image} must contain: {programs}"));
            }
            Source::Release(_) | Source::Crates => {
                lines.push(format!("Profiles run programs, which the image below lacks: {programs}"));
                lines.push("Add cfmint to an image that has them, and name it with --image:".to_owned());
                lines.extend(recipe(schedule.source.image().as_deref()));
            }
        }
        lines.push(
            "If they write secrets of this cluster, add a serviceAccountName that may do so.".to_owned(),
        );
    }
    comments(&lines)
}

/// How cfmint comes into an image that has other programs.
fn recipe(image: Option<&str>) -> Vec<String> {
    let build = "  FROM rust:1-alpine AS build";
    let install = concat!(
        "  RUN cargo install cfmint --version ",
        env!("CARGO_PKG_VERSION"),
        " --locked --root /cfmint"
    );
    let (stage, from, path) = match image {
        Some(image) => (Vec::new(), image, "/usr/local/bin/cfmint"),
        None => (vec![build.to_owned(), install.to_owned()], "build", "/cfmint/bin/cfmint"),
    };
    let copied = format!("  COPY --from={from} {path} /usr/local/bin/cfmint");
    stage.into_iter().chain(["  FROM THE-IMAGE".to_owned(), copied]).collect()
}

/// The arguments of the container, one a line.
fn arguments(schedule: &Schedule, mounted: &[Mount<'_>], state: Option<&Path>) -> String {
    let profiles: Vec<String> = mounted.iter().map(|mount| format!("{PROFILES}/{}", mount.path)).collect();
    let state = state.map(|folder| folder.join(STATE).display().to_string());
    let mut arguments = schedule.arguments(&profiles, state.as_deref());
    arguments.extend(schedule.bootstrap.options());
    let lines = arguments.iter().map(|word| format!("                - {}\n", container(word)));
    lines.collect::<Vec<_>>().concat()
}

/// A profile in the config map.
struct Mount<'a> {
    /// Its path here.
    file: &'a str,
    /// Its key in the config map: letters, digits, `-`, `_` and `.`.
    key: String,
    /// Its path in the container, below [`PROFILES`].
    path: String,
}

fn mounted(files: &[String]) -> Vec<Mount<'_>> {
    let mut keys = BTreeSet::new();
    let mount = |(position, file): (usize, &'_ String)| -> (String, String) {
        let inner: PathBuf =
            Path::new(file).components().filter(|part| matches!(part, Component::Normal(_))).collect();
        let path = inner.display().to_string();
        let is_key = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let base = inner.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let key: String = base.chars().map(|one| if is_key(one) { one } else { '-' }).collect();
        if keys.insert(key.clone()) { (key, path) } else { (format!("{position}-{key}"), path) }
    };
    let named: Vec<(String, String)> = files.iter().enumerate().map(mount).collect();
    files.iter().zip(named).map(|(file, (key, path))| Mount { file, key, path }).collect()
}
