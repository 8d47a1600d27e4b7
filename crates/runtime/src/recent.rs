//! Values that many threads ask for in turn, and that take long to make.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// The values made last, by key, such as the shuffled order of an epoch: a value depends on its key
/// alone, so it does not matter who makes it.
pub struct Recent<K, V> {
    most: usize,
    made: Mutex<VecDeque<(K, Arc<V>)>>,
}

impl<K: PartialEq, V> Recent<K, V> {
    /// Keeps `most` values, at least one.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            made: Mutex::default(),
        }
    }

    /// The value of `key`, made where it is not among those kept. Whoever asks for it meanwhile waits.
    pub fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = made.iter().find(|(other, _)| *other == key) {
            return value.clone();
        }
        let value = Arc::new(make());
        if made.len() == self.most {
            made.pop_front();
        }
        made.push_back((key, value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_value_is_made_once_until_as_many_others_were() {
        let recent = Recent::new(2);
        let made = Cell::new(0);
        let ask = |key: usize| {
            let value = recent.get(key, || {
                made.set(made.get() + 1);
                10 * key
            });
            (*value, made.get())
        };
        assert_eq!([1, 2, 1, 2].map(ask), [(10, 1), (20, 2), (10, 2), (20, 2)]);
        assert_eq!([3, 2, 1].map(ask), [(30, 3), (20, 3), (10, 4)]);
    }
}
