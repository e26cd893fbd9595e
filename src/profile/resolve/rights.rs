//! What a token may do and on what: the profile's own permissions with its resources, and each of its `grants`.

use super::Resolver;
use super::layers::Stack;
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::layer::{Feature, Layer, Permissions, ResourceLists, SinkKeys};
use crate::profile::model::{Owner, Permission, Resources, Rights};

/// Permissions and resources that belong together, as the layers say them.
pub(super) struct WrittenRights<'a> {
    /// The permissions.
    pub(super) permissions: &'a Field<Permissions>,
    /// The resources.
    pub(super) resources: &'a Field<ResourceLists>,
    /// What they belong to, for messages.
    pub(super) holder: &'static str,
    /// The features that are off, which may give permissions on the same resources.
    pub(super) off: &'a [&'a Feature],
    /// The sinks that may receive the id of a resource.
    pub(super) sinks: &'a Field<Vec<SinkKeys>>,
}

/// All that the layers come to. A part is `None` where it is not known.
pub(super) struct AllRights {
    /// Every permission asked for.
    pub(super) permissions: Vec<Permission>,
    /// The profile's own resources.
    pub(super) resources: Option<Resources>,
    /// The profile's own rights, then those of its grants.
    pub(super) rights: Option<(Rights, Vec<Rights>)>,
}

impl Resolver<'_> {
    pub(super) fn all_rights(
        &mut self,
        layer: &Layer,
        stack: &Stack<'_>,
        owner: Option<&Owner>,
    ) -> AllRights {
        let no_sinks = Field::Absent;
        let grants = layer.grants.get().map(Vec::as_slice).unwrap_or_default();
        let own = WrittenRights {
            permissions: &layer.permissions,
            resources: &layer.resources,
            holder: "profile",
            off: &stack.off,
            sinks: &layer.sinks,
        };
        let (mut permissions, resources) = self.rights(&own, owner);
        let rights = |permissions: &[Permission], resources: Option<Resources>| {
            resources.map(|resources| Rights { permissions: permissions.to_vec(), resources })
        };
        let own = rights(&permissions, resources.clone());
        let mut further = Some(Vec::new());
        for grant in grants {
            let written = WrittenRights {
                permissions: &grant.value.permissions,
                resources: &grant.value.resources,
                holder: "grant",
                off: &[],
                sinks: &no_sinks,
            };
            let (asked, resources) = self.rights(&written, owner);
            if asked.is_empty() && self.are_known(written.permissions) {
                self.problems
                    .error(DiagnosticCode::NoPermissions, grant.span, "a grant asks for no permissions")
                    .hint("write `permissions: { zone: { Zone: read } }` in it, or leave it out");
            }
            further = further
                .zip(rights(&asked, resources))
                .map(|(further, grant)| [further, vec![grant]].concat());
            permissions.extend(asked);
        }
        if permissions.is_empty()
            && grants.is_empty()
            && !layer.grants.is_invalid()
            && self.are_known(&layer.permissions)
        {
            self.problems
                .error_of_file(DiagnosticCode::NoPermissions, "the profile asks for no permissions")
                .hint("write `permissions: { zone: { DNS: read } }`");
        }
        let further = further.filter(|_| !layer.grants.is_invalid());
        AllRights { permissions, resources, rights: own.zip(further) }
    }

    fn rights(
        &mut self,
        written: &WrittenRights<'_>,
        owner: Option<&Owner>,
    ) -> (Vec<Permission>, Option<Resources>) {
        let asked = self.permissions(written);
        let resources = self.resources(written, owner, &asked);
        (asked.permissions, resources)
    }

    /// Whether everything that could ask for something could be read.
    fn are_known(&self, permissions: &Field<Permissions>) -> bool {
        !permissions.is_invalid() && !permissions.get().is_some_and(Permissions::any_invalid) && self.is_whole
    }
}
