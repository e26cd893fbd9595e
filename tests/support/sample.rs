//! How much is tried: all of it where the variable `CI` is set, elsewhere a sample that is always the same.

/// Whether everything is tried.
pub fn is_thorough() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// One of so many, not always the first; all of them where everything is tried.
pub fn sample<T>(of: usize, offset: usize, all: impl IntoIterator<Item = T>) -> Vec<T> {
    let of = if is_thorough() { 1 } else { of };
    let numbered = all.into_iter().enumerate();
    numbered.filter(|(number, _)| (number + offset).is_multiple_of(of)).map(|(_, one)| one).collect()
}
