//! The commands of the matrix, each with the scene that it begins in.

use cfmint::world::World as _;

use crate::support::{Doom, Scene};

/// A profile, and where its secret goes.
#[derive(Clone, Copy)]
pub(crate) struct Shop {
    text: &'static str,
    sinks: &'static [Sink],
    /// A second profile, of the name `shop-twin`, and where its secret goes.
    twin: Option<(&'static str, &'static [Sink])>,
}

impl Shop {
    /// Each name of a token, with the sinks that its secret goes to.
    pub(crate) fn names(&self) -> Vec<(&'static str, &'static [Sink])> {
        let twin = self.twin.map(|(_, sinks)| ("shop-twin", sinks));
        [("shop-deploy", self.sinks)].into_iter().chain(twin).collect()
    }

    /// All the sinks.
    pub(crate) fn sinks(&self) -> Vec<Sink> {
        self.names().into_iter().flat_map(|(_, sinks)| sinks.iter().copied()).collect()
    }

    /// The text of the second profile.
    pub(crate) fn twin(&self) -> Option<&'static str> {
        self.twin.map(|(text, _)| text)
    }
}

/// A file that holds a secret, or its hash, at the end of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sink {
    /// An env file, and the variable.
    Env(&'static str, &'static str),
    /// A JSON file, or what a store holds, and the key.
    Json(&'static str, &'static str),
    /// A JSON document that a program keeps, and the key. Nobody takes it away.
    Document(&'static str, &'static str),
    /// What a program keeps. Nobody takes it away.
    Program(&'static str),
}

impl Sink {
    /// The file, below the folder of its machine.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Env(file, _) | Self::Json(file, _) | Self::Document(file, _) | Self::Program(file) => file,
        }
    }
}

const MAIN: Sink = Sink::Env(".env", "CLOUDFLARE_API_TOKEN");
const COPY: Sink = Sink::Env(".env.copy", "CF_TOKEN");
const S3: Sink = Sink::Env(".env.r2", "AWS_SECRET_ACCESS_KEY");
const KEPT: Sink = Sink::Program("kept");

/// The least that has a secret.
macro_rules! small {
    ($sinks:literal, $more:literal) => {
        concat!(
            "version: 1\nname: shop-deploy\npermissions: { zone: { DNS: edit } }\n",
            "resources: { zones: [example.com] }\nttl: 90d\n",
            $more,
            "sinks:\n",
            $sinks
        )
    };
}

/// One account, one zone, one bucket; three files and a program: every kind of value and of sink. Here and everywhere,
/// pending tokens live a day.
const FULL: Shop = Shop {
    text: "
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
rotation: { overlap: 1h, renew_before: 2d }
sinks:
  - env_file: .env
    variables: { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account_id }
  - env_file: .env.copy
    variables: { CF_TOKEN: token, CF_ENDS: expires_on }
  - env_file: .env.r2
    variables: { AWS_ACCESS_KEY_ID: r2_access_key_id, AWS_SECRET_ACCESS_KEY: r2_secret_access_key }
  - { command: [sh, -c, cat > kept], input: token }
",
    sinks: &[MAIN, COPY, S3, KEPT],
    twin: None,
};
const HOOKED: Shop = Shop {
    text: small!(
        "  - { command: [sh, -c, cat > kept], input: token }\n  \
           - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\nhooks: { delivered: [[sh, -c, \"echo >> hooked\"]] }\n"
    ),
    sinks: &[KEPT, MAIN],
    twin: None,
};
const ENV: Shop = Shop {
    text: small!(
        "  - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\n"
    ),
    sinks: &[MAIN],
    twin: None,
};
const OPAQUE: Shop = Shop {
    text: small!(
        "  - { command: [sh, -c, cat > kept], input: token }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\n"
    ),
    sinks: &[KEPT],
    twin: None,
};
const MIXED: Shop = Shop {
    text: small!(
        "  - { command: [sh, -c, cat > kept], input: token }\n  \
           - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\n"
    ),
    sinks: &[KEPT, MAIN],
    twin: None,
};
const RENEWED: Shop = Shop {
    text: small!(
        "  - { command: [sh, -c, cat > kept], input: token }\n  \
           - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\n",
        "rotation: { strategy: roll, overlap: 1h, renew_before: 2d }\n"
    ),
    sinks: &[KEPT, MAIN],
    twin: None,
};
const SHUT_OUT: Shop = Shop {
    text: small!(
        "  - { command: [sh, -c, cat > kept], input: token }\n  \
           - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\nip: { allow: [203.0.113.7] }\n"
    ),
    sinks: &[KEPT, MAIN],
    twin: None,
};
/// Two tokens in flight: their secrets stand in one env file, and the second has a program besides.
const TWINS: Shop = Shop {
    twin: Some((
        concat!(
            "version: 1\nname: shop-twin\npermissions: { zone: { DNS: read } }\n",
            "resources: { zones: [example.com] }\nttl: 90d\nrotation: { overlap: 1h, renew_before: 2d }\nsinks:\n",
            "  - { env_file: .env, variables: { CF_TWIN: token } }\n",
            "  - { command: [sh, -c, cat > kept], input: token }\n"
        ),
        &[Sink::Env(".env", "CF_TWIN"), KEPT],
    )),
    ..ENV
};
const READABLE: Shop = Shop {
    text: small!(
        "  - { command: [sh, -c, cat > kept], input: token, read: [sh, -c, cat kept || true] }\n  \
           - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\n"
    ),
    sinks: &[KEPT, MAIN],
    twin: None,
};

/// Keys of a JSON file, and a document that a program keeps and another prints.
const DOCUMENTS: Shop = Shop {
    text: small!(
        "  - { json_file: secrets.json, variables: { token: token, ends: expires_on } }\n  \
           - { command: [sh, -c, cat > kept.json], read: [sh, -c, cat kept.json || true], \
               input: { format: json, variables: { token: token, ends: expires_on } } }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\n"
    ),
    sinks: &[Sink::Json("secrets.json", "token"), Sink::Document("kept.json", "token")],
    twin: None,
};
/// A store of secrets beside an env file.
const STORED: Shop = Shop {
    text: small!(
        "  - { vault: secret/data/shop, variables: { token: token, ends: expires_on } }\n  \
           - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\n",
        "rotation: { overlap: 1h, renew_before: 2d }\n"
    ),
    sinks: &[Sink::Json("store.json", "token"), MAIN],
    twin: None,
};

/// A command, and how the scene comes to where it begins.
#[derive(Clone, Copy)]
pub(crate) struct Act {
    /// The command; `ID` stands for the id of the first token that was made.
    pub(crate) command: &'static str,
    /// Its profile.
    pub(crate) shop: Shop,
    /// The commands that went before.
    pub(crate) before: &'static [&'static str],
    /// A command that began before, and the request amid which its process died.
    pub(crate) died: Option<(&'static str, &'static str)>,
    /// Something other hands do before the command.
    pub(crate) meddling: fn(&Scene),
    /// What must come after it for a token to be in force, since it does not make one itself.
    pub(crate) after: &'static [&'static str],
    /// What there is at the end.
    pub(crate) ends: Ends,
    /// Where it happens; git is slow, and its part is the same for every command.
    pub(crate) place: Place,
    /// What a run finds of the one before.
    pub(crate) runner: Runner,
    /// How long ago the commands before were: runs close to each other cannot tell which came first.
    pub(crate) age: Age,
}

/// What there is at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// One token, whose secret every sink holds.
    InForce,
    /// None, and no sink that can be cleared holds a secret.
    Gone,
    /// None; the sinks were nobody's business.
    GoneById,
    /// One that every sink holds, or none.
    Either,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    WorkTree,
    Folder,
}

/// What a run finds of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// All of it.
    Same,
    /// No state folder, as on a runner that is thrown away.
    Fresh,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Hours,
    Seconds,
}

/// An act in which a token is there and all went well.
const ACT: Act = Act {
    command: "apply shop.yaml",
    shop: FULL,
    before: &["apply shop.yaml"],
    died: None,
    meddling: |_| {},
    after: &[],
    ends: Ends::InForce,
    place: Place::Folder,
    runner: Runner::Same,
    age: Age::Hours,
};

/// `rotate` with a program beside an env file, and `roll`: what pairs of troubles are tried on.
pub(crate) const ROTATE: Act = Act { command: "rotate shop.yaml", shop: MIXED, ..ACT };
pub(crate) const ROLL: Act = Act { command: "roll shop.yaml", shop: MIXED, ..ACT };
/// What happens on one of two machines: the program keeps the secret where both can see it.
pub(crate) const SHARED: [Act; 4] = [
    Act { shop: OPAQUE, before: &[], ..ACT },
    Act { shop: OPAQUE, meddling: drift, ..ACT },
    Act { command: "rotate shop.yaml", shop: OPAQUE, ..ACT },
    Act { command: "roll shop.yaml", shop: OPAQUE, ..ACT },
];

pub(crate) const ACTS: [Act; 53] = [
    Act { before: &[], place: Place::WorkTree, ..ACT },
    Act { meddling: drift, ..ACT },
    Act { meddling: |scene| scene.world.remove(&scene.world.path(".env.copy")).unwrap(), ..ACT },
    Act { command: "roll shop.yaml", ..ACT },
    Act { command: "rotate shop.yaml", ..ACT },
    Act { command: "revoke shop.yaml --yes", ends: Ends::Gone, ..ACT },
    Act { command: "revoke --id ID --yes", ends: Ends::GoneById, ..ACT },
    Act { command: "prune shop.yaml --older-than 0s --yes", ends: Ends::Gone, ..ACT },
    Act {
        command: "apply shop.yaml --adopt e0000000000000000000000000000a01",
        meddling: |scene| {
            meddle(scene, |token| {
                "e0000000000000000000000000000a01".clone_into(&mut token.id);
                "renamed by hand".clone_into(&mut token.name);
                token.policies.truncate(1);
            });
        },
        ..ACT
    },
    Act { shop: HOOKED, before: &[], ..ACT },
    Act { shop: HOOKED, command: "rotate shop.yaml", ..ACT },
    Act { shop: HOOKED, command: "roll shop.yaml", ..ACT },
    Act { command: "plan shop.yaml", shop: MIXED, ..ACT },
    Act { command: "list shop.yaml", shop: MIXED, ..ACT },
    Act { command: "import ID --json", shop: MIXED, ..ACT },
    // What died is reported, or finished, and then the sinks hold what they should.
    Act { before: &[], died: Some(("apply shop.yaml", "POST /user/tokens")), ..RECOVER },
    Act { died: Some(("roll shop.yaml", "PUT /user/tokens")), ..RECOVER },
    Act { died: Some(("rotate shop.yaml", "PUT /user/tokens")), ..RECOVER },
    Act { before: &[], died: Some(("apply shop.yaml", "POST /user/tokens")), ..FINISH },
    Act { died: Some(("roll shop.yaml", "PUT /user/tokens")), ..FINISH },
    Act { died: Some(("rotate shop.yaml", "PUT /user/tokens")), ..FINISH },
    Act { shop: HOOKED, died: Some(("rotate shop.yaml", "run sh -c echo")), ..FINISH },
    // Another strategy, an address that is shut out.
    Act { command: "rotate shop.yaml", shop: RENEWED, ..ACT },
    Act { shop: SHUT_OUT, before: &[], ..ACT },
    Act { command: "rotate shop.yaml", shop: SHUT_OUT, ..ACT },
    Act { command: "roll shop.yaml", shop: SHUT_OUT, ..ACT },
    // Programs: alone, beside an env file, and one that can say what it holds.
    Act { shop: OPAQUE, before: &[], ..ACT },
    Act { command: "rotate shop.yaml", shop: OPAQUE, ..ACT },
    Act { command: "roll shop.yaml", shop: OPAQUE, ..ACT },
    Act { shop: READABLE, before: &[], ..ACT },
    Act { command: "rotate shop.yaml", shop: READABLE, ..ACT },
    Act { command: "roll shop.yaml", shop: READABLE, ..ACT },
    Act { command: "rotate shop.yaml", shop: ENV, ..ACT },
    Act { command: "roll shop.yaml", shop: ENV, ..ACT },
    // Documents and JSON files.
    Act { command: "rotate shop.yaml", shop: DOCUMENTS, ..ACT },
    Act { command: "revoke shop.yaml --yes", shop: DOCUMENTS, ends: Ends::Gone, ..ACT },
    // A store of secrets, which the network may cut off.
    Act { command: "rotate shop.yaml", shop: STORED, ..ACT },
    Act { command: "roll shop.yaml", shop: STORED, ..ACT },
    Act { command: "revoke shop.yaml --yes", shop: STORED, ends: Ends::Gone, ..ACT },
    Act { runner: Runner::Fresh, shop: STORED, command: "rotate shop.yaml", ..ACT },
    // Two tokens in flight.
    Act { before: &[], ..TWIN },
    Act { command: "rotate shop.yaml twin.yaml", ..TWIN },
    Act { command: "roll shop.yaml twin.yaml", ..TWIN },
    Act { command: "revoke shop.yaml twin.yaml --yes", ends: Ends::Gone, ..TWIN },
    // Runs right after each other.
    Act { age: Age::Seconds, ..ROTATE },
    Act { age: Age::Seconds, ..ROLL },
    // Runners that are thrown away.
    Act { runner: Runner::Fresh, shop: MIXED, meddling: drift, ..ACT },
    Act { runner: Runner::Fresh, ..ROTATE },
    Act { runner: Runner::Fresh, ..ROLL },
    Act { runner: Runner::Fresh, shop: OPAQUE, before: &[], ..ACT },
    // A token for one command: nothing else is touched.
    Act { command: "exec shop.yaml -- true", ..ACT },
    Act { command: "exec shop.yaml -- true", shop: ENV, before: &[], ends: Ends::GoneById, ..ACT },
    Act { command: "exec shop.yaml -- true", shop: MIXED, age: Age::Seconds, ..ACT },
];

const TWIN: Act =
    Act { command: "apply shop.yaml twin.yaml", shop: TWINS, before: &["apply shop.yaml twin.yaml"], ..ACT };
const RECOVER: Act = Act { command: "recover", shop: MIXED, after: &["apply shop.yaml"], ..ACT };
const FINISH: Act = Act { command: "recover shop.yaml", shop: MIXED, after: &["apply shop.yaml"], ..ACT };

/// Takes from the token what the profile gives it.
fn drift(scene: &Scene) {
    meddle(scene, |token| {
        token.policies.truncate(1);
        token.expires_on = None;
    });
}

/// Changes the profile's one token, by other hands.
fn meddle(scene: &Scene, change: impl FnOnce(&mut cfmint::cloudflare::wire::Token)) {
    let ours = scene.tokens().into_iter().find(|token| token.name.starts_with("shop-deploy@"));
    assert!(scene.emulator.change_token(&ours.unwrap().id, change));
}

impl Act {
    /// The command line in a scene.
    pub(crate) fn line(&self, scene: &Scene) -> String {
        let first = scene.tokens().into_iter().find(|token| token.name.starts_with("shop-deploy@"));
        let id = first.map(|token| token.id).unwrap_or_default();
        self.command.replace(" ID ", &format!(" {id} "))
    }

    /// The text of its profile, with programs that keep what they get in this file.
    pub(crate) fn profile(&self, kept: &str) -> String {
        self.shop.text.replace("> kept", &format!("> {kept}"))
    }

    /// Whether a command may end what consumers hold at once: that is what it is for.
    pub(crate) fn kills(&self, line: &str) -> bool {
        let is_any = |begins: &[&str]| begins.iter().any(|begin| line.starts_with(begin));
        is_any(&["roll ", "revoke ", "prune "])
            || (is_any(&["rotate "]) && self.shop.text.contains("strategy: roll"))
    }

    /// Whether it can change anything.
    pub(crate) fn writes(&self) -> bool {
        !["plan ", "list ", "import "].iter().any(|reads| self.command.starts_with(reads))
    }

    /// The same act where any command may come after it: it leaves a token that the profile's sinks hold, or none.
    pub(crate) fn that_may_die(&self) -> Option<Self> {
        let writes = ["apply shop.yaml", "roll ", "rotate ", "revoke shop", "prune ", "exec "];
        let may_die = writes.iter().any(|command| self.command.starts_with(command))
            && !self.command.contains("--adopt")
            // A roll of nothing is refused, and a refused run deletes nothing either.
            && self.ends != Ends::GoneById
            && (self.before.is_empty() || self.command != "apply shop.yaml")
            && self.runner == Runner::Same
            // What comes next is about one profile.
            && self.shop.twin.is_none();
        // Whose S3 credentials were once their token is deleted cannot be told: people replace them.
        let shop = if self.ends == Ends::Gone { MIXED } else { self.shop };
        may_die.then_some(Self { shop, place: Place::Folder, ..*self })
    }

    /// The process that died before, as a doom.
    pub(crate) fn doom(&self, scene: &Scene) -> Option<&'static str> {
        let (line, request) = self.died?;
        scene.world.doom_at(request, Doom::DeathAmid);
        Some(line)
    }
}
