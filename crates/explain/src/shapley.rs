//! Shapley interactions, sampled.

use rand::Rng;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

/// A sampled interaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampledInteraction {
    /// The estimate.
    pub value: f64,
    /// Its standard error; 0 where every draw gave the same.
    pub standard_error: f64,
}

/// `I([S])`: the Shapley value of a coalition that plays as one, minus what its members have each
/// playing without the others (CADDM, section 3.2 and Eq. 1), by Monte Carlo.
///
/// A draw orders the players outside of the coalition at random and lets those before a random place
/// play already, `T`; it adds `f(T + S) - f(T) - sum over i in S of (f(T + i) - f(T))`. The mean of
/// the draws is unbiased. Where the coalition is everybody, `T` is empty, and one draw is exact.
///
/// - `score`: `f`, of who plays, a flag for each player
/// - `players`: how many there are
/// - `coalition`: `S`, distinct players
/// - `draws`: at least one; each takes `|S| + 2` scores
///
/// # Panics
///
/// Panics if a member of the coalition is no player, or if there are no draws.
pub fn sampled_interaction(
    mut score: impl FnMut(&[bool]) -> f64,
    players: usize,
    coalition: &[usize],
    draws: usize,
    rng: &mut impl Rng,
) -> SampledInteraction {
    assert!(draws > 0, "at least one draw is needed");
    let mut others: Vec<usize> = (0..players)
        .filter(|player| !coalition.contains(player))
        .collect();
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..draws {
        others.shuffle(rng);
        let before = rng.random_range(0..=others.len());
        let mut plays = vec![false; players];
        for &player in &others[..before] {
            plays[player] = true;
        }
        let without = score(&plays);
        let mut alone = 0.0;
        for &member in coalition {
            plays[member] = true;
            alone += score(&plays) - without;
            plays[member] = false;
        }
        for &member in coalition {
            plays[member] = true;
        }
        let value = score(&plays) - without - alone;
        sum += value;
        squares += value * value;
    }
    let n = draws as f64;
    let variance = (squares / n - (sum / n).powi(2)).max(0.0);
    SampledInteraction {
        value: sum / n,
        standard_error: (variance / n).sqrt(),
    }
}
