//! Which of several machines writes what.

use std::fmt;
use std::str::FromStr;

/// One machine's share of the shards: those whose number is `index` modulo `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: u32,
    of: u32,
}

/// Why a share makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no share; expected i/n with i from 0 to n - 1, such as 0/4")]
pub struct ShareError(String);

impl Share {
    /// Every shard.
    pub const ALL: Self = Self { index: 0, of: 1 };

    /// Share `index` (from 0) of `of`.
    ///
    /// # Errors
    ///
    /// [`ShareError`] unless `index < of`.
    pub fn new(index: u32, of: u32) -> Result<Self, ShareError> {
        if index < of {
            Ok(Self { index, of })
        } else {
            Err(ShareError(format!("{index}/{of}")))
        }
    }

    /// All shares of the division that this one is of, itself among them, in order.
    pub fn all(self) -> impl Iterator<Item = Self> {
        (0..self.of).map(move |index| Self { index, ..self })
    }

    /// Whether a shard belongs to this share.
    pub fn holds(self, shard: u32) -> bool {
        shard % self.of == self.index
    }
}

impl FromStr for Share {
    type Err = ShareError;

    /// `"i/n"`, as job arrays count: `0/4`, `1/4`, `2/4`, `3/4`.
    fn from_str(text: &str) -> Result<Self, ShareError> {
        text.split_once('/')
            .and_then(|(index, of)| Self::new(index.parse().ok()?, of.parse().ok()?).ok())
            .ok_or_else(|| ShareError(text.into()))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_part_the_shards() {
        let shares: Vec<Share> = (0..3).map(|i| Share::new(i, 3).unwrap()).collect();
        for shard in 0..10 {
            assert_eq!(shares.iter().filter(|s| s.holds(shard)).count(), 1);
            assert!(Share::ALL.holds(shard));
        }
        assert!(shares[1].all().eq(shares));
    }

    #[test]
    fn only_shares_are_read() {
        assert_eq!("1/3".parse(), Share::new(1, 3));
        assert_eq!(Share::new(1, 3).unwrap().to_string(), "1/3");
        for text in ["", "1", "3/3", "0/0", "-1/2", "1/2/3", "a/b", "1 /2"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
