//! Programs that run at the same time: only those inherit the lock that are to hold it.

use std::fs::File;
use std::time::Duration;

use cfmint::world::{Child, Machine, World as _};

#[test]
fn a_program_beside_one_that_inherits_the_lock_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let lock = File::create(&path).unwrap();
    let world = Machine::new().unwrap();
    let argv = ["sh", "-c", "ls -l /proc/self/fd"].map(str::to_owned);
    let holds = |lock: Option<&File>| {
        let time_limit = Some(Duration::from_secs(60));
        let child = Child { lock, time_limit, ..Child::new(&argv, folder.path()) };
        let output = world.run(&child).unwrap().output;
        String::from_utf8_lossy(&output).contains(&*path.to_string_lossy())
    };
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (holds, lock) = (&holds, &lock);
            scope.spawn(move || {
                for _ in 0..25 {
                    let given = (number % 2 == 0).then_some(lock);
                    assert_eq!(holds(given), given.is_some());
                }
            });
        }
    });
}
