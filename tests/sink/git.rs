//! The guard, in real repositories, with the real git.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use cfmint::sink::{AddedLine, FixGitignore, GuardError, Guarded, SinkError, Staging, guard};

use super::{Scene, TestWorld};

/// Runs git as a person would, with an identity and no configuration of this machine, and not in a hook.
pub(super) fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
    command.args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"]).args(arguments);
    for misleading in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(misleading);
    }
    let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A repository at the root of a world that sees no configuration of this machine.
pub(super) fn repository(ignored: &str) -> Scene {
    let world = TestWorld::new().with_variable("GIT_CONFIG_GLOBAL", "/dev/null");
    git(world.base(), &["init", "-q"]);
    if !ignored.is_empty() {
        world.put(".gitignore", ignored);
    }
    Scene::new(world)
}

impl Scene {
    pub(super) fn guard_all(
        &self,
        paths: &[&str],
        fix: FixGitignore,
    ) -> Result<Vec<Guarded>, Vec<SinkError>> {
        let files: Vec<_> = paths.iter().map(|path| self.locate(path).unwrap()).collect();
        guard(&self.world, &self.root, &files.iter().collect::<Vec<_>>(), fix)
    }

    pub(super) fn guard(&self, path: &str) -> Result<Vec<Guarded>, Vec<SinkError>> {
        self.guard_all(&[path], FixGitignore::Refuse)
    }

    /// The one refusal of a file.
    #[track_caller]
    pub(super) fn refusal(&self, path: &str) -> SinkError {
        let mut problems = self.guard(path).expect_err("a refusal");
        assert_eq!(problems.len(), 1);
        problems.remove(0)
    }

    pub(super) fn git_calls(&self) -> usize {
        self.world.effects().iter().filter(|effect| effect.starts_with("run git ")).count()
    }
}

/// The command that a refusal of a tracked file carries.
#[track_caller]
pub(super) fn untrack(problem: &SinkError) -> &str {
    match problem {
        SinkError::Tracked { untrack, .. } | SinkError::Guard(GuardError::Tracked { untrack, .. }) => untrack,
        other => panic!("not tracked: {other}"),
    }
}

/// Runs the command that a refusal of a tracked file carries.
#[track_caller]
pub(super) fn run_untrack(problem: &SinkError, folder: &Path) {
    let outcome = Command::new("sh").arg("-c").arg(untrack(problem)).current_dir(folder).output().unwrap();
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
}

/// The line that a refusal carries, and the ignore file to add it to.
#[track_caller]
pub(super) fn missing_line(problem: &SinkError) -> (&Path, &str) {
    match problem {
        SinkError::NotIgnored { gitignore, line, .. } => (gitignore, line),
        SinkError::Guard(GuardError::NotIgnored { file, line, .. }) => (file, line),
        other => panic!("ignored: {other}"),
    }
}

#[track_caller]
pub(super) fn codes(outcome: Result<Vec<Guarded>, Vec<SinkError>>) -> Vec<&'static str> {
    outcome.expect_err("a refusal").iter().map(|error| error.code().text()).collect()
}

#[test]
fn an_ignored_file_passes_wherever_the_rule_stands() {
    let scene = repository("/.env\n*.secret\n");
    let world = &scene.world;
    world.put("nested/.gitignore", ".env\n");
    world.put("whole/.gitignore", "*\n");
    world.put(".git/info/exclude", "excluded.env\n");
    let global = world.put(".git/global-excludes", "global.env\n");
    git(world.base(), &["config", "core.excludesFile", global.to_str().unwrap()]);
    let paths = [".env", "a b.secret", "nested/.env", "whole/x", "excluded.env", "global.env"];
    let guarded = scene.guard_all(&paths, FixGitignore::Refuse).unwrap();
    assert_eq!(guarded.len(), paths.len());
    assert!(guarded.iter().all(|file| file.added.is_none()));
}

#[test]
fn git_is_asked_twice_for_all_sinks_of_a_work_tree() {
    let scene = repository("*.env\n");
    scene.guard_all(&["a.env", "b.env", "c.env", "a.env"], FixGitignore::Refuse).unwrap();
    assert_eq!(scene.git_calls(), 2);
}

#[test]
fn a_file_that_is_not_ignored_is_refused_with_the_line_to_add() {
    let scene = repository("target\n");
    scene.world.put("deploy/x", "");
    let problem = scene.refusal("deploy/.env");
    assert_eq!(problem.code().text(), "sink.not-ignored");
    assert_eq!(missing_line(&problem), (scene.world.path(".gitignore").as_path(), "/deploy/.env"));
    assert_eq!(scene.world.text(".gitignore"), "target\n");
}

#[test]
fn a_file_that_a_rule_takes_back_in_is_refused_and_the_rule_named() {
    let scene = repository("*.env\n!keep.env\n");
    let problem = scene.refusal("keep.env");
    assert_eq!(problem.code().text(), "sink.not-ignored");
    assert!(problem.to_string().contains("`!keep.env` in .gitignore, line 2"), "{problem}");
}

#[test]
fn a_tracked_file_is_refused_though_it_is_ignored() {
    let scene = repository(".env\n");
    scene.world.put(".env", "TOKEN=old\n");
    git(scene.world.base(), &["add", "-f", ".env"]);
    let problem = scene.refusal(".env");
    assert_eq!((problem.code().text(), untrack(&problem)), ("sink.tracked", "git rm --cached -- .env"));
    // The command that is shown does what it says.
    run_untrack(&problem, scene.world.base());
    assert_eq!(scene.guard(".env").unwrap().len(), 1);
}

#[test]
fn all_refusals_come_together_and_nothing_is_corrected_meanwhile() {
    let scene = repository("tracked\n");
    scene.world.put("tracked", "");
    git(scene.world.base(), &["add", "-f", "tracked"]);
    assert_eq!(
        codes(scene.guard_all(&["tracked", "a.env", "b.env"], FixGitignore::Refuse)),
        ["sink.tracked", "sink.not-ignored", "sink.not-ignored"]
    );
    assert_eq!(codes(scene.guard_all(&["tracked", "a.env"], FixGitignore::Add)), ["sink.tracked"]);
    assert_eq!(scene.world.text(".gitignore"), "tracked\n");
}

#[test]
fn the_real_file_behind_a_link_is_judged() {
    let scene = repository(".env\n");
    scene.world.put("config/shared", "");
    symlink("config/shared", scene.world.path(".env")).unwrap();
    assert_eq!(missing_line(&scene.refusal(".env")).1, "/config/shared");
}

#[test]
fn names_are_taken_literally_whatever_is_in_them() {
    let names = [
        "-n.env",
        "--stdin",
        ":(top)x.env",
        "a b.env",
        "größe.env",
        "*.env",
        "a[b]?.env",
        "#x",
        "!x",
        "new\nline",
        "tab\tx",
        "back\\slash",
        "end ",
        "\"quoted\"",
    ];
    let scene = repository("");
    let problems = scene.guard_all(&names, FixGitignore::Refuse).unwrap_err();
    assert_eq!(problems.len(), names.len());
    let guarded = scene.guard_all(&names, FixGitignore::Add).unwrap();
    assert!(guarded.iter().all(|file| file.added.is_some()));
    scene.guard_all(&names, FixGitignore::Refuse).unwrap();
    // A name that looks like a pattern ignores nothing else, and is not found tracked because something else is.
    scene.world.put("other.env", "");
    git(scene.world.base(), &["add", "-f", "other.env"]);
    scene.guard("*.env").unwrap();
    assert_eq!(scene.refusal("z.env").code().text(), "sink.not-ignored");
    for name in names {
        scene.world.put(name, "");
    }
    git(scene.world.base(), &["--literal-pathspecs", "add", "-f", "--", "*.env", "-n.env", ":(top)x.env"]);
    assert_eq!(codes(scene.guard_all(&names, FixGitignore::Refuse)), ["sink.tracked"; 3]);
}

#[test]
fn a_name_that_is_no_text_is_refused_because_git_cannot_be_asked() {
    let scene = repository("*\n");
    let name = OsStr::from_bytes(b"caf\xE9.env");
    std::fs::write(scene.world.base().join(name), "").unwrap();
    symlink(name, scene.world.path(".env")).unwrap();
    assert_eq!(scene.refusal(".env").code().text(), "sink.name-not-text");
}

#[test]
fn the_missing_lines_are_added_once_and_git_agrees() {
    let scene = repository("target\r\n!keep.env");
    let paths = ["keep.env", "deploy/.env"];
    scene.world.put("deploy/x", "");
    let guarded = scene.guard_all(&paths, FixGitignore::Add).unwrap();
    let lines: Vec<_> = guarded.into_iter().filter_map(|file| file.added).collect();
    let gitignore = scene.world.path(".gitignore");
    let line = |line: &str| AddedLine { gitignore: gitignore.clone(), line: line.to_owned() };
    assert_eq!(lines, [line("/keep.env"), line("/deploy/.env")]);
    let text = "target\r\n!keep.env\r\n/keep.env\r\n/deploy/.env\r\n";
    assert_eq!(scene.world.text(".gitignore"), text);
    assert_eq!(scene.git_calls(), 4);

    assert!(scene.guard_all(&paths, FixGitignore::Add).unwrap().iter().all(|file| file.added.is_none()));
    assert_eq!(scene.world.text(".gitignore"), text);
    assert!(!scene.world.files().iter().any(|file| file.contains("cfmint-")));
}

#[test]
fn an_ignore_file_is_made_where_there_is_none() {
    let scene = repository("");
    scene.guard_all(&[".env"], FixGitignore::Add).unwrap();
    assert_eq!(scene.world.text(".gitignore"), "/.env\n");
}

#[test]
fn a_deeper_ignore_file_that_takes_the_file_back_in_gets_the_line() {
    let scene = repository(".env\n");
    scene.world.put("app/.gitignore", "!.env\n");
    let guarded = scene.guard_all(&["app/.env"], FixGitignore::Add).unwrap();
    assert_eq!(guarded[0].added.as_ref().unwrap().line, "/.env");
    assert_eq!(scene.world.text("app/.gitignore"), "!.env\n/.env\n");
    assert_eq!(scene.world.text(".gitignore"), ".env\n");
}

#[test]
fn a_line_that_does_not_help_is_taken_out_again() {
    let scene = repository("target\n");
    // Git stops reading the ignore file just when the line is there.
    let path = scene.world.path(".gitignore");
    let mut calls = 0;
    scene.world.hook("run git check-ignore", move || {
        calls += 1;
        if calls == 2 {
            let text = std::fs::read_to_string(&path).unwrap() + "!*.env\n";
            std::fs::write(&path, text).unwrap();
        }
        Ok(())
    });
    let problems = scene.guard_all(&["a.env"], FixGitignore::Add).unwrap_err();
    assert_eq!(problems[0].code().text(), "sink.still-not-ignored");
    assert_eq!(scene.world.text(".gitignore"), "target\n");
}

#[test]
fn an_ignore_file_that_git_would_not_read_gets_no_line() {
    let scene = repository("");
    scene.world.put("shared-ignore", "");
    symlink("shared-ignore", scene.world.path(".gitignore")).unwrap();
    assert_eq!(codes(scene.guard_all(&[".env"], FixGitignore::Add)), ["sink.gitignore-unfit"]);
    assert_eq!(scene.world.text("shared-ignore"), "");
}

#[test]
fn a_linked_work_tree_and_a_submodule_answer_for_themselves() {
    let scene = repository("*.env\n");
    let world = &scene.world;
    git(world.base(), &["add", "."]);
    git(world.base(), &["commit", "-qm", "first"]);
    git(world.base(), &["worktree", "add", "-q", "linked"]);
    world.put("linked/.gitignore", "");
    world.put("library/x", "");
    git(&world.path("library"), &["init", "-q"]);
    git(&world.path("library"), &["add", "x"]);
    git(&world.path("library"), &["commit", "-qm", "first"]);
    let library = world.path("library");
    git(world.base(), &["submodule", "add", "-q", library.to_str().unwrap(), "module"]);

    scene.guard("a.env").unwrap();
    let problem = scene.refusal("linked/a.env");
    assert_eq!(missing_line(&problem), (world.path("linked/.gitignore").as_path(), "/a.env"));
    let problem = scene.refusal("module/a.env");
    assert_eq!(missing_line(&problem), (world.path("module/.gitignore").as_path(), "/a.env"));
    world.put("module/a.env", "");
    git(&world.path("module"), &["add", "a.env"]);
    let problem = scene.refusal("module/a.env");
    assert!(
        untrack(&problem).starts_with("git -C ") && untrack(&problem).contains("rm --cached"),
        "{problem:?}"
    );
    world.put("module/.gitignore", "b.env\n");
    scene.guard("module/b.env").unwrap();
}

#[test]
fn a_file_outside_any_work_tree_needs_no_git() {
    let scene = Scene::new(TestWorld::new());
    let guarded = scene.guard(".env").unwrap();
    assert!(guarded[0].beside);
    assert_eq!(scene.git_calls(), 0);
}

#[test]
fn a_work_tree_without_a_git_that_answers_is_refused() {
    let scene = repository(".env\n");
    scene.world.fail("run git", std::io::ErrorKind::NotFound);
    let problem = scene.refusal(".env");
    assert_eq!(problem.code().text(), "sink.no-git");
    scene.world.unhook();
    std::fs::remove_dir_all(scene.world.path(".git")).unwrap();
    scene.world.put(".git", "gitdir: nowhere\n");
    let problem = scene.refusal(".env");
    assert_eq!(problem.code().text(), "sink.git-failed");
    assert!(problem.to_string().contains("not a git repository"), "{problem}");
}

#[test]
fn the_environment_of_a_hook_does_not_mislead() {
    let other = repository("");
    let world = TestWorld::new()
        .with_variable("GIT_DIR", other.world.path(".git").to_str().unwrap())
        .with_variable("GIT_WORK_TREE", other.world.base().to_str().unwrap())
        .with_variable("GIT_INDEX_FILE", "/nowhere/index")
        .with_variable("GIT_LITERAL_PATHSPECS", "1")
        .with_variable("GIT_CONFIG_GLOBAL", "/dev/null");
    git(world.base(), &["init", "-q"]);
    world.put(".gitignore", ".env\n");
    world.put("tracked", "");
    git(world.base(), &["add", "tracked"]);
    let scene = Scene::new(world);
    scene.guard(".env").unwrap();
    assert_eq!(scene.refusal("tracked").code().text(), "sink.tracked");
}

#[test]
fn a_temporary_file_stands_beside_only_where_git_ignores_its_name_too() {
    let scene = repository("/.env\n/wide.env*\n");
    let guarded = scene.guard_all(&[".env", "wide.env"], FixGitignore::Refuse).unwrap();
    assert_eq!(guarded.iter().map(|file| file.beside).collect::<Vec<_>>(), [false, true]);

    let stage = Staging::new(scene.world.path(".cfmint"), &guarded);
    scene.world.fail("rename .cfmint", std::io::ErrorKind::CrossesDevices);
    let prove = |path: &str| {
        scene.locate(path).unwrap().prove(&scene.world, &stage, &mut |bytes| Ok(bytes.to_vec().into()))
    };
    assert_eq!(prove(".env").unwrap_err().code().text(), "sink.stage-elsewhere");
    prove("wide.env").unwrap();
}
