//! The commands of the matrix, each with the scene that it begins in.

use cfmint::world::World as _;

use crate::support::{Doom, Scene, TestWorld};

/// One account, one zone, one bucket; three files and a program: every kind of sink.
const PROFILE: &str = "
version: 1
name: shop-deploy
permissions:
  account: { Workers Scripts: edit }
  zone: { DNS: edit }
  r2: { Workers R2 Storage Bucket Item: edit }
resources:
  accounts: [Emulator Account]
  zones: [example.com]
  buckets: [{ account: Emulator Account, name: assets }]
ttl: 90d
sinks:
  - env_file: .env
    variables: { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account_id }
  - env_file: .env.copy
    variables: { CF_TOKEN: token, CF_ENDS: expires_on }
  - env_file: .env.r2
    variables: { AWS_ACCESS_KEY_ID: r2_access_key_id, AWS_SECRET_ACCESS_KEY: r2_secret_access_key }
  - command: [sh, -c, cat > kept]
    input: token
";

/// The files of the profile, each with the variable that holds a secret or its hash.
pub(crate) const SINKS: [(&str, &str); 3] =
    [(".env", "CLOUDFLARE_API_TOKEN"), (".env.copy", "CF_TOKEN"), (".env.r2", "AWS_SECRET_ACCESS_KEY")];

/// Where the program keeps what it was given. What is kept elsewhere is not cfmint's to take away.
pub(crate) const PROGRAM: &str = "kept";

/// A command, and how the scene comes to where it begins.
#[derive(Clone, Copy)]
pub(crate) struct Act {
    /// The command; `ID` stands for the id of the first token that was made.
    pub(crate) command: &'static str,
    /// The commands that went before.
    before: &'static [&'static str],
    /// A command that began before, and the request amid which its process died.
    died: Option<(&'static str, &'static str)>,
    /// What there is at the end.
    pub(crate) ends: Ends,
    /// Where it happens; git is slow, and its part is the same for every command.
    place: Place,
    /// Something other hands do before the command.
    meddling: fn(&Scene),
}

/// What there is at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// One token, whose secret every sink holds.
    InForce,
    /// None, and no sink holds a secret.
    Gone,
    /// None; the sinks were nobody's business.
    GoneById,
    /// One that every sink holds, or none.
    Either,
}

#[derive(Clone, Copy)]
enum Place {
    WorkTree,
    Folder,
}

/// An act in which a token is there and all went well.
const ACT: Act = Act {
    command: "apply shop.yaml",
    before: &["apply shop.yaml"],
    died: None,
    ends: Ends::InForce,
    place: Place::Folder,
    meddling: |_| {},
};

pub(crate) const ACTS: [Act; 17] = [
    Act { before: &[], place: Place::WorkTree, ..ACT },
    Act { meddling: |scene| scene.meddle(|token| token.policies.truncate(1)), ..ACT },
    Act { meddling: |scene| scene.world.remove(&scene.world.path(".env.copy")).unwrap(), ..ACT },
    Act { command: "roll shop.yaml", ..ACT },
    Act { command: "rotate shop.yaml", ..ACT },
    Act { command: "revoke shop.yaml --yes", ends: Ends::Gone, ..ACT },
    Act { command: "revoke --id ID --yes", ends: Ends::GoneById, ..ACT },
    Act { command: "prune shop.yaml --older-than 0s --yes", ends: Ends::Gone, ..ACT },
    Act {
        command: "apply shop.yaml --adopt e0000000000000000000000000000a01",
        meddling: |scene| {
            scene.meddle(|token| {
                "e0000000000000000000000000000a01".clone_into(&mut token.id);
                "renamed by hand".clone_into(&mut token.name);
                token.policies.truncate(1);
            });
        },
        ..ACT
    },
    Act { before: &[], meddling: with_hook, ..ACT },
    Act { command: "rotate shop.yaml", meddling: with_hook, ..ACT },
    Act { command: "plan shop.yaml", ..ACT },
    Act { command: "list shop.yaml", ..ACT },
    Act { command: "import ID --json", ..ACT },
    Act {
        command: "recover",
        before: &[],
        died: Some(("apply shop.yaml", "POST /user/tokens")),
        ends: Ends::Gone,
        ..ACT
    },
    Act { command: "recover", died: Some(("roll shop.yaml", "PUT /user/tokens")), ..ACT },
    Act { command: "recover", died: Some(("rotate shop.yaml", "PUT /user/tokens")), ..ACT },
];

/// Gives the profile a hook, which changes what a rotation may leave to settling.
fn with_hook(scene: &Scene) {
    scene
        .world
        .put("shop.yaml", format!("{PROFILE}hooks: {{ delivered: [[sh, -c, \"echo >> hooked\"]] }}\n"));
}

/// The acts after which another command may come: those that leave a token which the profile's sinks hold, or none.
pub(crate) fn that_may_die() -> Vec<Act> {
    let writes = ["apply shop.yaml", "roll ", "rotate ", "revoke shop", "prune "];
    let is_apt = |act: &Act| {
        writes.iter().any(|command| act.command.starts_with(command))
            && !act.command.contains("--adopt")
            && (act.before.is_empty() || act.command != "apply shop.yaml")
    };
    let mut acts: Vec<Act> = ACTS.into_iter().filter(is_apt).collect();
    for act in &mut acts {
        act.place = Place::Folder;
    }
    acts
}

impl Act {
    /// The command line in a scene.
    pub(crate) fn line(&self, scene: &Scene) -> String {
        let first = scene.tokens().into_iter().next().map(|token| token.id);
        self.command.replace(" ID ", &format!(" {} ", first.unwrap_or_default()))
    }
}

/// The scene in which an act begins.
pub(crate) async fn scene(act: &Act) -> Scene {
    let scene = match act.place {
        Place::WorkTree => Scene::new(),
        Place::Folder => Scene::outside_git(TestWorld::new(), |_| {}),
    };
    scene.world.put("shop.yaml", PROFILE);
    for line in act.before {
        scene.given(line).await;
    }
    if let Some((line, request)) = act.died {
        scene.world.doom_at(request, Doom::DeathAmid);
        scene.run(line).await;
        assert!(scene.world.is_dead(), "{line} makes no request {request}");
        scene.world.revive();
    }
    (act.meddling)(&scene);
    scene.world.forget_effects();
    scene
}
