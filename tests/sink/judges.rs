//! Who judges an env file besides the git repository around it: one that the environment, a configuration or a bare
//! repository elsewhere makes responsible, Jujutsu and Mercurial; and where no sink may be at all.

use std::process::Command;

use cfmint::sink::{FixGitignore, GuardError, SinkError, VersionControl, tracked_below};

use super::git::{codes, git, missing_line, repository, run_untrack, untrack};
use super::{Scene, TestWorld};

/// The configuration of no machine.
fn world() -> TestWorld {
    TestWorld::new().with_variable("GIT_CONFIG_GLOBAL", "/dev/null")
}

/// A home folder whose dotfiles are in a bare repository, and one of whose env files is tracked there.
fn dotfiles(world: TestWorld) -> TestWorld {
    git(world.base(), &["init", "-q", "--bare", "dotfiles"]);
    world.put("tracked.env", "TOKEN=\n");
    world.put(".gitignore", "/ignored.env\n");
    let of_dotfiles = ["--git-dir=dotfiles", "--work-tree=."];
    git(world.base(), &[&of_dotfiles[..], &["add", "-f", "tracked.env"]].concat());
    world
}

/// Puts a program on the world's `PATH`. Made by another process: a file that this one writes may be busy when it is
/// to be run.
fn program(world: TestWorld, name: &str, script: &str) -> TestWorld {
    world
        .put("bin/script", format!("#!/bin/sh\necho \"$@\" >> {}/asked\n{script}\n", world.base().display()));
    let make = format!("cp bin/script bin/{name} && chmod 700 bin/{name}");
    let status = Command::new("sh").args(["-c", &make]).current_dir(world.base()).status();
    assert!(status.unwrap().success());
    let path = format!("{}:{}", world.path("bin").display(), std::env::var("PATH").unwrap());
    world.with_variable("PATH", &path)
}

#[test]
fn a_repository_that_the_environment_names_judges_what_is_in_its_work_tree() {
    let world = dotfiles(world());
    let (git_dir, home) = (world.path("dotfiles"), world.base().to_owned());
    let world = world
        .with_variable("GIT_DIR", git_dir.to_str().unwrap())
        .with_variable("GIT_WORK_TREE", home.to_str().unwrap());
    world.put("app/x", "");
    let scene = Scene::new(world);
    let problem = scene.refusal("tracked.env");
    assert_eq!(problem.code().text(), "sink.tracked");
    assert!(untrack(&problem).contains("--git-dir=") && untrack(&problem).contains("--work-tree="));
    let problem = scene.refusal("app/.env");
    assert_eq!(problem.code().text(), "sink.not-ignored");
    assert_eq!(missing_line(&problem), (home.join(".gitignore").as_path(), "/app/.env"));
    scene.guard("ignored.env").unwrap();

    // The command that is shown does what it says.
    run_untrack(&scene.refusal("tracked.env"), &home);
    assert_eq!(scene.refusal("tracked.env").code().text(), "sink.not-ignored");
    let added = scene.guard_all(&["tracked.env"], FixGitignore::Add).unwrap();
    assert_eq!(added[0].added.as_ref().unwrap().line, "/tracked.env");
}

#[test]
fn relative_paths_in_the_environment_are_relative_to_where_the_run_was_started() {
    let world =
        dotfiles(world()).with_variable("GIT_DIR", "../dotfiles").with_variable("GIT_WORK_TREE", "..");
    let scene = Scene::new(world.starting_in("app"));
    let tracked = scene.world.path("tracked.env");
    assert_eq!(scene.refusal(tracked.to_str().unwrap()).code().text(), "sink.tracked");
}

#[test]
fn a_file_is_judged_by_the_repository_around_it_and_by_the_one_of_the_environment() {
    let world = dotfiles(world());
    world.put("app/.env", "");
    git(world.base(), &["--git-dir=dotfiles", "--work-tree=.", "add", "-f", "app/.env"]);
    git(&world.path("app"), &["init", "-q"]);
    world.put("app/.gitignore", ".env\n");
    let (git_dir, home) = (world.path("dotfiles"), world.base().to_owned());
    let inner = Scene::new(world);
    inner.guard("app/.env").unwrap();
    let world = inner.world.with_variable("GIT_DIR", git_dir.to_str().unwrap());
    let both = Scene::new(world.with_variable("GIT_WORK_TREE", home.to_str().unwrap()));
    assert_eq!(both.refusal("app/.env").code().text(), "sink.tracked");
    // What the environment's repository ignores counts for nothing in the one around the file.
    assert_eq!(codes(both.guard_all(&["app/x.env"], FixGitignore::Refuse)), ["sink.not-ignored"; 2]);
}

#[test]
fn a_work_tree_that_a_configuration_puts_elsewhere_is_that_repositorys() {
    for bare in [false, true] {
        let world = world();
        let init: &[&str] = if bare { &["init", "-q", "--bare", "store"] } else { &["init", "-q", "store"] };
        git(world.base(), init);
        let top = world.base().to_str().unwrap().to_owned();
        git(&world.path("store"), &["config", "core.bare", "false"]);
        git(&world.path("store"), &["config", "core.worktree", &top]);
        world.put("tracked.env", "");
        world.put("own.env", "");
        git(&world.path("store"), &["--work-tree", &top, "add", "-f", &format!("{top}/tracked.env")]);
        let scene = Scene::new(world.starting_in("store"));
        let refused = |path: &str| scene.refusal(scene.world.path(path).to_str().unwrap());
        assert_eq!(refused("tracked.env").code().text(), "sink.tracked", "bare: {bare}");
        assert_eq!(refused("own.env").code().text(), "sink.not-ignored", "bare: {bare}");
        scene.world.put(".gitignore", "own.env\n");
        scene.guard(scene.world.path("own.env").to_str().unwrap()).unwrap();
    }
}

#[test]
fn a_bare_repository_beside_a_file_is_found_although_nothing_names_it() {
    let world = world();
    git(world.base(), &["init", "-q", "--bare", ".cfg"]);
    world.put("app/.env", "");
    let add = ["--git-dir=.cfg", "--work-tree=.", "add", "-f", "app/.env"];
    git(world.base(), &add);
    let scene = Scene::new(world.starting_in("app"));
    let problem = scene.refusal(".env");
    assert_eq!(problem.code().text(), "sink.tracked");
    run_untrack(&problem, scene.world.base());
    // Who keeps a home folder so adds file by file: what is not tracked is not in danger.
    scene.guard(".env").unwrap();
}

#[test]
fn a_bare_repository_of_another_user_is_not_run() {
    let world = world().acting_as(54_321);
    git(world.base(), &["init", "-q", "--bare", ".cfg"]);
    world.put("app/.env", "");
    git(world.base(), &["--git-dir=.cfg", "--work-tree=.", "add", "-f", "app/.env"]);
    let scene = Scene::new(world.starting_in("app"));
    scene.guard(".env").unwrap();
    assert!(!scene.world.effects().iter().any(|effect| effect.starts_with("run git")));
}

#[test]
fn the_options_of_one_git_command_do_not_make_a_file_ignored() {
    let world = world();
    let excludes = world.put("excludes", "*.env\n");
    let option = format!("'core.excludesFile'='{}'", excludes.display());
    git(world.base(), &["init", "-q"]);
    let scene = Scene::new(world.with_variable("GIT_CONFIG_PARAMETERS", &option));
    assert_eq!(scene.refusal("a.env").code().text(), "sink.not-ignored");
}

#[test]
fn options_that_name_another_work_tree_mislead_nobody() {
    let elsewhere = world();
    let top = elsewhere.base().to_str().unwrap();
    let parameters = format!("'core.worktree'='{top}'");
    let by: [&[(&str, &str)]; 2] = [
        &[("GIT_CONFIG_PARAMETERS", &parameters)],
        &[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.worktree"), ("GIT_CONFIG_VALUE_0", top)],
    ];
    for variables in by {
        let world = world();
        git(world.base(), &["init", "-q"]);
        world.put(".gitignore", "/ignored.env\n");
        let world = variables.iter().fold(world, |world, (name, value)| world.with_variable(name, value));
        let scene = Scene::new(world);
        assert_eq!(scene.refusal("a.env").code().text(), "sink.not-ignored");
        scene.guard("ignored.env").unwrap();
    }
}

#[test]
fn an_index_of_a_hook_counts_beside_the_repositorys_own() {
    let world = world();
    git(world.base(), &["init", "-q"]);
    world.put(".gitignore", ".env\n");
    world.put(".env", "");
    let scene = Scene::new(world.with_variable("GIT_INDEX_FILE", ".git/next-index"));
    scene.guard(".env").unwrap();
    // What a commit under way would take in.
    git(scene.world.base(), &["add", "-f", ".env"]);
    std::fs::rename(scene.world.path(".git/index"), scene.world.path(".git/next-index")).unwrap();
    assert_eq!(scene.refusal(".env").code().text(), "sink.tracked");
}

#[test]
fn no_sink_may_be_in_what_belongs_to_a_repository() {
    let scene = repository("*\n");
    let world = &scene.world;
    world.put("x", "");
    git(world.base(), &["add", "-f", "x"]);
    git(world.base(), &["commit", "-qm", "first"]);
    git(world.base(), &["worktree", "add", "-q", "linked"]);
    git(world.base(), &["init", "-q", "--bare", "plain"]);
    git(world.base(), &["--git-dir=plain", "fetch", "-q", ".", "HEAD:main"]);
    git(&world.path("plain"), &["worktree", "add", "-q", "../linked-to-bare", "main"]);
    for path in [".hg/hgrc", ".jj/config", ".GIT/config", "app/.git/config"] {
        world.put(path, "");
    }
    let paths = [
        ".git/config",
        ".git/new",
        ".git/worktrees/linked/x.env",
        "linked/.git",
        "plain/config",
        "plain/hooks/.env",
        "plain/worktrees/linked-to-bare/.env",
        ".hg/hgrc",
        ".jj/config",
        ".GIT/config",
        "app/.git/config",
    ];
    for path in paths {
        let problem = scene.refusal(path);
        assert_eq!(problem.code().text(), "sink.in-repository", "{path}");
        assert!(problem.to_string().contains(path), "{problem}");
    }
    scene.world.forget_effects();
    scene.guard_all(&paths, FixGitignore::Add).unwrap_err();
    assert_eq!(scene.world.effects(), [""; 0], "nobody is asked, and nothing is written");
}

/// A Jujutsu work tree of its own: its git store is where git does not look for one.
fn jujutsu(world: TestWorld) -> TestWorld {
    git(world.base(), &["init", "-q", "--bare", ".jj/repo/store/git"]);
    world.put(".jj/repo/store/git_target", "git");
    world.put(".gitignore", "/.env\n/tracked.env\n");
    program(world, "jj", "case \"$*\" in *tracked.env*) echo tracked.env;; esac")
}

#[test]
fn a_jujutsu_work_tree_is_asked_by_its_own_command_and_by_the_ignore_files_it_goes_by() {
    let scene = Scene::new(jujutsu(world()));
    scene.guard(".env").unwrap();
    let problem = scene.refusal("tracked.env");
    assert_eq!(problem.code().text(), "sink.tracked");
    assert!(untrack(&problem).starts_with("jj file untrack "), "{problem:?}");
    let problem = scene.refusal("other.env");
    assert_eq!(problem.code().text(), "sink.not-ignored");
    let asked = scene.world.text("asked");
    assert!(asked.lines().all(|call| call.starts_with("--ignore-working-copy ")), "{asked}");
    assert!(asked.contains("file list -- root:\".env\""), "{asked}");
}

#[test]
fn a_second_jujutsu_work_tree_is_asked_by_the_first_ones_store() {
    let world = jujutsu(world());
    world.put("second/.jj/repo", "../../.jj/repo");
    world.put("second/.gitignore", "/.env\n");
    let scene = Scene::new(world.starting_in("second"));
    scene.guard(".env").unwrap();
    assert_eq!(scene.refusal("other.env").code().text(), "sink.not-ignored");
}

#[test]
fn a_work_tree_of_jujutsu_and_git_is_asked_by_both() {
    let world = world();
    git(world.base(), &["init", "-q"]);
    let world = jujutsu(world);
    world.put("in-git.env", "");
    git(world.base(), &["add", "-f", "in-git.env"]);
    world.put(".gitignore", "*.env\n");
    let scene = Scene::new(world);
    scene.guard(".env").unwrap();
    assert_eq!(scene.refusal("in-git.env").code().text(), "sink.tracked");
    assert_eq!(scene.refusal("tracked.env").code().text(), "sink.tracked");
}

#[test]
fn a_jujutsu_work_tree_whose_store_is_no_git_repository_is_refused() {
    let world = world();
    std::fs::create_dir_all(world.path(".jj/repo/store")).unwrap();
    let scene = Scene::new(program(world, "jj", ""));
    assert_eq!(scene.refusal(".env").code().text(), "sink.unanswered");
}

#[test]
fn a_jujutsu_store_of_another_user_is_not_run() {
    let scene = Scene::new(jujutsu(world().acting_as(54_321)));
    let problem = scene.refusal(".env");
    assert_eq!(problem.code().text(), "sink.unanswered");
    assert!(problem.to_string().contains("belongs to another user"), "{problem}");
    assert_eq!(scene.git_calls(), 0);
}

#[test]
fn a_work_tree_whose_program_is_missing_or_fails_is_refused_in_words() {
    for (folder, program_name, system) in [(".jj", "jj", "Jujutsu"), (".hg", "hg", "Mercurial")] {
        let world = if program_name == "jj" { jujutsu(world()) } else { world() };
        std::fs::create_dir_all(world.path(folder)).unwrap();
        let scene = Scene::new(program(world, program_name, "echo broken >&2; exit 255"));
        let problem = scene.refusal(".env");
        assert_eq!(problem.code().text(), "sink.unanswered");
        assert!(problem.to_string().contains("broken"), "{problem}");
        scene.world.fail(&format!("run {program_name}"), std::io::ErrorKind::NotFound);
        let problem = scene.refusal(".env");
        assert_eq!(problem.code().text(), "sink.unanswered");
        let words = format!("is a {system} work tree, but `{program_name}` cannot be run (no such program)");
        assert!(problem.to_string().contains(&words), "{problem}");
        let SinkError::Guard(GuardError::NoProgram { program, .. }) = problem else { panic!("{problem:?}") };
        assert_eq!(program, program_name);
    }
}

/// Answers as Mercurial does for one tracked and one ignored file.
const HG: &str = "case \"$*\" in \
    'files -- path:tracked.env') echo tracked.env;; \
    files*) exit 1;; \
    'debugignore -- path:.env') echo '.env is ignored';; \
    *) echo 'x is not ignored';; esac";

fn judges_as_mercurial(scene: &Scene) {
    let guarded = scene.guard(".env").unwrap();
    assert!(!guarded[0].beside, "a temporary file beside it would be taken in");
    let problem = scene.refusal("tracked.env");
    assert_eq!(problem.code().text(), "sink.tracked");
    assert!(untrack(&problem).starts_with("hg forget "), "{problem:?}");
    let problem = scene.refusal("app/a[b].env");
    assert_eq!(problem.code().text(), "sink.not-ignored");
    assert_eq!(missing_line(&problem), (scene.world.path(".hgignore").as_path(), r"rootglob:app/a\[b\].env"));
}

#[test]
fn a_mercurial_work_tree_is_asked_by_its_own_command() {
    let world = program(world(), "hg", HG);
    std::fs::create_dir_all(world.path(".hg")).unwrap();
    world.put("app/x", "");
    judges_as_mercurial(&Scene::new(world));
}

#[test]
fn a_folder_that_mercurial_tracks_or_would_take_in_is_told_apart_from_one_that_it_ignores() {
    let script = "case \"$*\" in \
        'files -- path:tracked') echo tracked/x;; files*) exit 1;; \
        'debugignore -- path:ignored') echo 'ignored is ignored';; *) echo 'x is not ignored';; esac";
    let world = program(world(), "hg", script);
    for folder in [".hg", "tracked", "ignored", "other"] {
        std::fs::create_dir_all(world.path(folder)).unwrap();
    }
    let ask = |folder: &str| tracked_below(&world, &world.path(folder));
    let tracked = ask("tracked").unwrap().unwrap();
    assert!(tracked.system == VersionControl::Mercurial && tracked.untrack.starts_with("hg forget "));
    assert_eq!(ask("ignored").unwrap(), None);
    let problem = ask("other").unwrap_err();
    assert_eq!(problem.code().text(), "sink.not-ignored");
    assert_eq!(missing_line(&problem), (world.path(".hgignore").as_path(), "rootglob:other"));
}

#[test]
fn mercurial_itself_answers_so_and_goes_by_the_line_that_is_shown() {
    let world = world();
    let hg = |arguments: &str| {
        let command = format!("HGPLAIN=1 hg {arguments}");
        let status = Command::new("sh").args(["-c", &command]).current_dir(world.base()).status();
        status.unwrap().success()
    };
    if !hg("init 2> /dev/null") {
        eprintln!("skipped: there is no Mercurial here");
        return;
    }
    world.put(".hgignore", "rootglob:.env\n");
    world.put("tracked.env", "");
    world.put("app/x", "");
    assert!(hg("add -q tracked.env"));
    let scene = Scene::new(world);
    judges_as_mercurial(&scene);
    let problem = scene.refusal("app/a[b].env");
    let (_, line) = missing_line(&problem);
    scene.world.put(".hgignore", format!("{line}\n"));
    scene.guard("app/a[b].env").unwrap();
    assert_eq!(scene.refusal("app/ab.env").code().text(), "sink.not-ignored");
}

#[test]
fn a_file_with_the_name_of_a_mark_makes_no_work_tree() {
    // A file that only looks like a mark of a work tree is none.
    let world = world();
    world.put(".hg", "");
    world.put(".jj", "");
    Scene::new(world).guard(".env").unwrap();
}
